"""Finding records by number, name or email, through the indexes where there are some."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import g

from automations.models.base import db
from automations.models.customer import Account, Customer
from automations.models.event import Event
from automations.web.record_kinds import Kind

#: The customers of a name whose orders are looked for.
NAMESAKES = 200
LONGEST = 100
_LAST = "\U0010ffff"


def matching(kind: Kind, text: str) -> sa.ColumnElement[bool]:
    """Whether a record's number, its own name or its customer's name begins like `text`."""
    text = text.strip()[:LONGEST]
    by_number = starts_with(kind.model.number, text)
    if kind.model is Customer:
        return sa.or_(by_number, _person(text))
    same_name = sa.select(Customer.id).where(Customer.store_id == g.store.id, _person(text))
    found = [by_number, kind.model.customer_id.in_(same_name.limit(NAMESAKES))]
    return sa.or_(*found, *([contains(Event.name, text)] if kind.model is Event else []))


def customers_like(text: str, limit: int = 20) -> list[Customer]:
    """Customers to choose from while somebody types."""
    query = sa.select(Customer).where(Customer.store_id == g.store.id)
    if text.strip():
        query = query.where(sa.or_(starts_with(Customer.number, text.strip()), _person(text.strip())))
    return list(db.session.scalars(query.order_by(Customer.id.desc()).limit(limit)))


def accounts_like(text: str, limit: int = 50) -> list[Account]:
    """Accounts to choose from while somebody types."""
    query = sa.select(Account).where(Account.store_id == g.store.id, contains(Account.name, text.strip()))
    return list(db.session.scalars(query.order_by(Account.name).limit(limit)))


def starts_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """`column` begins with `text` as typed, in capitals or in small letters."""
    spellings = dict.fromkeys((text, text.upper(), text.lower()))
    if db.engine.dialect.name != "sqlite":
        return sa.or_(*(column.startswith(one, autoescape=True) for one in spellings))
    # SQLite's LIKE ignores case and so cannot use the index; a range can.
    return sa.or_(*(column.between(one, one + _LAST) for one in spellings))


def _person(text: str) -> sa.ColumnElement[bool]:
    whole = Customer.first_name + " " + Customer.last_name
    return sa.or_(
        starts_with(Customer.email, text),
        whole.istartswith(text, autoescape=True),
        Customer.last_name.istartswith(text, autoescape=True),
    )


def contains(column: Any, text: str) -> sa.ColumnElement[bool]:
    """`column` has `text` somewhere, in any case."""
    return column.icontains(text, autoescape=True)
