"""A walk through rows, newest first, that looks at a bounded number of them for one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.fast_select import in_list

#: Rows looked at for one page: mostly the first few fill it.
LOOKED_AT = (200, 800, 2_000)


@dataclass(frozen=True, slots=True)
class WalkedIds:
    """Ids, the newest first, and the id below which to go on; `stopped` if the page is not filled by then."""

    ids: Sequence[int]
    next: int | None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class LogWalk:
    """What is walked through: the rows of some queries of ids, each of which follows an index."""

    parts: Sequence[sa.Select[int]]
    key: Any

    def take(self, session: Session, wanted: sa.Select[int], before: int | None, limit: int) -> WalkedIds:
        """Return the newest rows below the id `before` that are `wanted`, a query of the same table."""
        ids: list[int] = []
        # One parameter holds the list, however long: to spell it out takes longer than to look at it.
        among = in_list(self.key, "looked_at", session.get_bind().dialect.name)
        query = wanted.where(among).order_by(self.key.desc())
        for size in LOOKED_AT:
            looked_at = newest_ids(session, self._parts(before), self.key, size)
            some = query.limit(limit + 1 - len(ids))
            ids += session.scalars(some, {"looked_at": looked_at}) if looked_at else ()
            if len(ids) > limit:
                return WalkedIds(ids[:limit], ids[limit - 1])
            if len(looked_at) < size:
                return WalkedIds(ids, None)
            before = looked_at[-1]
        return WalkedIds(ids, before, stopped=True)

    def _parts(self, before: int | None) -> Sequence[sa.Select[int]]:
        return self.parts if before is None else [part.where(self.key < before) for part in self.parts]


def newest_ids(session: Session, parts: Sequence[sa.Select[int]], key: Any, limit: int) -> list[int]:
    """Return the highest ids of several queries."""
    return list(session.scalars(newest(parts, key, limit))) if parts else []


def newest(parts: Sequence[sa.Select[int]], key: Any, limit: int) -> sa.Select[int]:
    """Select the highest ids of one or more queries, each limited first, so that each walks its own index."""
    if len(parts) == 1:
        return parts[0].order_by(key.desc()).limit(limit)
    limited = [part.order_by(key.desc()).limit(limit).subquery() for part in parts]
    together = sa.union_all(*(sa.select(query.c.id) for query in limited)).subquery()
    return sa.select(together.c.id).order_by(together.c.id.desc()).limit(limit)
