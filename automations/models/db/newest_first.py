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
    session: Session,
    query: sa.Select[int],
    key: Any,
    below: int,
    limit: int,
    walked: int = WALKED,
    sortable: int = 0,
) -> list[int]:
    """Return the highest keys of the query under `below`, `limit` at most, the highest first.

    Those below the last one wanted are mostly not read. Of a query that an index answers, up to `sortable`
    matches are read and sorted where the first step does not find enough: they may lie far below.
    """
    query, found = query.where(key < below), list[int]()
    while len(found) < limit and below > 0:
        start = max(below - walked, 0)
        near = query.where(key >= start, key < below).order_by(key.desc())
        found += session.scalars(near.limit(limit - len(found)))
        below, walked = start, walked * LONGER
        if sortable and len(found) < limit:
            every = session.scalars(query.limit(sortable + 1)).all()
            if len(every) <= sortable:
                return sorted(every, reverse=True)[:limit]
            sortable = 0
    return found
