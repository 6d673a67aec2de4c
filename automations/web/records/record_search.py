"""Find records by number, by how names begin, and by their words, using indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import g

from automations.features.search import finding
from automations.models.db.base import db
from automations.models.db.text_search import begins, contains, near, starts_as
from automations.models.tables.customer import Account, Customer
from automations.web.kit.found_page import newest_ids
from automations.web.records.kind_pages import RecordPages

#: The most customers of the same name whose orders are searched.
NAMESAKES = 200
LONGEST = 100


def matching(kind: RecordPages, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a record matches, for reading every match; lists use `newest_matching`."""
    text = text.strip()[:LONGEST]
    by_words = finding.condition(g.store, kind.subject, kind.model.id, text)
    return sa.or_(*_begun(kind, text), by_words)


def newest_matching(
    kind: RecordPages, text: str, before: int | None
) -> tuple[sa.ColumnElement[bool], int | None]:
    """Return the condition for the newest matches below the id `before`, by indexes only.

    With it comes the id below which there may be more matches; None if these are all.
    """
    text = text.strip()[:LONGEST]
    by_words = finding.find(db.session(), g.store, kind.subject, text, before)
    condition = sa.or_(*_begun(kind, text), kind.model.id.in_(by_words.ids))
    return condition, None if by_words.complete or not by_words.ids else by_words.ids[-1]


def customers_like(text: str, limit: int = 20) -> list[Customer]:
    """Return customers whose number begins with `text` or whose words have it, the newest first."""
    matches = [Customer.store_id == g.store.id]
    if text.strip():
        matches.append(sa.or_(starts_with(Customer.number, text.strip()), _person(text.strip())))
    ids = newest_ids(Customer.id, matches, limit)
    query = sa.select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id.desc())
    return list(db.session.scalars(query)) if ids else []


def accounts_like(text: str, limit: int = 50) -> list[Account]:
    """Return accounts whose name contains `text`, by name."""
    query = sa.select(Account).where(Account.store_id == g.store.id, contains(Account.name, text.strip()))
    return list(db.session.scalars(query.order_by(Account.name).limit(limit)))


def starts_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a number begins with `text`, in capitals, in small letters or like Web-1.

    Unlike `begins` it uses the index of the column: a store has more orders than names.
    """
    spellings = dict.fromkeys((text, text.upper(), text.lower(), text.title(), text.capitalize()))
    return sa.or_(*(starts_as(column, spelling) for spelling in spellings))


def _begun(kind: RecordPages, text: str) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on the number and the customer; new records are found by them at once."""
    by_number = starts_with(kind.model.number, text)
    if kind.model is Customer:
        return [by_number, _person(text)]
    same_name = sa.select(Customer.id).where(Customer.store_id == g.store.id, _person(text))
    return [by_number, kind.model.customer_id.in_(same_name.limit(NAMESAKES))]


def _person(text: str) -> sa.ColumnElement[bool]:
    whole = Customer.first_name + " " + Customer.last_name
    # The whole name has no index, but begins with the first name.
    by_first_name = sa.and_(near(Customer.first_name, text.split(" ", maxsplit=1)[0]), begins(whole, text))
    columns = (Customer.email, Customer.last_name)
    begun = (sa.and_(near(column, text), begins(column, text)) for column in columns)
    by_words = finding.find(db.session(), g.store, "customer", text, most=NAMESAKES)
    return sa.or_(by_first_name, *begun, Customer.id.in_(by_words.ids))
