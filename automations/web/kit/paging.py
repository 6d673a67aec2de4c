"""Pages of a list by key. Paging by offset would read every row before the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    """Rows, and the addresses of the older page and of the newest one; "" where there is none."""

    rows: Sequence[Any]
    older: str
    newer: str


def page_of(query: sa.Select[Any], key: Any, length: int = LENGTH) -> Page:
    """Return the page the address asks for: at most `length` rows below the key `before`, highest first."""
    before = requested_key()
    if before is not None:
        query = query.where(key < before)
    rows = db.session.scalars(query.order_by(key.desc()).limit(length + 1)).all()
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
