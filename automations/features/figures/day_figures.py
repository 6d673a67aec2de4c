"""The figures of the last days: what is counted, and what came after it, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures.standings import with_standing
from automations.models.db.column_types import Id
from automations.models.db.fast_select import Lookup
from automations.models.tables.day_figure import CountedTo, DayFigure
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.shadow import SHADOW_OUTCOMES
from automations.models.tables.store import Store

#: Statements are kept for so many questions: to say one takes longer than to ask it.
SAID = 32
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
    ids = None if automation_ids is None else tuple(sorted(automation_ids))
    asked = (store.id, store.timezone, tuple(days), ids)
    counted = _counted_before_others(session, store)
    found = _kept(*asked) if counted is None else _kept_and_left(*asked)
    for row in session.execute(found, {"counted": counted}):
        yield StandingCount(*row)


def sums(
    session: Session, store: Store, days: Sequence[dt.date], automation_id: int | None = None
) -> Iterator[tuple[dt.date, str, int]]:
    """Yield day, standing and count of consecutive days, of one automation or of all together."""
    ids = None if automation_id is None else (automation_id,)
    counted = _counted_before_others(session, store)
    found = _summed(store.id, store.timezone, tuple(days), ids, counted is not None)
    for day, standing, count in session.execute(found, {"counted": counted}):
        # A sum is a Decimal on Postgres.
        yield day, standing, int(count)


def _counted_before_others(session: Session, store: Store) -> int | None:
    """Return up to which evaluation the figures go; None if there is none after it to ask for."""
    newest = _NEWEST.rows(session, store_id=store.id, zone=store.timezone)[0]
    counted: int = newest.pop("counted") or 0
    return counted if any(id is not None and id > counted for id in newest.values()) else None


def _newest(_dialect: str) -> sa.Select[Any]:
    """Select up to where the figures of a store go, and its newest evaluation of each outcome.

    Asked whether one is newer, Postgres would walk through all of them: it cannot know that there is none.
    """
    store_id, zone = sa.bindparam("store_id", type_=Id), sa.bindparam("zone", type_=sa.Text())
    of_store = sa.select(Evaluation.id).where(Evaluation.store_id == store_id)
    newest = [
        of_store.where(Evaluation.outcome == outcome)
        .order_by(Evaluation.id.desc())
        .limit(1)
        .scalar_subquery()
        .label(outcome)
        for outcome in OUTCOMES
    ]
    counted = sa.select(CountedTo.evaluation_id).where(CountedTo.store_id == store_id, CountedTo.zone == zone)
    return sa.select(counted.scalar_subquery().label("counted"), *newest)


_NEWEST = Lookup(_newest)


def counted_to(store: Store) -> sa.ScalarSelect[int]:
    """Return up to which evaluation the store's figures go, as SQL; 0 if its days are others since."""
    return _counted_to(store.id, store.timezone)


@lru_cache(maxsize=SAID)
def _counted_to(store_id: int, zone: str) -> sa.ScalarSelect[int]:
    of_store = sa.select(CountedTo.evaluation_id).where(CountedTo.store_id == store_id)
    found = of_store.where(CountedTo.zone == zone).scalar_subquery()
    return sa.select(sa.func.coalesce(found, 0)).scalar_subquery()


def uncounted(store: Store) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of the evaluations that no figure holds yet."""
    return list(_uncounted(store.id, store.timezone))


@lru_cache(maxsize=SAID)
def _uncounted(store_id: int, zone: str) -> tuple[sa.ColumnElement[bool], ...]:
    # All three columns of an index by which the newest ones are found.
    of_store = (Evaluation.store_id == store_id, Evaluation.outcome.in_(OUTCOMES))
    return (*of_store, Evaluation.id > _counted_to(store_id, zone))


@lru_cache(maxsize=SAID)
def _kept_and_left(
    store_id: int, zone: str, days: tuple[dt.date, ...], automation_ids: tuple[int, ...] | None
) -> sa.CompoundSelect[*tuple[Any, ...]]:
    asked = (store_id, zone, days, automation_ids)
    return sa.union_all(_kept(*asked), _left(*asked))


@lru_cache(maxsize=SAID)
def _summed(
    store_id: int,
    zone: str,
    days: tuple[dt.date, ...],
    automation_ids: tuple[int, ...] | None,
    some_left: bool,
) -> sa.Select[*tuple[Any, ...]]:
    asked = (store_id, zone, days, automation_ids)
    parts = (_kept_and_left(*asked) if some_left else _kept(*asked)).subquery()
    keys = (parts.c.day, parts.c.standing)
    return sa.select(*keys, sa.func.sum(parts.c.count)).group_by(*keys)


@lru_cache(maxsize=SAID)
def _kept(
    store_id: int, zone: str, days: tuple[dt.date, ...], automation_ids: tuple[int, ...] | None
) -> sa.Select[*tuple[Any, ...]]:
    valid = sa.select(CountedTo.id).where(CountedTo.store_id == store_id, CountedTo.zone == zone)
    columns = (DayFigure.automation_id, DayFigure.day, DayFigure.standing, DayFigure.count)
    inside = sa.and_(DayFigure.store_id == store_id, DayFigure.day.between(days[0], days[-1]))
    query = sa.select(*columns).where(inside, DayFigure.count != 0, valid.exists())
    return query if automation_ids is None else query.where(DayFigure.automation_id.in_(automation_ids))


def _left(
    store_id: int, zone: str, days: tuple[dt.date, ...], automation_ids: tuple[int, ...] | None
) -> sa.Select[*tuple[Any, ...]]:
    starts = [_midnight(day, zone) for day in (*days, days[-1] + dt.timedelta(days=1))]
    where = [*_uncounted(store_id, zone), Evaluation.at >= starts[0], Evaluation.at < starts[-1]]
    # Postgres takes a third of all evaluations for newer than what a query finds, and reads all runs for
    # them; of a number it knows that few are. What was counted meanwhile is left out by the query.
    where.append(Evaluation.id > sa.bindparam("counted", type_=Id))
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
