"""Erases one customer: their orders and the log stay readable, but nothing in them identifies the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.order_delivery import DELIVERY_ADDRESS
from automations.engine.fields.subjects import SUBJECTS
from automations.features.examples.unknown_values import changed_keys
from automations.features.privacy import (
    erase_imports,
    erase_merges,
    erase_shops,
    erase_undo_steps,
    erase_workflows,
)
from automations.features.privacy.customer_rows import CustomerRows
from automations.features.privacy.redaction import DELIVERED, Eraser, reaching, telling
from automations.features.search.kept_words import keep, locked_progress
from automations.models.db import text_search
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.called_host import CalledHost
from automations.models.tables.custom_field import fields_of
from automations.models.tables.customer import ERASED, Customer
from automations.models.tables.event import Event
from automations.models.tables.example import Example
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.people import IdempotencyKey
from automations.models.tables.run import RUNNING, Attempt, Message, Run
from automations.models.tables.segment import SegmentMember
from automations.models.tables.store import Store, note_log_change
from automations.models.tables.task import Task
from automations.pipeline.delivery import taking_back
from automations.pipeline.intake.custom_values import key_of
from automations.pipeline.records.record_kinds import KEPT

#: Columns with text that people wrote, or that was made from it. Other columns hold keys and states.
#: The audit has none: it names records by their numbers, and its rows are chained for good.
_TEXTS: Mapping[Any, tuple[str, ...]] = {
    Occurrence: ("snapshot", "moment", "cause", "from_value", "to_value"),
    Order: SUBJECTS["order"].free_texts,
    Event: SUBJECTS["event"].free_texts,
    Evaluation: ("error",),
    Run: ("reason", "prepared"),
    Attempt: ("detail", "prepared", "answer", "provider_id"),
    Message: ("to", "to_name", "subject", "body", "layout", "provider_id"),
    Task: ("title", "description", "checklist"),
    Notification: ("title", "body"),
    CalledHost: ("last_error",),
    Example: ("snapshot", "moment", "from_value", "to_value", "note"),
}
_RECORDS: tuple[Any, ...] = (Order, Event)
#: What an order or event says about people in words.
_PERSONAL = ("note", "custom", *DELIVERED)
#: What is left in a customer's field, by its type; the others become empty.
_BLANK = {"text": "", "bool": False}
#: Tables with texts in which anyone may have written about the customer.
_ANYWHERE: tuple[Any, ...] = (Task, Notification, Message, CalledHost)


def erase(session: Session, store: Store, customer: Customer, now: dt.datetime) -> int:
    """Remove the customer from everything, inside write(); return how many rows were changed.

    Call `settle` after the commit: until then old pages of the database still hold their data. Runs about
    them are taken back from their workers, which hold what they are sending.
    """
    # Who changes the words of a search takes them before any record.
    locked_progress(session)
    erase_imports.locked(session, store.id)
    erase_undo_steps.locked(session, store.id)
    # The store first, as everywhere. Then the runs: a worker that records one locks the customer after it.
    note_log_change(session, store.id, rewritten=True)
    under_way = taking_back.running(session, store.id, customer.id)
    taking_back.take_back(session, under_way, now)
    # Writes about them that are under way commit first, or they would keep the name; later ones wait.
    session.refresh(customer, with_for_update=True)
    customer_rows = CustomerRows.of(session, customer)
    taking_back.take_back(session, list(session.scalars(customer_rows.runs(Run.state == RUNNING))), now)
    people = [
        _row(customer),
        *erase_merges.merged_people(session, customer.id),
        *_people(session, customer_rows),
    ]
    strong = reaching(people, store.region)
    closed, typed = _own_keys(session, store.id)
    erased = Eraser(strong | telling(people, closed), typed)
    workflows = sa.select(Run.workflow_id).where(
        Run.id.in_(customer_rows.runs()), Run.workflow_id.is_not(None)
    )
    ids = [id for id in session.scalars(workflows) if id]
    changed = sum(_rewrite(session, table, where, erased) for table, where in _places(customer_rows, strong))
    changed += _rewrite_examples(session, store, customer_rows, erased)
    changed += erase_workflows.erase(session, ids, strong, erased)
    changed += erase_shops.erase(session, customer_rows, strong, erased)
    changed += erase_merges.erase(session, customer.id)
    changed += erase_undo_steps.erase(session, customer_rows)
    changed += erase_imports.erase(session, customer_rows, strong, erased)
    session.execute(sa.delete(SegmentMember).where(SegmentMember.customer_id == customer.id))
    _forget_answers(session, customer_rows, strong, customer.number)
    _blank(customer, now)
    session.flush()
    for subject, record_ids in customer_rows.all_records(session).items():
        keep(session, store, subject, record_ids)
    return changed + 1


def settle(session: Session) -> bool:
    """Truncate the database's journal, so that it holds no old page; return False while others still read."""
    session.rollback()
    if db.engine.dialect.name != "sqlite":
        return True
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()
    return busy is not None and busy[0] == 0


def is_erased(customer: Customer) -> bool:
    """Return whether there is nothing left to erase."""
    return customer.first_name == ERASED and not (customer.email or customer.phone or customer.last_name)


