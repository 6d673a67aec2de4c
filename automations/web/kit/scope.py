"""Loading records of the signed-in person's store. Records of other stores are a 404."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import abort, g

from automations.models.db.base import Base, db
from automations.models.tables.automation import Automation, Version
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.run import Message, Run
from automations.models.tables.secret import Secret
from automations.models.tables.task import Task

Record = TypeVar("Record", bound=Base)
#: Stands in addresses for the automation that is being written and has no id yet.
NEW = 0
#: A larger number in an address cannot be an id; the databases raise on it.
LARGEST_ID = 2**63 - 1


def order_or_404(number: str) -> Order:
    return _by_number_or_404(Order, number)


def event_or_404(number: str) -> Event:
    return _by_number_or_404(Event, number)


def customer_or_404(number: str) -> Customer:
    return _by_number_or_404(Customer, number)


def automation_or_404(automation_id: int) -> Automation:
    return by_id_or_404(Automation, automation_id)


def automation_or_new(automation_id: int) -> Automation:
    """Return an automation, or for the id NEW one that is not stored yet."""
    if automation_id != NEW:
        return automation_or_404(automation_id)
    now = dt.datetime.now(dt.UTC)
    new = Automation(id=NEW, store_id=g.store.id, name="", draft={}, revision=0, position=0, group_name="")
    new.created_at = new.updated_at = now
    new.created_by = g.user.id
    return new


def version_or_404(version_id: int) -> Version:
    return by_id_or_404(Version, version_id)


def occurrence_or_404(occurrence_id: int) -> Occurrence:
    return by_id_or_404(Occurrence, occurrence_id)


def run_or_404(run_id: int) -> Run:
    return by_id_or_404(Run, run_id)


def message_or_404(message_id: int) -> Message:
    return by_id_or_404(Message, message_id)


def task_or_404(task_id: int) -> Task:
    return by_id_or_404(Task, task_id)


def secret_or_404(secret_id: int) -> Secret:
    return by_id_or_404(Secret, secret_id)


def notification_or_404(notification_id: int) -> Notification:
    """Return the person's own notification; someone else's in the same store is a 404 too."""
    notification = by_id_or_404(Notification, notification_id)
    return notification if notification.user_id == g.user.id else abort(404)


def by_id_or_404(model: type[Record], record_id: int) -> Record:
    """Return the row of a table with a `store_id` if it belongs to this store; abort with 404 otherwise."""
    if record_id > LARGEST_ID:
        abort(404)
    return _or_404(model, "id", record_id)


def _by_number_or_404(model: type[Record], number: str) -> Record:
    # Postgres raises on a parameter that holds a NUL.
    if "\x00" in number:
        abort(404)
    return _or_404(model, "number", number)


def _or_404(model: type[Record], column: str, value: int | str) -> Record:
    columns: Any = model
    own = sa.select(model).where(getattr(columns, column) == value, columns.store_id == g.store.id)
    record = db.session.scalars(own).one_or_none()
    if record is None:
        abort(404)
    return record
