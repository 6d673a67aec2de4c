"""Find records by number, name or email, using indexes where they exist."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import g

from automations.models.db.base import db
from automations.models.db.text_search import begins, contains
from automations.models.tables.customer import Account, Customer
from automations.models.tables.event import Event
from automations.web.records.kind_pages import RecordPages

#: The most customers of the same name whose orders are searched.
NAMESAKES = 200
LONGEST = 100
_LAST = "\U0010ffff"


def matching(kind: RecordPages, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a record's number, name or customer's name matches the start of `text`."""
    text = text.strip()[:LONGEST]
    by_number = starts_with(kind.model.number, text)
    if kind.model is Customer:
        return sa.or_(by_number, _person(text))
    same_name = sa.select(Customer.id).where(Customer.store_id == g.store.id, _person(text))
    matches = [by_number, kind.model.customer_id.in_(same_name.limit(NAMESAKES))]
    return sa.or_(*matches, *([contains(Event.name, text)] if kind.model is Event else []))


def customers_like(text: str, limit: int = 20) -> list[Customer]:
    """Return customers whose number, email or name begins with `text`, the newest first."""
    query = sa.select(Customer).where(Customer.store_id == g.store.id)
    if text.strip():
        query = query.where(sa.or_(starts_with(Customer.number, text.strip()), _person(text.strip())))
    return list(db.session.scalars(query.order_by(Customer.id.desc()).limit(limit)))


def accounts_like(text: str, limit: int = 50) -> list[Account]:
    """Return accounts whose name contains `text`, by name."""
    query = sa.select(Account).where(Account.store_id == g.store.id, contains(Account.name, text.strip()))
    return list(db.session.scalars(query.order_by(Account.name).limit(limit)))


def starts_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a number begins with `text`, in capitals, in small letters or like Web-1.

    Unlike `begins` it uses the index of the column: a store has more orders than names.
    """
    spellings = dict.fromkeys((text, text.upper(), text.lower(), text.title(), text.capitalize()))
    if db.engine.dialect.name != "sqlite":
        return sa.or_(*(column.startswith(spelling, autoescape=True) for spelling in spellings))
    # SQLite's LIKE ignores case, so it cannot use the index and would scan the table; a range can.
    return sa.or_(*(column.between(spelling, spelling + _LAST) for spelling in spellings))


def _person(text: str) -> sa.ColumnElement[bool]:
    whole = Customer.first_name + " " + Customer.last_name
    return sa.or_(*(begins(column, text) for column in (Customer.email, whole, Customer.last_name)))