def _places(customer_rows: CustomerRows, strong: set[str]) -> Iterator[tuple[Any, sa.ColumnElement[bool]]]:
    """Return (table, condition on its rows) for everything that may name the customer."""
    yield Occurrence, customer_rows.happened(Occurrence.id)
    yield Order, Order.customer_id == customer_rows.customer_id
    yield Event, Event.customer_id == customer_rows.customer_id
    yield Evaluation, customer_rows.happened(Evaluation.occurrence_id)
    yield Run, Run.id.in_(customer_rows.runs())
    yield Attempt, Attempt.run_id.in_(customer_rows.runs())
    for table in _ANYWHERE:
        theirs = [table.run_id.in_(customer_rows.runs())] if hasattr(table, "run_id") else []
        theirs += [customer_rows.about(table)] if hasattr(table, "record_id") else []
        yield (
            table,
            sa.and_(
                table.store_id == customer_rows.store_id, sa.or_(*theirs, _names_customer(table, strong))
            ),
        )


def _names_customer(table: Any, strong: Iterable[str]) -> sa.ColumnElement[bool]:
    columns = [sa.type_coerce(getattr(table, name), sa.Text) for name in _TEXTS[table]]
    return sa.or_(sa.false(), *(text_search.contains(column, text) for column in columns for text in strong))


def _rewrite(
    session: Session, table: Any, where: sa.ColumnElement[bool], erased: Callable[[Any], Any]
) -> int:
    names = _TEXTS[table]
    rows = session.execute(sa.select(table.id, *(getattr(table, name) for name in names)).where(where)).all()
    changed = 0
    for id, *values in rows:
        new = [erased({name: value})[name] for name, value in zip(names, values, strict=True)]
        if new != values:
            change = sa.update(table.__table__).where(table.__table__.c.id == id)
            session.execute(change.values(dict(zip(names, new, strict=True))))
            changed += 1
    return changed


def _rewrite_examples(
    session: Session, store: Store, customer_rows: CustomerRows, erased: Callable[[Any], Any]
) -> int:
    """Erase the customer from pinned examples, which keep the keys of the fields they lost."""
    words, changed = StoreWords(session, store), 0
    for example in session.scalars(sa.select(Example).where(customer_rows.pinned())):
        before = {name: getattr(example, name) for name in _TEXTS[Example]}
        after = erased(before)
        if after != before:
            lost = changed_keys(words.subject(example.subject), before, after)
            example.erased = list(dict.fromkeys([*(example.erased or ()), *lost])) or None
            for name, value in after.items():
                setattr(example, name, value)
            changed += 1
    session.flush()
    return changed


def _own_keys(session: Session, store_id: int) -> tuple[set[str], set[str]]:
    """Return the keys of own fields with words of the store as values, and of those without free text."""
    types: dict[str, set[str]] = {}
    for fields in fields_of(session, store_id, removed=True).values():
        for field in fields.values():
            types.setdefault(key_of(field), set()).add(field.type)
    closed = {key for key, kinds in types.items() if kinds <= {"choice", "bool"}}
    return closed, {key for key, kinds in types.items() if kinds != {"text"}}


def _people(session: Session, customer_rows: CustomerRows) -> Iterator[Mapping[str, Any]]:
    """Return the customer as they were at any time, with the notes of their records."""
    snapshots = sa.select(Occurrence.subject, Occurrence.snapshot).where(
        customer_rows.happened(Occurrence.id)
    )
    for subject, snapshot in session.execute(snapshots):
        if subject == "customer":
            yield snapshot
            continue
        # An order that was moved to someone else keeps its note: it is no longer this customer's.
        person = snapshot.get("customer") or {}
        if person.get("id") in customer_rows.ids:
            yield person
            yield from _texts_of(snapshot)
    for example in session.scalars(sa.select(Example).where(customer_rows.pinned())):
        before = (example.moment or {}).get("previous") or {}
        person = example.snapshot if example.subject == "customer" else example.snapshot.get("customer") or {}
        if person.get("id") in customer_rows.ids:
            yield from (person, person | before if example.subject == "customer" else example.snapshot)
    for table in _RECORDS:
        columns = [getattr(table, name) for name in _PERSONAL if hasattr(table, name)]
        rows = sa.select(*columns).where(table.customer_id == customer_rows.customer_id)
        for row in session.execute(rows).mappings():
            yield from _texts_of(dict(row))


def _texts_of(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what an order or event says about people, and the phone number of its address."""
    said = {name: record.get(name) for name in _PERSONAL}
    yield said
    yield {"phone": (said[DELIVERY_ADDRESS] or {}).get("phone")}


def _row(customer: Customer) -> dict[str, Any]:
    names = ("first_name", "last_name", "email", "phone", "note", "custom")
    return {name: getattr(customer, name) for name in names}


def _blank(customer: Customer, now: dt.datetime) -> None:
    for column, entry in SUBJECTS["customer"].columns.items():
        if column not in KEPT and entry.can_be_empty:
            setattr(customer, column, [] if entry.type == "tags" else _BLANK.get(entry.type))
    customer.first_name, customer.marketing_consent_since, customer.phone_key = ERASED, None, ""
    customer.revision, customer.updated_at = customer.revision + 1, now


def _forget_answers(
    session: Session, customer_rows: CustomerRows, strong: Iterable[str], number: str
) -> None:
    """Forget the API answers kept for repeated requests, which would name the customer."""
    answer, key = IdempotencyKey.answer, IdempotencyKey.key
    named = [text_search.contains(column, text) for column in (answer, key) for text in strong]
    mentions = sa.or_(answer.contains(f'"number":"{number}"', autoescape=True), *named)
    session.execute(
        sa.delete(IdempotencyKey).where(IdempotencyKey.store_id == customer_rows.store_id, mentions)
    )
