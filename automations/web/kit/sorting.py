"""Lists sorted by a column that a person chose: the order stands in the address, and pages go on by key.

Rows without a value come last either way, so that a list sorted by delivery date begins with dates. An order
that no column of the list has, such as that of the customers' names, is read by a Walk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import sqlalchemy as sa
from flask import request

from automations.models.db.base import db
from automations.models.db.column_types import MONEY_LIMIT
from automations.web.kit.found_page import FEW
from automations.web.kit.paging import LENGTH, Page, with_arguments
from automations.web.kit.scope import LARGEST_ID

DESCENDING = "-"
#: The words for both orders of a type: ascending, descending.
_WORDS = {
    "text": ("A to Z", "Z to A"),
    "day": ("earliest first", "latest first"),
    "instant": ("earliest first", "latest first"),
    "money": ("lowest first", "highest first"),
    "id": ("oldest first", "newest first"),
    "choice": ("first to last", "last to first"),
}
#: The id of a row, and the value by which it stands where it stands, as the address writes it.
Found = tuple[int, str | None]


@dataclass(frozen=True)
class SortedQuery:
    """What a page of a sorted list is read from: all rows that meet `matches`, or the `few` that do.

    `value` and `after` are the value and the id of the last row of the page before.
    """

    model: Any
    matches: Sequence[sa.ColumnElement[bool]]
    few: Sequence[int] | None
    value: str | None
    after: int | None
    descending: bool
    limit: int


class Walk(Protocol):
    """Reads a list in an order of its own, the newest rows first among equal ones."""

    def rows(self, asked: SortedQuery) -> list[Found]:
        """Return the next rows, `limit` at most."""


@dataclass(frozen=True)
class Heading:
    """A column by which a list can be sorted; `type` is a key of _WORDS."""

    label: str
    column: Any
    type: str
    can_be_empty: bool = False
    walk: Walk | None = None

    @property
    def begins_descending(self) -> bool:
        return self.type not in ("text", "choice")

    @property
    def is_empty(self) -> sa.ColumnElement[bool] | None:
        """Whether a row has no value: NULL, or "" in a text that is never NULL; None if every row has one."""
        if self.can_be_empty:
            return sa.and_(self.column.is_(None))
        return self.column == "" if self.type == "text" else None

    @property
    def has_value(self) -> sa.ColumnElement[bool]:
        """The opposite of `is_empty`, as a range of the column's index."""
        if self.can_be_empty:
            return sa.and_(self.column.is_not(None))
        return self.column > "" if self.type == "text" else sa.true()


Headings = Mapping[str, Heading]


@dataclass(frozen=True)
class Sort:
    """The order of one list. `key` is "" while nothing is chosen."""

    headings: Headings
    key: str = ""
    descending: bool = False

    @property
    def heading(self) -> Heading:
        return self.headings[self.key]

    @property
    def chosen(self) -> str:
        """How the address says it: "total", "-total"."""
        return f"{DESCENDING if self.descending else ''}{self.key}"

    def aria(self, key: str) -> str:
        """Return what `aria-sort` says of a heading; "" if the list is not sorted by it."""
        return ("descending" if self.descending else "ascending") if key == self.key else ""

    def url(self, key: str) -> str:
        """Return the address that a heading leads to: sorted by it, or by it the other way round."""
        descending = not self.descending if key == self.key else self.headings[key].begins_descending
        return _first(sort=f"{DESCENDING if descending else ''}{key}")

    def options(self) -> list[tuple[str, str]]:
        """Return all orders for a dropdown: ("-total", "Total, highest first")."""
        return [
            (f"{DESCENDING if place else ''}{key}", f"{heading.label}, {_WORDS[heading.type][place]}")
            for key, heading in self.headings.items()
            for place in ((1, 0) if heading.begins_descending else (0, 1))
        ]


def requested(headings: Headings) -> Sort:
    """Return the order that the address asks for; one it does not know counts as none."""
    text = request.args.get("sort", "")
    key = text.removeprefix(DESCENDING)
    return Sort(headings, key, text.startswith(DESCENDING)) if key in headings else Sort(headings)


