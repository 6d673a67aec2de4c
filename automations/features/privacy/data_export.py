"""Exports everything that is kept about one customer, as plain data: their right of access."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.privacy import erase_merges
from automations.features.privacy.customer_rows import CustomerRows
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.example import Example
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.run import Attempt, Message, Run
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.store import Store
from automations.models.tables.task import Task

#: For each part: its table, and the columns that are about the person rather than about our program.
_PARTS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "orders": (Order, ()),
    "events": (Event, ()),
    "log": (
        Occurrence,
        ("at", "subject", "trigger", "from_value", "to_value", "changed", "cause", "snapshot"),
    ),
    "messages": (Message, ("at", "channel", "to", "to_name", "sender", "subject", "body", "layout")),
    "actions": (Run, ("kind", "state", "reason", "due_at", "finished_at")),
    "attempts": (Attempt, ("started_at", "result", "detail", "prepared", "answer")),
    "examples": (Example, ("pinned_at", "label", "trigger", "from_value", "to_value", "snapshot", "note")),
    "tasks": (Task, ("title", "description", "checklist", "state", "created_at", "done_at")),
    "notifications": (Notification, ("title", "body", "created_at")),
}
_OURS = {"id", "store_id", "customer_id", "account_id", "revision"}


def everything(session: Session, store: Store, customer: Customer) -> dict[str, Any]:
    """Return everything about the customer as plain data, ready for JSON."""
    customer_rows = CustomerRows.of(session, customer)
    wheres = {
        Order: Order.customer_id == customer.id,
        Event: Event.customer_id == customer.id,
        Occurrence: customer_rows.happened(Occurrence.id),
        Example: customer_rows.pinned(),
        Message: Message.run_id.in_(customer_rows.runs()),
        Run: Run.id.in_(customer_rows.runs()),
        Attempt: Attempt.run_id.in_(customer_rows.runs()),
        Task: sa.and_(Task.store_id == store.id, customer_rows.about(Task)),
        Notification: sa.and_(Notification.store_id == store.id, customer_rows.about(Notification)),
    }
    member = sa.select(Segment.name).join(SegmentMember, SegmentMember.segment_id == Segment.id)
    return {
        "store": store.name,
        "customer": _plain_row(customer, _names(Customer)),
        "account": customer.account.name if customer.account else None,
        "segments": list(session.scalars(member.where(SegmentMember.customer_id == customer.id))),
        "merged": [dict(person) for person in erase_merges.merged_people(session, customer.id)],
        **{name: _rows(session, table, wheres[table], columns) for name, (table, columns) in _PARTS.items()},
    }


def _rows(
    session: Session, table: Any, where: sa.ColumnElement[bool], columns: tuple[str, ...]
) -> list[dict[str, Any]]:
    rows = session.scalars(sa.select(table).where(where).order_by(table.id))
    return [_plain_row(row, columns or _names(table)) for row in rows]


def _names(table: Any) -> tuple[str, ...]:
    return tuple(column.name for column in table.__table__.columns if column.name not in _OURS)


def _plain_row(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
