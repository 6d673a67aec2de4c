"""The newest of very many rows, by their ids: mostly they are among the newest rows of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.base import db

#: So many ids are looked through first, then in steps that are so many times as long.
WALKED, LONGER = 20_000, 4
#: No id is as high.
_ABOVE = 2**62


def of_store(
    query: sa.Select[Any], table: Any, store_id: int, below: int | None = None, at_least: int = 0
) -> sa.Select[Any]:
    """Return the query for a store's rows from the id `at_least` to one under `below`, the newest first.

    For a table, or the columns of one, with the index (store_id, id), where no other condition has an index.
    Needs an app context.
    """
    if db.engine.dialect.name == "sqlite":
        ends = [table.id < below] if below is not None else []
        ends += [table.id >= at_least] if at_least else []
        return query.where(table.store_id == store_id, *ends).order_by(table.id.desc())
    # "store_id = 1 ORDER BY id DESC" lets Postgres follow the ids of all stores, past everything that others
    # did since: for a store that is quiet, all there is. Only the store's own index is sorted by pairs.
    pair = sa.tuple_(table.store_id, table.id)
    highest = (_ABOVE if below is None else below) - 1
    # Not "below": of pairs below it Postgres expects none, and takes any index that begins with the store.
    query = query.where(pair >= (store_id, at_least), pair <= (store_id, highest))
    return query.order_by(table.store_id.desc(), table.id.desc())


def newest_matches(
    model: Any, store_id: int, matches: Sequence[sa.ColumnElement[bool]], below: int | None = None
) -> sa.Select[int]:
    """Select the ids of a store's rows that meet all conditions, the newest first. Needs an app context."""
    query = sa.select(model.id)
    if not matches:
        return of_store(query, model, store_id, below)
    ends = [model.id < below] if below is not None else []
    return query.where(model.store_id == store_id, *matches, *ends).order_by(model.id.desc())


def newest_of_store(session: Session, model: Any, store_id: int, below: int | None = None) -> int:
    """Return the highest id of a store's rows under `below`, 0 without any: others may have many above."""
    return session.scalar(of_store(sa.select(model.id), model, store_id, below).limit(1)) or 0


def newest_of_many(
    session: Session,
    query: sa.Select[int],
    model: Any,
    store_id: int,
    below: int | None,
    limit: int,
    walked: int = WALKED,
    sortable: int = 0,
) -> list[int]:
    """Return the highest ids of the query under `below`, `limit` at most, the highest first.

    It asks for ids of a store's rows. Those below the last one wanted are mostly not read. Of a query that an
    index answers, up to `sortable` matches are read and sorted where the first step does not find enough:
    they may lie far below.
    """
    found = list[int]()
    query = query if below is None else query.where(model.id < below)
    end = newest_of_store(session, model, store_id, below) + 1
    while len(found) < limit and end > 1:
        start = max(end - walked, 0)
        near = query.where(model.id >= start, model.id < end).order_by(model.id.desc())
        found += session.scalars(near.limit(limit - len(found)))
        if len(found) == limit:
            break
        end = newest_of_store(session, model, store_id, start) + 1
        if start - end > walked:
            # What other stores did says nothing of how far below these lie.
            continue
        walked *= LONGER
        if sortable:
            every = session.scalars(query.limit(sortable + 1)).all()
            if len(every) <= sortable:
                return sorted(every, reverse=True)[:limit]
            sortable = 0
    return found
