"""How a store's day stands: what automations did so far, and how many actions wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures import standings
from automations.features.figures.day_figures import figures, last_days
from automations.features.history.daily_counts import kind_of
from automations.features.history.store_log import COUNTED
from automations.models.tables.run import WAITING, Run
from automations.models.tables.store import Store


@dataclass(frozen=True, slots=True)
class DaySoFar:
    """How often automations fired today, each time by the worst of its actions. `waiting` counts actions."""

    date: dt.date
    fired: int
    sent: int
    skipped: int
    failing: int
    waiting: int


def day_so_far(session: Session, store: Store, now: dt.datetime) -> DaySoFar:
    """Return the figures of the store's day; what waits is counted up to COUNTED."""
    (today,) = last_days(store.timezone, now, 1)
    counted = list(figures(session, store, [today]))
    waiting = sa.select(Run.id).where(Run.store_id == store.id, Run.state == WAITING, Run.prepared.is_(None))
    waits = session.scalar(sa.select(sa.func.count()).select_from(waiting.limit(COUNTED).subquery())) or 0
    return DaySoFar(
        date=today,
        fired=sum(figure.count for figure in counted if figure.standing in (*standings.OF_FIRED, "error")),
        sent=sum(figure.count for figure in counted if figure.standing == standings.SENT),
        skipped=sum(figure.count for figure in counted if kind_of(figure.standing) == "skipped"),
        failing=sum(figure.count for figure in counted if kind_of(figure.standing) == "failing"),
        waiting=waits,
    )
