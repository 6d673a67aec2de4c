"""The SQL statements that a piece of work takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from automations.models.db import driver
from automations.models.db.base import db

Statement = tuple[str, Any]
_CHANGE = re.compile(r'\s*(?:INSERT INTO|COPY|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


@contextmanager
def recorded_statements() -> Iterator[list[Statement]]:
    """Collect (text, parameters) of every statement of this application.

    The hot path bypasses the engine and goes straight to the driver, so both are observed.
    """
    statements: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> None:
        statements.append((text, values))

    def run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
        statements.append((sql, values))
        return straight(connection, sql, values, many)

    straight = driver._run
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        with patch.object(driver, "_run", run):
            yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


@contextmanager
def before_each_statement(act: Callable[[sa.Connection, str], None]) -> Iterator[None]:
    """Call `act(connection, text)` before each statement, and each look-up that bypasses the engine."""

    def before(connection: sa.Connection, _cursor: Any, text: str, *_: Any) -> None:
        act(connection, text)

    def rows(connection: sa.Connection, sql: str, values: Any) -> list[tuple[Any, ...]]:
        act(connection, sql)
        return straight(connection, sql, values)

    straight = driver.rows
    sa.event.listen(db.engine, "before_cursor_execute", before)
    try:
        with patch.object(driver, "rows", rows):
            yield
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", before)


def plan_of(statement: Statement) -> list[str]:
    """Return the steps of SQLite's query plan."""
    text, values = statement
    rows = db.session().connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    return [row[3] for row in rows]


@contextmanager
def changed_tables() -> Iterator[set[str]]:
    """Collect the tables that are changed; rolled back changes do not count."""
    tables: set[str] = set()
    pending: dict[int, set[str]] = {}

    def note(connection: sa.Connection, cursor: Any, text: str, *_: Any) -> None:
        match = _CHANGE.match(text)
        if match and (cursor is None or cursor.rowcount):
            pending.setdefault(id(connection.connection.dbapi_connection), set()).add(match[1])

    def keep(connection: sa.Connection) -> None:
        tables.update(pending.pop(id(connection.connection.dbapi_connection), set()))

    def forget(connection: sa.Connection) -> None:
        pending.pop(id(connection.connection.dbapi_connection), None)

    def run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
        note(connection, None, sql)
        return straight(connection, sql, values, many)

    straight = driver._run
    listeners: dict[str, Callable[..., None]] = {
        "after_cursor_execute": note,
        "commit": keep,
        "rollback": forget,
    }
    for event, listener in listeners.items():
        sa.event.listen(db.engine, event, listener)
    try:
        with patch.object(driver, "_run", run):
            yield tables
    finally:
        for event, listener in listeners.items():
            sa.event.remove(db.engine, event, listener)
