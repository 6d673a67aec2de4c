"""How a store's day stands: what automations did so far, and how many actions wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures import outcomes, standings
from automations.features.figures.day_figures import last_days
from automations.features.figures.day_outcomes import by_outcome, outcomes_of_day
from automations.features.history.store_log import COUNTED
from automations.models.tables.run import WAITING, Run
from automations.models.tables.store import Store


@dataclass(frozen=True, slots=True)
class DaySoFar:
    """How often automations fired today, by outcome: the worst of its actions. `waiting` counts actions."""

    date: dt.date
    counts: Mapping[str, int]
    waiting: int

    def of(self, outcome: str) -> int:
        """Return how often something had this outcome; WRONG adds up its three."""
        return sum(count for one, count in self.counts.items() if outcome in (one, outcomes.series_of(one)))

    @property
    def fired(self) -> int:
        """How often they fired; what could not be checked did not."""
        return sum(count for outcome, count in self.counts.items() if outcome != outcomes.ERROR)


def day_so_far(session: Session, store: Store, now: dt.datetime) -> DaySoFar:
    """Return the figures of the store's day; what waits is counted up to COUNTED."""
    (today,) = last_days(store.timezone, now, 1)
    # What fails and will be tried again went wrong: it is counted there.
    waits = sa.and_(Run.state == WAITING, standings.of_waiting(outcomes.WAITING))
    waiting = sa.select(Run.id).where(Run.store_id == store.id, waits, Run.prepared.is_(None))
    count = session.scalar(sa.select(sa.func.count()).select_from(waiting.limit(COUNTED).subquery())) or 0
    return DaySoFar(today, by_outcome(outcomes_of_day(session, store, today)), count)
