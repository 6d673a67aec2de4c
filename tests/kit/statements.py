"""The SQL a piece of work takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from automations.models import driver
from automations.models.base import db

Statement = tuple[str, Any]
_CHANGE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


@contextmanager
def counted() -> Iterator[list[Statement]]:
    """Collects (text, parameters) of every statement of this application's engine while it is open.

    The hot path goes past the engine, straight to the driver.
    """
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> None:
        found.append((text, values))

    def run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
        found.append((sql, values))
        return straight(connection, sql, values, many)

    straight = driver._run
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        with patch.object(driver, "_run", run):
            yield found
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def plan_of(statement: Statement) -> list[str]:
    """The steps of SQLite's query plan."""
    text, values = statement
    rows = db.session().connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    return [row[3] for row in rows]


@contextmanager
def committed() -> Iterator[set[str]]:
    """The tables that are changed while it is open; what is rolled back does not count."""
    found: set[str] = set()
    pending: dict[int, set[str]] = {}

    def note(connection: sa.Connection, cursor: Any, text: str, *_: Any) -> None:
        match = _CHANGE.match(text)
        if match and (cursor is None or cursor.rowcount):
            pending.setdefault(id(connection.connection.dbapi_connection), set()).add(match[1])

    def keep(connection: sa.Connection) -> None:
        found.update(pending.pop(id(connection.connection.dbapi_connection), set()))

    def forget(connection: sa.Connection) -> None:
        pending.pop(id(connection.connection.dbapi_connection), None)

    def run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
        note(connection, None, sql)
        return straight(connection, sql, values, many)

    straight, listeners = driver._run, {"after_cursor_execute": note, "commit": keep, "rollback": forget}
    for event, listener in listeners.items():
        sa.event.listen(db.engine, event, listener)
    try:
        with patch.object(driver, "_run", run):
            yield found
    finally:
        for event, listener in listeners.items():
            sa.event.remove(db.engine, event, listener)
