"""The figures of the last days: what is counted, and what came after it, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures.standings import with_standing
from automations.models.tables.day_figure import CountedTo, DayFigure
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.shadow import SHADOW_OUTCOMES
from automations.models.tables.store import Store

#: What an evaluation can stand as in the log.
OUTCOMES = ("fired", "held", "capped", "error", *SHADOW_OUTCOMES)


@dataclass(frozen=True, slots=True)
class StandingCount:
    """So many evaluations of an automation stand so, of a day."""

    automation_id: int
    day: dt.date
    standing: str
    count: int


def last_days(zone: str, now: dt.datetime, count: int) -> Sequence[dt.date]:
    """Return the last days of a time zone, today included, oldest first."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return [today - dt.timedelta(days=back) for back in range(count - 1, -1, -1)]


def figures(
    session: Session, store: Store, days: Sequence[dt.date], automation_ids: Collection[int] | None = None
) -> Iterator[StandingCount]:
    """Yield the figures of consecutive days, of some automations or of all; one may come in two parts."""
    kept = _kept(store, days)
    if automation_ids is not None:
        kept = kept.where(DayFigure.automation_id.in_(automation_ids))
    # Mostly all are counted, and then there is no need to ask for the rest, which takes far longer to say.
    some_left = session.scalar(sa.select(sa.exists().where(*uncounted(store))))
    query = sa.union_all(kept, _left(store, days, automation_ids)) if some_left else kept
    for row in session.execute(query):
        yield StandingCount(*row)


def counted_to(store: Store) -> sa.ScalarSelect[int]:
    """Return up to which evaluation the store's figures go, as SQL; 0 if its days are others since."""
    of_store = sa.select(CountedTo.evaluation_id).where(CountedTo.store_id == store.id)
    found = of_store.where(CountedTo.zone == store.timezone).scalar_subquery()
    return sa.select(sa.func.coalesce(found, 0)).scalar_subquery()


def uncounted(store: Store) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of the evaluations that no figure holds yet."""
    # All three columns of an index by which the newest ones are found.
    of_store = [Evaluation.store_id == store.id, Evaluation.outcome.in_(OUTCOMES)]
    return [*of_store, Evaluation.id > counted_to(store)]


def _kept(store: Store, days: Sequence[dt.date]) -> sa.Select[*tuple[Any, ...]]:
    valid = sa.select(CountedTo.id).where(CountedTo.store_id == store.id, CountedTo.zone == store.timezone)
    columns = (DayFigure.automation_id, DayFigure.day, DayFigure.standing, DayFigure.count)
    inside = sa.and_(DayFigure.store_id == store.id, DayFigure.day.between(days[0], days[-1]))
    return sa.select(*columns).where(inside, DayFigure.count != 0, valid.exists())


def _left(
    store: Store, days: Sequence[dt.date], automation_ids: Collection[int] | None
) -> sa.Select[*tuple[Any, ...]]:
    starts = [_midnight(day, store.timezone) for day in (*days, days[-1] + dt.timedelta(days=1))]
    where = [*uncounted(store), Evaluation.at >= starts[0], Evaluation.at < starts[-1]]
    if automation_ids is not None:
        where.append(Evaluation.automation_id.in_(automation_ids))
    rows = with_standing(Evaluation.automation_id, Evaluation.at, where=where)
    # Newest day first, so that each row is compared with few of them.
    spans = reversed(list(zip(days, pairwise(starts), strict=True)))
    day = sa.case(*((rows.c.at >= start, sa.literal(day, sa.Date())) for day, (start, _) in spans))
    placed = sa.select(rows.c.automation_id, day.label("day"), rows.c.standing).subquery("placed")
    keys = (placed.c.automation_id, placed.c.day, placed.c.standing)
    return sa.select(*keys, sa.func.count()).group_by(*keys)


def _midnight(day: dt.date, zone: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)
