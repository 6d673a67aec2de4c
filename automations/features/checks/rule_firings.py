"""When rules would have fired in a period, for which records: by changes, by a date or status, on a schedule.

A schedule is due for every record of the store, so it is asked about those records alone that the rules
beside it fired for.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.rule import Rule
from automations.engine.rules.trigger_schedule import Scheduled
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.past.arrays import Ints, np
from automations.features.past.asking import matches
from automations.features.past.firings import is_timed
from automations.features.past.period import Period
from automations.features.past.time_moments import NotTimed, TimedPast
from automations.models.db.driver import connection_of
from automations.models.db.newest_first import of_store
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import KINDS

#: Two messages further apart than this follow one another, as a confirmation and a reminder do.
TOGETHER = dt.timedelta(days=1)
#: The most records that a schedule is asked about, the newest ones.
MOST_RECORDS = 1_000
#: The time triggers whose firings are kept.
MOST_KEPT = 64
MICROSECOND = dt.timedelta(microseconds=1)

_kept: dict[tuple[Any, ...], Firings] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Firings:
    """When a rule would have fired, for which record: parallel, in microseconds since 1970."""

    record_ids: Ints
    ats: Ints
    #: Whether there may be more, of records that were not asked about.
    partly: bool = False

    def newest(self, most: int) -> Firings:
        """Return those of the newest records, `most` at most."""
        ids = np.unique(self.record_ids)
        if len(ids) <= most:
            return self
        mask = np.isin(self.record_ids, ids[-most:])
        return Firings(self.record_ids[mask], self.ats[mask], partly=True)


def forget() -> None:
    """Ask anew for everything that is kept."""
    with _lock:
        _kept.clear()


def united_firings(parts: Sequence[Firings]) -> Firings:
    """Return the firings of several as one."""
    nothing = np.array([], np.int64)
    every = (Firings(nothing, nothing), *parts)
    ids, ats = np.concatenate([one.record_ids for one in every]), np.concatenate([one.ats for one in every])
    return Firings(ids, ats)


def is_regular(rule: Rule) -> bool:
    """Return whether it goes by the clock alone, and so is due for every record."""
    return isinstance(rule.trigger.schedule, Scheduled)


def firings(session: Session, store: Store, rule: Rule, period: Period) -> Firings:
    """Return when a rule that is not regular would have fired in the period. Raises BrokenRule."""
    if is_timed(rule):
        return _remembered(session, store, rule, period, None)
    found = matches(session, store, rule, period)
    return Firings(found.record_ids, found.ats)


def firings_beside(
    session: Session, store: Store, rule: Rule, period: Period, beside: Sequence[Firings]
) -> Firings:
    """Return when a regular rule would have fired for the records of these. Raises BrokenRule."""
    near = united_firings(beside).newest(MOST_RECORDS)
    return _remembered(session, store, rule, period, near)


def regular_firings(session: Session, store: Store, rule: Rule, period: Period) -> Firings:
    """Return when a regular rule would have fired for the newest records. Raises BrokenRule."""
    table = KINDS[rule.subject].table.c
    newest = session.scalars(of_store(sa.select(table.id), table, store.id).limit(MOST_RECORDS + 1)).all()
    ids = np.array(sorted(newest[:MOST_RECORDS]), np.int64)
    every = Firings(ids, np.array([], np.int64), partly=len(newest) > MOST_RECORDS)
    return _remembered(session, store, rule, period, every)


def _remembered(session: Session, store: Store, rule: Rule, period: Period, near: Firings | None) -> Firings:
    """Return the firings of a time trigger; kept until something new is recorded, as edits follow quickly."""
    newest = session.scalar(sa.select(sa.func.max(Occurrence.id)).where(Occurrence.store_id == store.id))
    asked = near.record_ids.tobytes() if near else b""
    whose = connection_of(session).engine, store.id, store.currency, store.ruleset
    key = (*whose, rule, period, newest, hash(asked))
    with _lock:
        kept = _kept.get(key)
    if kept is None:
        kept = _of_time(session, store, rule, period, near)
        with _lock:
            while len(_kept) >= MOST_KEPT:
                del _kept[next(iter(_kept))]
            _kept[key] = kept
    return kept


def _of_time(session: Session, store: Store, rule: Rule, period: Period, near: Firings | None) -> Firings:
    try:
        past = TimedPast(session, store, rule, period)
    except NotTimed as problem:
        raise BrokenRule(str(problem)) from problem
    found = past.matches(rule, None if near is None else np.unique(near.record_ids).tolist())
    return Firings(found.record_ids, found.ats, near is not None and near.partly)
