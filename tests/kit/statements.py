"""The SQL a piece of work takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from automations.models import driver
from automations.models.base import db

Statement = tuple[str, Any]


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
