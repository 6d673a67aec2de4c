"""Pages of a list by key. Paging by offset would read every row before the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request

from automations.models.db.base import db
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
    rows = db.session.scalars(query.order_by(key.desc()).limit(length + 1)).all()
    more = len(rows) > length
    return Page(rows[:length], older_url(rows[length - 1].id) if more else "", newest_url())


def searched_page(among: sa.Select[Any], matches: sa.ColumnElement[bool], table: Any, most: int) -> Page:
    """Return the page as `page_of` does, of those that match among the `most` newest rows below `before`.

    Rows have an `id`, and a time `at`.
    """
    before = requested_key()
    end = end_of_search(among if before is None else among.where(table.id < before), table, most)
    found = among.where(matches)
    page = page_of(found.where(table.id >= end.id) if end else found, table.id)
    return replace(page, older=older_url(end.id), looked_to=end.at) if end and not page.older else page


def end_of_search(among: sa.Select[Any], table: Any, most: int) -> Any:
    """Return the `id` and `at` of the last of the `most` newest rows, None if there are no older ones."""
    newest = among.with_only_columns(table.id, table.at).order_by(table.id.desc())
    last = db.session.execute(newest.offset(most - 1).limit(2)).all()
    return last[0] if len(last) == 2 else None


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
