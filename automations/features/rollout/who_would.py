"""Who would have got it: what a draft would have done in the last 90 days, and when it runs first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule, rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.history.log_phrases import record_words
from automations.features.history.upcoming_runs import next_firings
from automations.features.past.asking import matches
from automations.features.past.matches import moment_of
from automations.features.past.period import DEFAULT, Period, period_of
from automations.features.past.time_moments import NotTimed, time_matches
from automations.features.rollout.first_time import first_time
from automations.features.scheduling.due_columns import NoColumn
from automations.models.settings.log_retention import complete_since
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.schedule_progress import TIMED
from automations.models.tables.store import Store

#: The newest that are named.
NAMED = 4


@dataclass(frozen=True)
class Person:
    """One record that would have been reached: its name, whose it is, its amount, and when."""

    record: str
    subject: str
    record_id: int
    name: str
    amount: Decimal | None
    at: dt.datetime


@dataclass(frozen=True)
class WhoWould:
    """What a draft would have done in a period. `gained` and `lost` are None where nothing is live."""

    period: Period
    noun: str
    times: int
    records: int
    newest: Sequence[Person]
    gained: int | None
    lost: int | None
    #: Since when the log is complete, if that is later than the period's begin.
    known_from: dt.datetime | None
    #: When it is expected first, and on what that rests.
    first: str
    because: str


@dataclass(frozen=True)
class _Fired:
    """The firings of one rule: by record and instant, with the log's entry of each, oldest first."""

    keys: frozenset[tuple[int, int]]
    entries: Sequence[tuple[dt.datetime, int, int]]


def who_would(
    session: Session, store: Store, data: Mapping[str, Any], live: Version | None, now: dt.datetime
) -> WhoWould | None:
    """Return what a complete draft would have done against the `live` version; None if it cannot be asked."""
    period, zone = period_of(DEFAULT, store, now), ZoneInfo(store.timezone)
    try:
        new = _fired(session, store, rule_from(0, data), period, now)
        old = _fired(session, store, rule_from(live.id, live.definition), period, now) if live else None
    except (BrokenRule, NotTimed):
        return None
    subject = SUBJECTS[data["subject"]]
    coming = _next(session, store, data, now) if data["trigger"]["key"] in TIMED else None
    first, because = first_time([at for at, *_ in new.entries], coming, subject.label.lower(), now, zone)
    since = complete_since(store, period.until)
    return WhoWould(
        period=period,
        noun=subject.plural.lower(),
        times=len(new.keys),
        records=len({record_id for record_id, _ in new.keys}),
        newest=_people(session, data["subject"], new.entries[: -NAMED - 1 : -1]),
        gained=len(new.keys - old.keys) if old else None,
        lost=len(old.keys - new.keys) if old else None,
        known_from=since if since and since - period.since >= dt.timedelta(days=1) else None,
        first=first,
        because=because,
    )


def _fired(session: Session, store: Store, rule: Rule, period: Period, now: dt.datetime) -> _Fired:
    if rule.trigger.key in TIMED:
        moments = time_matches(session, store, rule, period, now)
        keys = frozenset((one.record_id, int(one.due_at.timestamp())) for one in moments)
        return _Fired(keys, [(one.at, one.record_id, one.occurrence_id) for one in moments])
    found = matches(session, store, rule, period)
    rows = zip(found.ats.tolist(), found.record_ids.tolist(), found.ids.tolist(), strict=True)
    entries = [(moment_of(at), record_id, id) for at, record_id, id in rows]
    return _Fired(frozenset((record_id, id) for _, record_id, id in entries), entries)


def _next(session: Session, store: Store, data: Mapping[str, Any], now: dt.datetime) -> Sequence[dt.datetime]:
    try:
        return next_firings(data["trigger"], data["subject"], store, now, session=session)
    except NoColumn:
        return ()


def _people(session: Session, subject: str, entries: Sequence[tuple[dt.datetime, int, int]]) -> list[Person]:
    ids = [id for *_, id in entries]
    rows = session.scalars(sa.select(Occurrence).where(Occurrence.id.in_(ids)))
    by_id = {row.id: row for row in rows}
    return [_person(subject, by_id[id], at) for at, _, id in entries if id in by_id]


def _person(subject: str, occurrence: Occurrence, at: dt.datetime) -> Person:
    snapshot = occurrence.snapshot
    customer = snapshot.get("customer") if isinstance(snapshot.get("customer"), Mapping) else {}
    total = snapshot.get("total")
    amount = Decimal(str(total)) if isinstance(total, (str, int, float)) and str(total) else None
    name = str((customer or {}).get("name") or "") if subject != "customer" else ""
    return Person(record_words(subject, snapshot), subject, occurrence.record_id, name, amount, at)
