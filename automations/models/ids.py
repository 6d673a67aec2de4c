"""Ids known before the rows are written, so that rows that name each other go in as one batch."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

_LAST = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table")
_NEXT = sa.text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")


def reserve(session: Session, table: str, count: int) -> Sequence[int]:
    """`count` ids of `table` nobody else gets. On SQLite the caller must hold the write lock."""
    if not count:
        return ()
    if session.get_bind().dialect.name == "sqlite":
        last = session.execute(_LAST, {"table": table}).scalar() or 0
        return range(last + 1, last + 1 + count)
    rows = session.execute(_NEXT, {"sequence": f'"{table}_id_seq"', "count": count})
    return rows.scalars().all()
