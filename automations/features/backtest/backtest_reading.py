"""Reads a backtest stretch by stretch, newest first: in the worker, or at once where there is little."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from automations.engine.rules.rule import Rule, rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.backtest import funnels
from automations.features.backtest.compare import Comparison, compare, days_at_once, strides
from automations.features.past.firings import Firing, is_timed
from automations.features.past.period import Period
from automations.models.db.base import db, run_in_write
from automations.models.settings.choices import StoreWords
from automations.models.tables.backtest import (
    DONE,
    FAILED,
    FATES,
    RUNNING,
    WAITING,
    Backtest,
    BacktestPart,
)
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.records.evaluation_context import occurrence_triggers

log = logging.getLogger("automations.backtest")

#: Firings in one row.
PART = 1_000
#: After this time without a word from the worker that reads it, another one goes on.
LEASE = dt.timedelta(minutes=2)
FAILURE = "It could not be read to the end. Start it again; what was read is below."
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

GoOn = Callable[[], bool]
#: The draft as data and as a rule, then the live version in the same way, if there is one.
Rules = tuple[Mapping[str, Any], Rule, Mapping[str, Any] | None, Rule | None]


@dataclass(frozen=True, slots=True)
class Stride:
    """One stretch of the past, read: how many occurrences it holds, and what becomes of each firing."""

    period: Period
    read: int
    compared: Comparison
    #: Further figures of everything from the beginning of this stretch on.
    figures: Mapping[str, Any] = field(default_factory=dict)


def no_figures() -> dict[str, Any]:
    """Return the figures before anything is read."""
    return {**dict.fromkeys(FATES, 0), "days": {}}


def recorded(session: Session, store: Store, rule: Rule, period: Period) -> int:
    """Return how many occurrences of the period the rule is judged against."""
    within = sa.and_(Occurrence.at >= period.since, Occurrence.at < period.until)
    counted = sa.select(sa.func.count()).select_from(Occurrence).where(_heard(store, rule), within)
    return session.scalar(counted) or 0


def first_at(session: Session, store: Store, rule: Rule, period: Period) -> dt.datetime | None:
    """Return when the first occurrence of the period was that the rule is judged against."""
    within = sa.and_(Occurrence.at >= period.since, Occurrence.at < period.until)
    return session.scalar(sa.select(sa.func.min(Occurrence.at)).where(_heard(store, rule), within))


def read_stride(
    session: Session,
    store: Store,
    words: StoreWords,
    rules: Rules,
    period: Period,
    until: dt.datetime,
) -> Stride:
    """Return what becomes of the firings of one stretch, and the funnels from there `until` the end.

    Raises BrokenRule.
    """
    data, draft, live_data, live = rules
    compared = compare(session, store, draft, live, period)
    whole = Period(period.since, until, None)
    figures = funnels.figures(session, store, words, data, live_data, whole)
    if is_timed(draft):
        known = compared.known_from
        figures["known_from"] = known.isoformat() if known else None
    return Stride(period, recorded(session, store, draft, period), compared, figures)


def add_stride(session: Session, backtest: Backtest, stride: Stride, zone: ZoneInfo) -> None:
    """Write a stretch to the backtest, inside write()."""
    figures = {**backtest.figures, "days": dict(backtest.figures["days"]), **stride.figures}
    # The newest stretch is read first; what is not known in it is not known in older ones.
    known = filter(None, (backtest.figures.get("known_from"), stride.figures.get("known_from")))
    figures["known_from"] = max(known, default=None)
    figures["unknown"] = max(backtest.figures.get("unknown", 0), stride.compared.unknown)
    for place, fate in enumerate(FATES):
        found = stride.compared.fates[fate]
        figures[fate] += len(found)
        for day, count in Counter(f"{firing.at.astimezone(zone):%Y-%m-%d}" for firing in found).items():
            counts = list(figures["days"].get(day, (0, 0, 0)))
            counts[place] += count
            figures["days"][day] = counts
        for begin in range(0, len(found), PART):
            listed = [_entry(firing) for firing in found[begin : begin + PART]]
            row = BacktestPart(backtest_id=backtest.id, fate=fate, count=len(listed), firings=listed)
            session.add(row)
            # The order of the ids is the order of the rows.
            session.flush()
    backtest.figures = figures
    backtest.read += stride.read
    backtest.read_to = stride.period.since


def read_all(now: Callable[[], dt.datetime], worker: str, go_on: GoOn) -> int:
    """Read what waits, one backtest after the other and one of a store at a time; return how many ended.

    `worker` names who does it: what a worker of this name had begun before it died is gone on with at once.
    Needs an application context.
    """
    ended = 0
    while go_on():
        claimed = run_in_write(partial(_claim, worker=worker, now=now()))
        if claimed is None:
            break
        ended += _read(claimed, worker, now, go_on)
    db.session.rollback()
    return ended


def moment_of(micros: int) -> dt.datetime:
    """Return the instant that many microseconds after the beginning of 1970."""
    return _EPOCH + micros * _MICROSECOND


def _heard(store: Store, rule: Rule) -> sa.ColumnElement[bool]:
    """Match the occurrences a rule is judged against: for a time trigger, all that tell of its records."""
    of_subject = sa.and_(Occurrence.store_id == store.id, Occurrence.subject == rule.subject)
    if is_timed(rule):
        return of_subject
    return sa.and_(of_subject, Occurrence.trigger.in_(occurrence_triggers(rule.trigger.key)))


def _entry(firing: Firing) -> list[int]:
    return [firing.occurrence_id, firing.record_id, (firing.at - _EPOCH) // _MICROSECOND]


def _claim(session: Session, worker: str, now: dt.datetime) -> int | None:
    """Take the oldest backtest that nobody reads, of a store of which none is read."""
    other = aliased(Backtest)
    busy = sa.select(other.id).where(other.store_id == Backtest.store_id, other.state == RUNNING)
    left = sa.or_(Backtest.claim == worker, Backtest.claimed_until < now)
    free = sa.or_(
        sa.and_(Backtest.state == RUNNING, left), sa.and_(Backtest.state == WAITING, ~busy.exists())
    )
    found = session.execute(
        sa.select(Backtest.id, Backtest.state, Backtest.claim).where(free).order_by(Backtest.id).limit(1)
    ).first()
    if found is None:
        return None
    seen = sa.and_(Backtest.state == found.state, Backtest.claim.is_not_distinct_from(found.claim))
    values = {"state": RUNNING, "claim": worker, "claimed_until": now + LEASE}
    values["started_at"] = sa.func.coalesce(
        Backtest.started_at, sa.bindparam("now", now, Backtest.started_at.type)
    )
    taken = sa.update(Backtest).where(Backtest.id == found.id, seen).values(**values)
    return int(found.id) if session.connection().execute(taken).rowcount else None


def _read(backtest_id: int, worker: str, now: Callable[[], dt.datetime], go_on: GoOn) -> bool:
    """Read one backtest on from where it is; return whether it ended."""
    try:
        while go_on():
            work = _next(db.session(), backtest_id)
            db.session.rollback()
            if not run_in_write(
                partial(_keep, backtest_id=backtest_id, worker=worker, stride=work, now=now())
            ):
                return False
            if work is None:
                return True
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        log.exception("backtest %s", backtest_id)
        db.session.rollback()
        sentence = str(error) if isinstance(error, BrokenRule) else FAILURE
        run_in_write(partial(_end, backtest_id=backtest_id, worker=worker, problem=sentence, now=now()))
        return True
    return False


def _next(session: Session, backtest_id: int) -> Stride | None:
    """Read the next stretch; None if there is none left."""
    backtest = session.get_one(Backtest, backtest_id, populate_existing=True)
    store = session.get_one(Store, backtest.store_id)
    version = backtest.version
    live_data = version.definition if version else None
    draft, live = rule_from(0, backtest.draft), rule_from(0, live_data) if live_data else None
    days = days_at_once(backtest.since, backtest.until, draft, live)
    zone = ZoneInfo(store.timezone)
    period = next(strides(backtest.since, backtest.read_to or backtest.until, zone, days), None)
    if period is None:
        return None
    rules = (backtest.draft, draft, live_data, live)
    return read_stride(session, store, StoreWords(session, store), rules, period, backtest.until)


def _keep(session: Session, backtest_id: int, worker: str, stride: Stride | None, now: dt.datetime) -> bool:
    """Write what was read, or the end, inside write(); return False if it is no longer this worker's."""
    if stride is None:
        return _end(session, backtest_id, worker, None, now)
    backtest = session.get_one(Backtest, backtest_id, with_for_update=True, populate_existing=True)
    if backtest.state != RUNNING or backtest.claim != worker:
        return False
    if (backtest.read_to or backtest.until) == stride.period.until:
        store = session.get_one(Store, backtest.store_id)
        add_stride(session, backtest, stride, ZoneInfo(store.timezone))
    backtest.claimed_until = now + LEASE
    session.flush()
    return True


def _end(session: Session, backtest_id: int, worker: str, problem: str | None, now: dt.datetime) -> bool:
    values = {"state": FAILED if problem else DONE, "problem": problem, "finished_at": now}
    mine = sa.and_(Backtest.id == backtest_id, Backtest.state == RUNNING, Backtest.claim == worker)
    ended = sa.update(Backtest).where(mine).values(**values, claim=None, claimed_until=None)
    return bool(session.connection().execute(ended).rowcount)
