"""Answers with a CSV file that is written while it is sent, and notes in the audit log who took it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Response, g

from automations.features.csv_files import csv_lines
from automations.models.access import audit
from automations.models.db.base import db, write
from automations.web.kit.streamed_file import streamed_csv
from automations.web.records.kind_pages import store_words

#: Rows read at a time: an export of any length needs no more memory than this.
AT_ONCE = 500

Rows = Iterable[Sequence[str]]
RowsOf = Callable[[Any], Rows]


def csv_response(name: str, headings: Sequence[str], rows: Rows, about: str) -> Response:
    """Return the response; `about` says what it is: "exported `about`"."""
    store_id, user_id = g.store.id, g.user.id
    with write() as session:
        audit.note(session, action="exported", about=about, store_id=store_id, user_id=user_id)
    return streamed_csv(_lines(headings, rows), name)


def local(moment: dt.datetime | None) -> str:
    """Return a moment by the store's clock with its offset, to the minute: "2026-11-22 10:00+00:00"."""
    return store_words().local(moment).isoformat(" ", "minutes") if moment else ""


def newest_first(query: sa.Select[Any], key: Any, rows_of: RowsOf) -> Iterator[Sequence[str]]:
    """Yield the rows of everything that a query finds, read piece by piece by its key."""
    for piece in pieces(query, key):
        for one in piece:
            yield from rows_of(one)


def pieces(query: sa.Select[Any], key: Any) -> Iterator[Sequence[Any]]:
    """Yield everything that a query finds, newest first, AT_ONCE at a time."""
    before = None
    while True:
        below = query if before is None else query.where(key < before)
        found = db.session.scalars(below.order_by(key.desc()).limit(AT_ONCE)).unique().all()
        yield found
        if len(found) < AT_ONCE:
            return
        before = found[-1].id
        # The session keeps what it read; a whole export would not fit in memory.
        db.session.expunge_all()


def _lines(headings: Sequence[str], rows: Rows) -> Iterator[str]:
    yield csv_lines.BEGINNING + csv_lines.line(headings)
    for cells in rows:
        yield csv_lines.line(cells)
