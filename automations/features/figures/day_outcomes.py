"""What became of everything that fired on one day of a store."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

from sqlalchemy.orm import Session

from automations.features.figures import outcomes, standings
from automations.features.figures.day_figures import figures
from automations.models.tables.store import Store

#: (automation, outcome) -> how often
DayOutcomes = Mapping[tuple[int, str], int]


def outcomes_of_day(session: Session, store: Store, day: dt.date) -> DayOutcomes:
    """Return how often each automation had each outcome on one of the store's days, and how often ERROR."""
    counts: Counter[tuple[int, str]] = Counter()
    for figure in figures(session, store, [day]):
        if figure.standing in standings.OF_FIRED or figure.standing == outcomes.ERROR:
            counts[figure.automation_id, standings.outcome_of(figure.standing)] += figure.count
    return counts


def by_outcome(counts: DayOutcomes) -> Mapping[str, int]:
    """Return how often each outcome was, of all automations together."""
    together: Counter[str] = Counter()
    for (_, outcome), count in counts.items():
        together[outcome] += count
    return together
