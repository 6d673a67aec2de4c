"""Daily counts of what fired, was skipped and failed, added up from the kept figures."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.features.figures import standings
from automations.features.figures.day_figures import figures, last_days
from automations.features.history import log_filter
from automations.models.tables.shadow import SHADOW_OUTCOMES
from automations.models.tables.store import Store

DAYS = 30

#: What a standing counts as; anything else counts as fired.
_KINDS = {
    standings.SKIPPED: log_filter.SKIPPED,
    standings.UNDER_WAY_SKIPPED: log_filter.SKIPPED,
    standings.FAILING: log_filter.FAILING,
    standings.KEPT_BACK: log_filter.FAILING,
    "error": log_filter.FAILING,
    **dict.fromkeys(SHADOW_OUTCOMES, log_filter.SHADOWED),
}


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The counts of one day in the store's zone. Each evaluation counts once, by the worst outcome of its
    runs.
    """

    date: dt.date
    fired: int
    skipped: int
    failing: int


def per_day(session: Session, store: Store, automation_id: int | None, now: dt.datetime) -> list[DayCounts]:
    """Return the last DAYS days in the store's zone, oldest first, for one automation or for all."""
    days = last_days(store.timezone, now, DAYS)
    counts: Counter[tuple[dt.date, str]] = Counter()
    for figure in figures(session, store, days, None if automation_id is None else [automation_id]):
        counts[figure.day, kind_of(figure.standing)] += figure.count
    kinds = (log_filter.FIRED, log_filter.SKIPPED, log_filter.FAILING)
    return [DayCounts(day, *(counts[day, kind] for kind in kinds)) for day in days]


def kind_of(standing: str) -> str:
    """Return the outcome of the log that an evaluation of this standing counts as."""
    return _KINDS.get(standing, log_filter.FIRED)
