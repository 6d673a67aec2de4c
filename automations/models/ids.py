"""Ids known before the rows are written, so that rows that name each other go in as one batch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session


def reserve(session: Session, table: str, count: int) -> Sequence[int]:
    """`count` ids of `table` nobody else gets. On SQLite the caller must hold the write lock."""
    if not count:
        return ()
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        last = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).scalar()
        return range((last or 0) + 1, (last or 0) + 1 + count)
    numbers = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
    return connection.exec_driver_sql(numbers, (f'"{table}_id_seq"', count)).scalars().all()
