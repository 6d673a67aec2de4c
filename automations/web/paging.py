"""Pages of a list by key: never by offset, which reads all that came before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request

from automations.models.base import db
from automations.web import scope

LENGTH = 50


@dataclass(frozen=True)
class Page:
    """Rows, and the addresses of the older and the newest ones."""

    rows: Sequence[Any]
    older: str
    newer: str


def page_of(query: sa.Select[Any], key: Any, length: int = LENGTH) -> Page:
    """The page the address asks for: rows below the key `before`, highest first."""
    before = key_asked_for()
    if before is not None:
        query = query.where(key < before)
    rows = db.session.scalars(query.order_by(key.desc()).limit(length + 1)).all()
    more = len(rows) > length
    return Page(rows[:length], older_url(rows[length - 1].id) if more else "", newest_url())


def key_asked_for() -> int | None:
    """`before` of the address; anything that is no key reads as none."""
    given = request.args.get("before", "")
    is_key = given.isascii() and given.isdigit() and len(given) < 19
    return min(int(given), scope.LARGEST_ID) if is_key else None


def older_url(key: int | None) -> str:
    """This page with its filters, from below `key`."""
    return with_arguments(before=key) if key is not None else ""


def newest_url() -> str:
    """This page with its filters from the top; nothing when we are there."""
    return with_arguments(before=None) if "before" in request.args else ""


def with_arguments(**changed: Any) -> str:
    """The address of this page with some arguments changed; None takes one out."""
    query = {name: value for name, value in {**request.args, **changed}.items() if value not in (None, "")}
    return f"{request.path}?{urlencode(query)}" if query else request.path
