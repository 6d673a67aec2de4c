"""Lists sorted by a choice, such as a status: in the order of the store's own list, whatever the keys are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from automations.models.db.base import db
from automations.web.kit.sorting import Found, SortedQuery


@dataclass(frozen=True)
class ChoiceWalk:
    """Reads one choice after the other, each by the index (store, choice, id)."""

    column: Any
    #: Returns the store's choices in their order; what is in none of them comes last.
    choices: Callable[[], Sequence[str]]

    def rows(self, asked: SortedQuery) -> list[Found]:
        rank = _Rank(self.choices(), asked.descending)
        if asked.few is not None:
            return self._few(asked, rank)
        found: list[Found] = []
        for choice in sorted(self._present(asked), key=rank):
            if asked.value is not None and rank(choice) < rank(asked.value):
                continue
            query = sa.select(asked.model.id).where(*asked.matches, self.column == choice)
            if asked.after is not None and choice == asked.value:
                query = query.where(asked.model.id < asked.after)
            newest = query.order_by(asked.model.id.desc()).limit(asked.limit - len(found))
            found += [(id, choice) for id in db.session.scalars(newest)]
            if len(found) == asked.limit:
                break
        return found

    def _few(self, asked: SortedQuery, rank: _Rank) -> list[Found]:
        query = sa.select(asked.model.id, self.column).where(asked.model.id.in_(asked.few or ()))
        placed = sorted((rank(choice), -id, choice) for id, choice in db.session.execute(query))
        if asked.value is not None and asked.after is not None:
            last = (rank(asked.value), -asked.after)
            placed = [row for row in placed if row[:2] > last]
        return [(-id, choice) for _, id, choice in placed[: asked.limit]]

    def _present(self, asked: SortedQuery) -> Sequence[str]:
        """Return the choices that rows of the store have, each found by one step through the index."""
        of_store = asked.matches[0]
        least = sa.select(sa.func.min(self.column).label("choice")).where(of_store)
        steps = least.cte("steps", recursive=True)
        next_one = sa.select(sa.func.min(self.column)).where(of_store, self.column > steps.c.choice)
        steps = steps.union_all(sa.select(next_one.scalar_subquery()).where(steps.c.choice.is_not(None)))
        return db.session.scalars(sa.select(steps.c.choice).where(steps.c.choice.is_not(None))).all()


class _Rank:
    """Where a choice stands in the list, for sorting; others stand behind, by their keys."""

    def __init__(self, choices: Sequence[str], descending: bool) -> None:
        self._places = {choice: place for place, choice in enumerate(choices)}
        self._sign = -1 if descending else 1

    def __call__(self, choice: str) -> tuple[int, int, str]:
        place = self._places.get(choice)
        return (1, 0, choice) if place is None else (0, self._sign * place, "")