def sorted_page(
    model: Any, matches: Sequence[sa.ColumnElement[bool]], sort: Sort, options: Sequence[Any] = ()
) -> Page:
    """Return the page the address asks for, of the rows that meet all conditions: the store's first."""
    few = _few(model, matches) if len(matches) > 1 or sort.heading.walk else None
    after = _after()
    value = request.args.get("value") if after is not None else None
    asked = SortedQuery(model, matches, few, value, after, sort.descending, LENGTH + 1)
    found = sort.heading.walk.rows(asked) if sort.heading.walk else _rows(asked, sort.heading)
    ids = [id for id, _ in found[:LENGTH]]
    loaded = sa.select(model).where(model.id.in_(ids)).options(*options)
    by_id = {row.id: row for row in db.session.scalars(loaded)} if ids else {}
    id, written = found[LENGTH - 1] if len(found) > LENGTH else (None, None)
    older = with_arguments(after=id, value=written) if id else ""
    # An address without a value continues among rows that have none, so "" has to stand in it.
    older += "&value=" if written == "" else ""
    newer = _first() if "after" in request.args else ""
    return Page([by_id[id] for id in ids if id in by_id], older, newer)


def _few(model: Any, matches: Sequence[sa.ColumnElement[bool]]) -> Sequence[int] | None:
    """Return the ids of all rows that meet the conditions; None if there are many."""
    ids = db.session.scalars(sa.select(model.id).where(*matches).limit(FEW + 1)).all()
    return ids if len(ids) <= FEW else None


def _rows(asked: SortedQuery, heading: Heading) -> list[Found]:
    """Return the rows of the page: those with a value, then those without."""
    key, column, place = asked.model.id, heading.column, _place(heading, asked)
    query = sa.select(key, column).where(*(asked.matches if asked.few is None else [key.in_(asked.few)]))
    ordered = [part.desc() if asked.descending else part.asc() for part in (column, key)]
    found: list[Any] = []
    if place is None or place[0] is not None:
        valued = query.where(heading.has_value)
        if place is not None:
            valued = valued.where(_beyond(column, key, place, asked.descending))
        found = list(db.session.execute(valued.order_by(*ordered).limit(asked.limit)))
    if heading.is_empty is not None and len(found) < asked.limit:
        empty = query.where(heading.is_empty)
        if place is not None and place[0] is None:
            empty = empty.where(key < place[1] if asked.descending else key > place[1])
        found += db.session.execute(empty.order_by(ordered[1]).limit(asked.limit - len(found)))
    return [(id, _written(value)) for id, value in found]


def _beyond(column: Any, key: Any, place: tuple[Any, int], descending: bool) -> sa.ColumnElement[bool]:
    here = sa.tuple_(column, key)
    last = sa.tuple_(sa.literal(place[0], column.type), sa.literal(place[1], key.type))
    return here < last if descending else here > last


def _after() -> int | None:
    key = request.args.get("after", "")
    return min(int(key[:19]), LARGEST_ID) if key.isascii() and key.isdigit() else None


def _place(heading: Heading, asked: SortedQuery) -> tuple[Any, int] | None:
    """Return the value and the key of the last row of the page before; None on the first page."""
    if asked.after is None:
        return None
    is_blank = asked.value == "" and heading.type == "text" and not heading.can_be_empty
    if asked.value is None or is_blank:
        return (None, asked.after) if heading.is_empty is not None else None
    try:
        return _READ[heading.type](asked.value), asked.after
    except (ValueError, InvalidOperation, OverflowError):
        return None


def _money(text: str) -> Decimal:
    amount = Decimal(text[:30])
    if not abs(amount) < MONEY_LIMIT:
        raise ValueError(text)
    return amount


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


_READ: Mapping[str, Any] = {
    "text": lambda text: text.replace("\x00", ""),
    "day": dt.date.fromisoformat,
    "instant": _instant,
    "money": _money,
    "id": lambda text: min(int(text[:19]), LARGEST_ID),
}


def _written(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _first(**changed: Any) -> str:
    return with_arguments(**{"after": None, "value": None, "before": None} | changed)
