"""Conditions that a record matches a text: by its number, by how names begin, and by its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search import finding
from automations.models.db.text_search import begins, near, starts_as
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.models.tables.store import Store

#: The most customers of the same name whose orders are searched for a list.
NAMESAKES = 200
LONGEST = 100
MODELS: Mapping[str, Any] = {"order": Order, "event": Event, "customer": Customer}


def every_match(store: Store, subject: str, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a record matches, for reading every match; lists use `newest`."""
    model, text = MODELS[subject], text.strip()[:LONGEST]
    by_words = finding.condition(store, subject, model.id, text)
    person = sa.or_(_named(text), finding.condition(store, "customer", Customer.id, text))
    if model is Customer:
        return sa.or_(starts_with(model.number, text), person, by_words)
    of_them = sa.select(Customer.id).where(Customer.store_id == store.id, person)
    return sa.or_(starts_with(model.number, text), model.customer_id.in_(of_them), by_words)


def newest(
    session: Session, store: Store, subject: str, text: str, before: int | None
) -> tuple[sa.ColumnElement[bool], int | None]:
    """Return the condition for the newest matches below the id `before`, by indexes only.

    With it comes the id below which there may be more matches; None if these are all.
    """
    model, text = MODELS[subject], text.strip()[:LONGEST]
    by_words = finding.find(session, store, subject, text, before)
    begun = [starts_with(model.number, text)]
    if model is Customer:
        begun.append(person(session, store, text))
    else:
        same_name = sa.select(Customer.id).where(Customer.store_id == store.id, person(session, store, text))
        begun.append(model.customer_id.in_(same_name.limit(NAMESAKES)))
    condition = sa.or_(*begun, model.id.in_(by_words.ids))
    return condition, None if by_words.complete or not by_words.ids else by_words.ids[-1]


def person(session: Session, store: Store, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a customer is found by how a name begins or by the words, NAMESAKES at most.

    New customers are found by how their names begin at once, by their words a moment later.
    """
    by_words = finding.find(session, store, "customer", text, most=NAMESAKES)
    return sa.or_(_named(text), Customer.id.in_(by_words.ids))


def starts_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a number begins with `text`, in capitals, in small letters or like Web-1.

    Unlike `begins` it uses the index of the column: a store has more orders than names.
    """
    spellings = dict.fromkeys((text, text.upper(), text.lower(), text.title(), text.capitalize()))
    return sa.or_(*(starts_as(column, spelling) for spelling in spellings))


def _named(text: str) -> sa.ColumnElement[bool]:
    whole = Customer.first_name + " " + Customer.last_name
    # The whole name has no index, but begins with the first name.
    by_first_name = sa.and_(near(Customer.first_name, text.split(" ", maxsplit=1)[0]), begins(whole, text))
    columns = (Customer.email, Customer.last_name)
    begun = (sa.and_(near(column, text), begins(column, text)) for column in columns)
    return sa.or_(by_first_name, *begun)
