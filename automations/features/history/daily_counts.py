"""Daily counts of what became of what fired, added up from the kept figures."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.features.figures.day_figures import last_days, sums
from automations.features.figures.outcomes import SERIES, series_of
from automations.features.figures.standings import outcome_of
from automations.models.tables.store import Store

DAYS = 30


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The counts of one day in the store's zone, by series. Each evaluation counts once."""

    date: dt.date
    counts: Mapping[str, int]

    def of(self, series: str) -> int:
        return self.counts.get(series, 0)

    @property
    def drawn(self) -> int:
        """The height of its bar: what was cancelled, held back or in shadow mode is not in it."""
        return sum(self.of(series) for series in SERIES)


def per_day(session: Session, store: Store, automation_id: int | None, now: dt.datetime) -> list[DayCounts]:
    """Return the last DAYS days in the store's zone, oldest first, for one automation or for all."""
    days = last_days(store.timezone, now, DAYS)
    counts: dict[dt.date, Counter[str]] = {day: Counter() for day in days}
    for day, standing, count in sums(session, store, days, automation_id):
        counts[day][series_of(outcome_of(standing))] += count
    return [DayCounts(day, counts[day]) for day in days]
