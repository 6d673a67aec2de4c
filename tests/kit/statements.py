"""The SQL a piece of work takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from automations.models.base import db

Statement = tuple[str, Any]


@contextmanager
def counted() -> Iterator[list[Statement]]:
    """Collects (text, parameters) of every statement of this application's engine while it is open."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> None:
        found.append((text, values))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def plan_of(statement: Statement) -> list[str]:
    """The steps of SQLite's query plan."""
    text, values = statement
    rows = db.session().connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    return [row[3] for row in rows]
