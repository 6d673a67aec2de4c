"""Orders and events sorted by the last names of their customers, those of nobody last.

No index has the name of another table. So the customers are read in their order, and the records of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import aliased

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.web.kit.scope import LARGEST_ID
from automations.web.kit.sorting import Found, SortedQuery

#: Not the table itself: what is searched may look into that too, and would then mean the same row.
_CUSTOMER = aliased(Customer)
_NAME = sa.func.lower(_CUSTOMER.last_name)
#: Customers read at a time: few, since the first may fill the page alone.
_AT_ONCE = 8


@dataclass(frozen=True)
class _Place:
    """The customer of the last row of the page before."""

    customer_id: int
    name: str


class CustomerWalk:
    """Where few records match they are joined and sorted, else read customer by customer."""

    def rows(self, asked: SortedQuery) -> list[Found]:
        place = _read(asked.value)
        if asked.few is not None:
            return _few(asked, place)
        found: list[Found] = []
        for here in _customers(asked, place):
            below = asked.after if here == place else None
            of_them = asked.model.customer_id == here.customer_id
            found += [(id, _written(here)) for id in _newest(asked, of_them, below, len(found))]
            if len(found) == asked.limit:
                return found
        below = asked.after if place is None else None
        return found + [
            (id, None) for id in _newest(asked, asked.model.customer_id.is_(None), below, len(found))
        ]


def _few(asked: SortedQuery, place: _Place | None) -> list[Found]:
    model, nobody = asked.model, _CUSTOMER.id.is_(None)
    query = sa.select(model.id, _CUSTOMER.id, _NAME)
    query = query.outerjoin(_CUSTOMER, _CUSTOMER.id == model.customer_id).where(model.id.in_(asked.few or ()))
    if asked.after is not None and place is None:
        query = query.where(nobody, model.id < asked.after)
    elif asked.after is not None and place is not None:
        same = sa.and_(_CUSTOMER.id == place.customer_id, model.id < asked.after)
        query = query.where(sa.or_(_beyond(place, asked.descending), same, nobody))
    query = query.order_by(nobody, *_order(asked.descending), model.id.desc()).limit(asked.limit)
    return [
        (id, None if customer_id is None else _written(_Place(customer_id, name)))
        for id, customer_id, name in db.session.execute(query)
    ]


def _customers(asked: SortedQuery, place: _Place | None) -> Iterator[_Place]:
    """Yield the customers who have records that match, from that of the last page on."""
    if place is not None:
        yield place
    elif asked.after is not None:
        return
    has_some = sa.exists().where(asked.model.customer_id == _CUSTOMER.id, *asked.matches)
    query = sa.select(_CUSTOMER.id, _NAME).where(_CUSTOMER.store_id == g.store.id, has_some)
    query = query.order_by(*_order(asked.descending)).limit(_AT_ONCE)
    while True:
        beyond = query if place is None else query.where(_beyond(place, asked.descending))
        places = [_Place(id, name) for id, name in db.session.execute(beyond)]
        yield from places
        if len(places) < _AT_ONCE:
            return
        place = places[-1]


def _newest(
    asked: SortedQuery, of_them: sa.ColumnElement[bool], below: int | None, found: int
) -> Sequence[int]:
    query = sa.select(asked.model.id).where(*asked.matches, of_them)
    if below is not None:
        query = query.where(asked.model.id < below)
    return db.session.scalars(query.order_by(asked.model.id.desc()).limit(asked.limit - found)).all()


def _order(descending: bool) -> list[Any]:
    return [_NAME.desc(), _CUSTOMER.id.desc()] if descending else [_NAME, _CUSTOMER.id]


def _beyond(place: _Place, descending: bool) -> sa.ColumnElement[bool]:
    here = sa.tuple_(_NAME, _CUSTOMER.id)
    last = sa.tuple_(sa.literal(place.name), sa.literal(place.customer_id, _CUSTOMER.id.type))
    return here < last if descending else here > last


def _written(place: _Place) -> str:
    return f"{place.customer_id} {place.name}"


def _read(value: str | None) -> _Place | None:
    """Return the customer that an address names; None for nobody, or where it makes no sense."""
    id, _, name = (value or "").partition(" ")
    return _Place(min(int(id[:19]), LARGEST_ID), name) if id.isascii() and id.isdigit() else None
