"""Ids reserved before their rows are written, so that rows that refer to each other go in as one batch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from automations.models.db import driver


def reserve(session: Session, table: str, count: int) -> Sequence[int]:
    """Return `count` new ids of `table`. On SQLite the caller must hold the write lock."""
    if not count:
        return ()
    connection = driver.connection_of(session)
    if connection.dialect.name == "sqlite":
        sequence = driver.rows(connection, "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,))
        last = sequence[0][0] if sequence else 0
        return range(last + 1, last + 1 + count)
    numbers = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
    return [id for (id,) in driver.rows(connection, numbers, (f'"{table}_id_seq"', count))]
