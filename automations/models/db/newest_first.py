"""The newest of very many rows, by their ids: mostly they are among the newest rows of all."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

#: So many ids are looked through first, then in steps that are so many times as long.
WALKED, LONGER = 20_000, 4


def newest_of_store(session: Session, model: Any, store_id: int) -> int:
    """Return the highest id of a store's rows; 0 without any. Other stores may have very many above it."""
    return session.scalar(sa.select(sa.func.max(model.id)).where(model.store_id == store_id)) or 0


def newest_of_many(
    session: Session, query: sa.Select[int], key: Any, below: int, limit: int, walked: int = WALKED
) -> list[int]:
    """Return the highest keys of the query under `below`, `limit` at most, the highest first.

    No row is read twice, and those below the last one wanted are mostly not read.
    """
    found: list[int] = []
    while len(found) < limit and below > 0:
        start = max(below - walked, 0)
        near = query.where(key >= start, key < below).order_by(key.desc())
        found += session.scalars(near.limit(limit - len(found)))
        below, walked = start, walked * LONGER
    return found
