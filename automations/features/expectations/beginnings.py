"""When an expectation begins: the occurrences that its rule would have fired on, as the log has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.rule import Rule
from automations.features.expectations.sent_log import chunks
from automations.features.history.id_by_date import id_range
from automations.features.history.listeners import OccurrenceToExplain
from automations.features.past.firings import Firing
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer import ERASED, Customer
from automations.models.tables.event import Event
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.pipeline.records.evaluation_context import listening_triggers, occurrence_triggers

#: Occurrences read at a time.
PIECE = 500
_TABLES: Mapping[str, Any] = {"order": Order, "event": Event}


def begun(
    session: Session, words: StoreWords, rule: Rule, since: dt.datetime, until: dt.datetime
) -> list[Firing]:
    """Return the firings from `since` to before `until`; as `matches` does, without the whole log."""
    in_store = sa.select(Occurrence.id, Occurrence.at).where(Occurrence.store_id == words.store_id)
    key: Any = Occurrence.id
    ids = id_range(session, in_store, key, since, until)
    low, high = ids or (0, 0)
    within = (Occurrence.id >= low, Occurrence.id <= high, Occurrence.at >= since, Occurrence.at < until)
    return list(_firing(session, words, rule, *within))


def begun_later(
    session: Session,
    words: StoreWords,
    rule: Rule,
    record_ids: Collection[int],
    since: dt.datetime,
    until: dt.datetime,
) -> list[Firing]:
    """Return the firings of these records from `since` to before `until`."""
    found: list[Firing] = []
    for ids in chunks(record_ids):
        within = (Occurrence.record_id.in_(ids), Occurrence.at >= since, Occurrence.at < until)
        found += _firing(session, words, rule, *within)
    return found


def erased_among(session: Session, store_id: int, subject: str, record_ids: Collection[int]) -> set[int]:
    """Return the records whose customer was erased: what they got is no longer in the log."""
    erased: set[int] = set()
    for ids in chunks(record_ids):
        if subject == "customer":
            query = sa.select(Customer.id).where(Customer.id.in_(ids))
        else:
            table = _TABLES[subject]
            query = sa.select(table.id).join(Customer, Customer.id == table.customer_id)
            query = query.where(table.id.in_(ids))
        mine = query.where(Customer.store_id == store_id, Customer.first_name == ERASED)
        erased |= set(session.scalars(mine))
    return erased


def _firing(
    session: Session, words: StoreWords, rule: Rule, *within: sa.ColumnElement[bool]
) -> Iterator[Firing]:
    listened = sa.select(Occurrence).where(
        Occurrence.store_id == words.store_id,
        Occurrence.subject == rule.subject,
        Occurrence.trigger.in_(occurrence_triggers(rule.trigger.key)),
        *within,
    )
    custom, after = words.custom_ever(rule.subject), 0
    while True:
        page = listened.where(Occurrence.id > after).order_by(Occurrence.id).limit(PIECE)
        rows = session.scalars(page).all()
        for occurrence in rows:
            if rule.trigger.key not in listening_triggers(occurrence.trigger, occurrence.changed):
                continue
            try:
                fires = OccurrenceToExplain(occurrence, custom).explain(rule).fires
            except ValueError:
                # A value that cannot be read starts no automation either.
                continue
            finally:
                # A long log must not stay in memory with the session.
                session.expunge(occurrence)
            if fires:
                yield Firing(occurrence.at, occurrence.record_id, occurrence.id)
        if len(rows) < PIECE:
            return
        after = rows[-1].id
