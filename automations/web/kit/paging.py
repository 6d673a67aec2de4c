"""Pages of a list by key. Paging by offset would read every row before the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import g, request

from automations.models.db.base import db
from automations.models.db.newest_first import of_store
from automations.web.kit import scope

LENGTH = 50
#: Arguments that say which page of a list is shown and in what order, not what is in it.
PLACE = ("before", "after", "value", "sort")


@dataclass(frozen=True)
class Page:
    """Rows, and the addresses of the older page and of the newest one; "" where there is none.

    `looked_to` is set if the search stopped early; `older` then searches further back.
    """

    rows: Sequence[Any]
    older: str
    newer: str
    looked_to: dt.datetime | None = None


def page_of(query: sa.Select[Any], key: Any, length: int = LENGTH) -> Page:
    """Return the page the address asks for: at most `length` rows below the key `before`, highest first."""
    before = requested_key()
    if before is not None:
        query = query.where(key < before)
    return _page(query.order_by(key.desc()), length)


def page_of_store(query: sa.Select[Any], table: Any, at_least: int = 0) -> Page:
    """Return the page as `page_of` does, of the store's rows in a query that says nothing of stores."""
    return _page(of_store(query, table, g.store.id, requested_key(), at_least), LENGTH)


def searched_page(among: sa.Select[Any], matches: sa.ColumnElement[bool], table: Any, most: int) -> Page:
    """Return the page as `page_of_store` does, of those that match among the `most` newest below `before`.

    Rows have an `id`, and a time `at`.
    """
    end = end_of_search(among, table, most)
    page = page_of_store(among.where(matches), table, end.id if end else 0)
    return replace(page, older=older_url(end.id), looked_to=end.at) if end and not page.older else page


def end_of_search(among: sa.Select[Any], table: Any, most: int) -> Any:
    """Return the `id` and `at` of the last of the store's `most` newest rows, None without older ones."""
    columns = among.with_only_columns(table.id, table.at)
    newest = of_store(columns, table, g.store.id, requested_key())
    last = db.session.execute(newest.offset(most - 1).limit(2)).all()
    return last[0] if len(last) == 2 else None


def _page(query: sa.Select[Any], length: int) -> Page:
    rows = db.session.scalars(query.limit(length + 1)).all()
    more = len(rows) > length
    return Page(rows[:length], older_url(rows[length - 1].id) if more else "", newest_url())


def requested_key() -> int | None:
    """Return the key `before` of the address, or None if it is missing or not a key."""
    before = request.args.get("before", "")
    is_key = before.isascii() and before.isdigit() and len(before) < 19
    return min(int(before), scope.LARGEST_ID) if is_key else None


def older_url(key: int | None) -> str:
    """Return the address of this page with its filters, continuing below `key`; "" if it is None."""
    return with_arguments(before=key) if key is not None else ""


def newest_url() -> str:
    """Return the address of the newest page with these filters, or "" if this is it."""
    return with_arguments(before=None) if "before" in request.args else ""


def csv_url() -> str:
    """Return the address of the file of everything that this list shows with these filters."""
    filters = with_arguments(**dict.fromkeys(PLACE))
    return filters.replace(request.path, f"{request.path}.csv", 1)


def with_arguments(**changed: Any) -> str:
    """Return the address of this page with some arguments changed; None removes one."""
    arguments = {**request.args, **changed}
    query = {name: value for name, value in arguments.items() if value not in (None, "")}
    return f"{request.path}?{urlencode(query)}" if query else request.path
