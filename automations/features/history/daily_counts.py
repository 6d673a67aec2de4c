"""Daily counts of what fired, was skipped and failed, in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.history import log_filter
from automations.models.db.column_types import InstantColumn
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import FAILED, SKIPPED, UNKNOWN, WAITING, Run
from automations.models.tables.shadow import SHADOW_OUTCOMES
from automations.models.tables.store import Store

DAYS = 30
#: Newest skips, and newest failures of each kind, that are looked at.
LOOKED_AT = 10_000

Rows = sa.Select[*tuple[Any, ...]]
Counts = dict[tuple[int, str], int]
_EVALUATED = "evaluated"


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
    dates, starts = _days(store.timezone, now)
    wanted = sa.select(Automation.id).where(Automation.store_id == store.id)
    if automation_id is not None:
        wanted = wanted.where(Automation.id == automation_id)
    several = (
        _evaluated(starts, wanted),
        _troubled(starts, wanted, store.id),
        _shadowed(starts, wanted, store.id),
    )
    rows = session.execute(sa.union_all(*several))
    counts: Counts = {(row[0], row[1]): row[2] for row in rows}
    return [_day(date, counts, place) for place, date in enumerate(dates)]


def _day(date: dt.date, counts: Counts, place: int) -> DayCounts:
    every, skipped, failing, shadowed = (
        counts.get((place, kind), 0)
        for kind in (_EVALUATED, log_filter.SKIPPED, log_filter.FAILING, log_filter.SHADOWED)
    )
    return DayCounts(date, max(every - skipped - failing - shadowed, 0), skipped, failing)


def _days(zone: str, now: dt.datetime) -> tuple[Sequence[dt.date], Sequence[dt.datetime]]:
    """Return the dates, and the instants at which each of them and the day after the last begin."""
    today = now.astimezone(ZoneInfo(zone)).date()
    dates = [today - dt.timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return dates, [_midnight(date, zone) for date in (*dates, today + dt.timedelta(days=1))]


def _midnight(date: dt.date, zone: str) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)


def _evaluated(starts: Sequence[dt.datetime], wanted: sa.Select[int]) -> Rows:
    """Select all evaluations of each day, one range of the (automation, instant) index per day."""
    rows = [
        sa.select(_number(place).label("place"), _instant(start).label("start"), _instant(end).label("end"))
        for place, (start, end) in enumerate(pairwise(starts))
    ]
    span = sa.union_all(*rows).subquery("span")
    inside = sa.and_(Evaluation.at >= span.c.start, Evaluation.at < span.c.end)
    count = sa.select(sa.func.count()).where(Evaluation.automation_id.in_(wanted), inside)
    return sa.select(span.c.place, _word(_EVALUATED), count.scalar_subquery())


def _troubled(starts: Sequence[dt.datetime], wanted: sa.Select[int], store_id: int) -> Rows:
    """Select the evaluations that skipped something or are failing, found by the state of their runs."""
    bad = sa.union_all(*_bad(store_id)).subquery("bad")
    worst = (
        sa.select(Evaluation.at, sa.func.max(bad.c.failing).label("failing"))
        .join(bad, bad.c.evaluation_id == Evaluation.id)
        .where(Evaluation.automation_id.in_(wanted))
        .where(Evaluation.at >= starts[0], Evaluation.at < starts[-1])
        .group_by(Evaluation.id, Evaluation.at)
        .subquery("worst")
    )
    place = _place_of(worst.c.at, starts)
    kind = sa.case((worst.c.failing == 1, _word(log_filter.FAILING)), else_=_word(log_filter.SKIPPED))
    placed = sa.select(place, kind.label("kind")).subquery("placed")
    counted = sa.select(placed.c.place, placed.c.kind, sa.func.count())
    return counted.group_by(placed.c.place, placed.c.kind)


def _shadowed(starts: Sequence[dt.datetime], wanted: sa.Select[int], store_id: int) -> Rows:
    """Select the evaluations in shadow mode, which are among all of them and did nothing."""
    in_shadow = sa.and_(Evaluation.store_id == store_id, Evaluation.outcome.in_(SHADOW_OUTCOMES))
    rows = sa.select(_place_of(Evaluation.at, starts), _word(log_filter.SHADOWED).label("kind"))
    inside = sa.and_(Evaluation.at >= starts[0], Evaluation.at < starts[-1])
    placed = rows.where(in_shadow, inside, Evaluation.automation_id.in_(wanted)).subquery("shadowed")
    counted = sa.select(placed.c.place, placed.c.kind, sa.func.count())
    return counted.group_by(placed.c.place, placed.c.kind)


def _place_of(at: sa.SQLColumnExpression[Any], starts: Sequence[dt.datetime]) -> sa.Label[int]:
    # Newest day first: a join with the days would compare each row with all of them.
    days = [(at >= start, _number(place)) for place, start in enumerate(starts[:-1])]
    return sa.case(*reversed(days)).label("place")


def _bad(store_id: int) -> Iterator[Rows]:
    failing, skipped = _number(1), _number(0)
    errors = sa.select(Evaluation.id.label("evaluation_id"), failing.label("failing"))
    in_store = errors.where(Evaluation.store_id == store_id, Evaluation.outcome == "error")
    yield _newest(in_store, Evaluation.id)
    for state, bad in ((FAILED, failing), (UNKNOWN, failing), (WAITING, failing), (SKIPPED, skipped)):
        runs = sa.select(Run.evaluation_id, bad.label("failing"))
        runs = runs.where(Run.store_id == store_id, Run.state == state)
        # A waiting run with a reason counts as failing.
        yield _newest(runs.where(Run.reason.is_not(None)) if state == WAITING else runs, Run.id)


def _newest(rows: Rows, key: sa.SQLColumnExpression[int]) -> Rows:
    # SQLite accepts ORDER BY inside a UNION only in a subquery.
    return sa.select(rows.order_by(key.desc()).limit(LOOKED_AT).subquery())


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text())


def _number(value: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value), sa.Integer())


def _instant(value: dt.datetime) -> sa.ColumnElement[dt.datetime]:
    return sa.literal(value, InstantColumn())
