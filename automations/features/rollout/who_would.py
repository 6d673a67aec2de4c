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
from automations.engine.rules.rule import rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.history.log_phrases import record_words
from automations.features.history.upcoming_runs import next_firings
from automations.features.past.caps import has_caps
from automations.features.past.fired_for import fired_for, number_of_customers
from automations.features.past.matches import Matches, moment_of
from automations.features.past.period import DEFAULT, Period, period_of
from automations.features.past.time_moments import NotTimed
from automations.features.rollout.first_time import first_time
from automations.features.scheduling.due_columns import NoColumn
from automations.messages.store_formats import formats_of
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
    #: That of the amount; "" is the store's.
    currency: str
    at: dt.datetime


@dataclass(frozen=True)
class WhoWould:
    """What a draft would have done in a period, its own limits taken off.

    `gained` and `lost` are None where nothing is live; both are about firings, before limits.
    """

    period: Period
    noun: str
    times: int
    records: int
    #: Distinct customers; 0 where the records are the customers, or nobody's.
    customers: int
    #: How many more its own limits would have kept from running.
    kept_back: int
    newest: Sequence[Person]
    gained: int | None
    lost: int | None
    #: Whether one of the two versions has limits, so that gained and lost are more than what would run.
    limited: bool
    #: Since when the log is complete, if that is later than the period's begin.
    known_from: dt.datetime | None
    #: When it is expected first, and on what that rests.
    first: str
    because: str


def who_would(
    session: Session, store: Store, data: Mapping[str, Any], live: Version | None, now: dt.datetime
) -> WhoWould | None:
    """Return what a complete draft would have done against the `live` version; None if it cannot be asked."""
    period, zone = period_of(DEFAULT, store, now), ZoneInfo(store.timezone)
    try:
        new = fired_for(session, store, rule_from(0, data), period, now)
        old = fired_for(session, store, rule_from(live.id, live.definition), period, now) if live else None
    except (BrokenRule, NotTimed):
        return None
    subject = SUBJECTS[data["subject"]]
    coming = _next(session, store, data, now) if data["trigger"]["key"] in TIMED else None
    ran, customers = new.within(data.get("caps"))
    ats = [moment_of(at) for at in ran.ats.tolist()]
    first, because = first_time(
        ats, coming, subject.label.lower(), now.astimezone(zone), formats_of(store.language)
    )
    since = complete_since(store, period.until)
    records = ran.records()
    return WhoWould(
        period=period,
        noun=(subject.label if records == 1 else subject.plural).lower(),
        times=len(ran),
        records=records,
        customers=0 if subject.key == "customer" else number_of_customers(customers),
        kept_back=len(new.matches) - len(ran),
        newest=_people(session, data["subject"], ran, ats),
        gained=len(new.keys - old.keys) if old else None,
        lost=len(old.keys - new.keys) if old else None,
        limited=has_caps(data.get("caps")) or bool(live and has_caps(live.definition.get("caps"))),
        known_from=since if since and since - period.since >= dt.timedelta(days=1) else None,
        first=first,
        because=because,
    )


def _next(session: Session, store: Store, data: Mapping[str, Any], now: dt.datetime) -> Sequence[dt.datetime]:
    try:
        return next_firings(data["trigger"], data["subject"], store, now, session=session)
    except NoColumn:
        return ()


def _people(session: Session, subject: str, ran: Matches, ats: Sequence[dt.datetime]) -> list[Person]:
    newest = list(zip(ats, ran.ids.tolist(), strict=True))[: -NAMED - 1 : -1]
    rows = session.scalars(sa.select(Occurrence).where(Occurrence.id.in_([id for _, id in newest])))
    by_id = {row.id: row for row in rows}
    return [_person(subject, by_id[id], at) for at, id in newest if id in by_id]


def _person(subject: str, occurrence: Occurrence, at: dt.datetime) -> Person:
    snapshot = occurrence.snapshot
    customer = snapshot.get("customer") if isinstance(snapshot.get("customer"), Mapping) else {}
    total = snapshot.get("total")
    amount = Decimal(str(total)) if isinstance(total, (str, int, float)) and str(total) else None
    name = str((customer or {}).get("name") or "") if subject != "customer" else ""
    record, currency = record_words(subject, snapshot), str(snapshot.get("currency") or "")
    return Person(record, subject, occurrence.record_id, name, amount, currency, at)
