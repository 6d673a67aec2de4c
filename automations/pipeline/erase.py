"""Erasing one customer: her orders and the log stay readable, and nothing in them says who she was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.subjects import SUBJECTS
from automations.models.base import db
from automations.models.customer import Customer
from automations.models.event import Event
from automations.models.notification import Notification
from automations.models.occurrence import Evaluation, Occurrence
from automations.models.order import Order
from automations.models.people import IdempotencyKey
from automations.models.run import Attempt, Message, Run
from automations.models.segment import SegmentMember
from automations.models.store import Store
from automations.models.task import Task
from automations.pipeline import erase_workflows
from automations.pipeline.erase_words import ERASED, Eraser, reaching, telling
from automations.pipeline.hers import Hers
from automations.pipeline.records import KEPT

#: Where texts stand that people wrote, or that were made from those. Other columns hold keys and states.
#: The audit has none: it names records by their numbers, and its rows are bound to each other for good.
_TEXTS: Mapping[Any, tuple[str, ...]] = {
    Occurrence: ("snapshot", "moment", "cause", "from_value", "to_value"),
    Order: SUBJECTS["order"].free_texts,
    Event: SUBJECTS["event"].free_texts,
    Evaluation: ("error",),
    Run: ("reason",),
    Attempt: ("detail", "prepared", "answer", "provider_id"),
    Message: ("to", "to_name", "subject", "body"),
    Task: ("title", "description", "checklist"),
    Notification: ("title", "body"),
}
_RECORDS: tuple[Any, ...] = (Order, Event)
#: What is left in a customer’s field, by its type; the others become empty.
_BLANK = {"text": "", "bool": False}
#: Texts anybody may have written about her, wherever.
_ANYWHERE: tuple[Any, ...] = (Task, Notification, Message)


def erase(session: Session, store: Store, customer: Customer, now: dt.datetime) -> int:
    """Take her out of everything, inside write(); returns how many rows were changed.

    Call `settle` after the commit: until then the old pages of the database still hold her.
    """
    # What is being written about her comes first, or it would keep her name; what is written next waits.
    session.refresh(customer, with_for_update=True)
    hers = Hers.of(session, customer)
    people = [_row(customer), *_people(session, hers)]
    strong = reaching(people, store.region)
    erased = Eraser(strong | telling(people))
    workflows = sa.select(Run.workflow_id).where(Run.id.in_(hers.runs()), Run.workflow_id.is_not(None))
    ids = [id for id in session.scalars(workflows) if id]
    changed = sum(_rewrite(session, table, where, erased) for table, where in _places(hers, strong))
    changed += erase_workflows.erase(session, ids, strong, erased)
    session.execute(sa.delete(SegmentMember).where(SegmentMember.customer_id == customer.id))
    _forget_answers(session, hers, strong, customer.number)
    _blank(customer, now)
    session.flush()
    return changed + 1


def settle(session: Session) -> bool:
    """Bring the database's journal to an end, so that it holds no old page; False while others still read."""
    session.rollback()
    if db.engine.dialect.name != "sqlite":
        return True
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()
    return busy is not None and busy[0] == 0


def is_erased(customer: Customer) -> bool:
    """Whether there is nothing left to erase."""
    return customer.first_name == ERASED and not (customer.email or customer.phone or customer.last_name)


def _places(hers: Hers, strong: set[str]) -> Iterator[tuple[Any, sa.ColumnElement[bool]]]:
    """(table, which of its rows) of everything that may name her."""
    yield Occurrence, hers.happened(Occurrence.id)
    yield Order, Order.customer_id == hers.customer_id
    yield Event, Event.customer_id == hers.customer_id
    yield Evaluation, hers.happened(Evaluation.occurrence_id)
    yield Run, Run.id.in_(hers.runs())
    yield Attempt, Attempt.run_id.in_(hers.runs())
    for table in _ANYWHERE:
        theirs = [table.run_id.in_(hers.runs())] if hasattr(table, "run_id") else []
        theirs += [hers.about(table)] if hasattr(table, "record_id") else []
        yield table, sa.and_(table.store_id == hers.store_id, sa.or_(*theirs, _names_her(table, strong)))


def _names_her(table: Any, strong: Iterable[str]) -> sa.ColumnElement[bool]:
    columns = [sa.type_coerce(getattr(table, name), sa.Text) for name in _TEXTS[table]]
    return sa.or_(
        sa.false(), *(column.icontains(text, autoescape=True) for column in columns for text in strong)
    )


def _rewrite(
    session: Session, table: Any, where: sa.ColumnElement[bool], erased: Callable[[Any], Any]
) -> int:
    names = _TEXTS[table]
    found = session.execute(sa.select(table.id, *(getattr(table, name) for name in names)).where(where)).all()
    changed = 0
    for id, *values in found:
        new = [erased(value) for value in values]
        if new != values:
            change = sa.update(table.__table__).where(table.__table__.c.id == id)
            session.execute(change.values(dict(zip(names, new, strict=True))))
            changed += 1
    return changed


def _people(session: Session, hers: Hers) -> Iterator[Mapping[str, Any]]:
    """Her as she was at any time, and the notes of her records."""
    snapshots = sa.select(Occurrence.subject, Occurrence.snapshot).where(hers.happened(Occurrence.id))
    for subject, snapshot in session.execute(snapshots):
        if subject == "customer":
            yield snapshot
            continue
        # An order that went to somebody else keeps its note: that is not hers any more.
        person = snapshot.get("customer") or {}
        if person.get("id") == hers.customer_id:
            yield person
            yield {"note": snapshot.get("note"), "custom": snapshot.get("custom")}
    for table in _RECORDS:
        rows = sa.select(table.note, table.custom).where(table.customer_id == hers.customer_id)
        yield from ({"note": note, "custom": custom} for note, custom in session.execute(rows))


def _row(customer: Customer) -> dict[str, Any]:
    names = ("first_name", "last_name", "email", "phone", "note", "custom")
    return {name: getattr(customer, name) for name in names}


def _blank(customer: Customer, now: dt.datetime) -> None:
    for column, entry in SUBJECTS["customer"].columns.items():
        if column not in KEPT and entry.can_be_empty:
            setattr(customer, column, [] if entry.type == "tags" else _BLANK.get(entry.type))
    customer.first_name, customer.marketing_consent_since = ERASED, None
    customer.revision, customer.updated_at = customer.revision + 1, now


def _forget_answers(session: Session, hers: Hers, strong: Iterable[str], number: str) -> None:
    """Answers of the API that are kept for a repeated request would give her away."""
    answer = IdempotencyKey.answer
    named = [answer.icontains(text, autoescape=True) for text in strong]
    said = sa.or_(answer.contains(f'"number":"{number}"', autoescape=True), *named)
    session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.store_id == hers.store_id, said))
