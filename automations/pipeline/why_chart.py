"""How often automations fired, skipped and failed on each of the last days, counted in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.automation import Automation
from automations.models.occurrence import Evaluation
from automations.models.run import FAILED, SKIPPED, UNKNOWN, WAITING, Run
from automations.models.store import Store
from automations.models.types import Instant
from automations.pipeline import why_filter

DAYS = 30
#: So many of the newest skips, and of the newest failures of each kind, are looked at.
LOOKED_AT = 10_000

Rows = sa.Select[*tuple[Any, ...]]
Counts = dict[tuple[int, str], int]
_EVALUATED = "evaluated"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the store. Each evaluation is counted once, by the worst that came of it."""

    date: dt.date
    fired: int
    skipped: int
    failing: int


def per_day(session: Session, store: Store, automation_id: int | None, now: dt.datetime) -> list[Day]:
    """The last DAYS days in the store's zone, the oldest first; of one automation, or of all."""
    dates, spans = _spans(store.timezone, now)
    wanted = sa.select(Automation.id).where(Automation.store_id == store.id)
    if automation_id is not None:
        wanted = wanted.where(Automation.id == automation_id)
    rows = session.execute(sa.union_all(_evaluated(spans, wanted), _troubled(spans, wanted, store.id)))
    counts: Counts = {(row[0], row[1]): row[2] for row in rows}
    return [_day(date, counts, place) for place, date in enumerate(dates)]


def _day(date: dt.date, counts: Counts, place: int) -> Day:
    every, skipped, failing = (
        counts.get((place, kind), 0) for kind in (_EVALUATED, why_filter.SKIPPED, why_filter.FAILING)
    )
    return Day(date, max(every - skipped - failing, 0), skipped, failing)


def _spans(zone: str, now: dt.datetime) -> tuple[Sequence[dt.date], sa.Subquery]:
    """The dates, and a table of their (place, start, end): a day of 23 or 25 hours has its own length."""
    today = now.astimezone(ZoneInfo(zone)).date()
    dates = [today - dt.timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    starts = [_midnight(date, zone) for date in (*dates, today + dt.timedelta(days=1))]
    rows = [
        sa.select(
            sa.literal_column(str(place), sa.Integer()).label("place"),
            sa.literal(starts[place], Instant()).label("start"),
            sa.literal(starts[place + 1], Instant()).label("end"),
        )
        for place in range(DAYS)
    ]
    return dates, sa.union_all(*rows).subquery("span")


def _midnight(date: dt.date, zone: str) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)


def _evaluated(spans: sa.Subquery, wanted: sa.Select[int]) -> Rows:
    """All evaluations of each day: one reading of the index by automation and instant for each."""
    inside = sa.and_(Evaluation.at >= spans.c.start, Evaluation.at < spans.c.end)
    count = sa.select(sa.func.count()).where(Evaluation.automation_id.in_(wanted), inside)
    return sa.select(spans.c.place, _word(_EVALUATED), count.scalar_subquery())


def _troubled(spans: sa.Subquery, wanted: sa.Select[int], store_id: int) -> Rows:
    """Those that skipped something or are failing, found by their state."""
    found = sa.union_all(*_bad(store_id)).subquery("bad")
    worst = (
        sa.select(Evaluation.at, sa.func.max(found.c.failing).label("failing"))
        .join(found, found.c.evaluation_id == Evaluation.id)
        .where(Evaluation.automation_id.in_(wanted))
        .group_by(Evaluation.id, Evaluation.at)
        .subquery("worst")
    )
    kind = sa.case((worst.c.failing == 1, _word(why_filter.FAILING)), else_=_word(why_filter.SKIPPED))
    inside = sa.and_(worst.c.at >= spans.c.start, worst.c.at < spans.c.end)
    counted = sa.select(spans.c.place, kind, sa.func.count()).select_from(spans.join(worst, inside))
    return counted.group_by(spans.c.place, worst.c.failing)


def _bad(store_id: int) -> Iterator[Rows]:
    failing, skipped = sa.literal_column("1", sa.Integer()), sa.literal_column("0", sa.Integer())
    errors = sa.select(Evaluation.id.label("evaluation_id"), failing.label("failing"))
    mine = errors.where(Evaluation.store_id == store_id, Evaluation.outcome == "error")
    yield _newest(mine, Evaluation.id)
    for state, bad in ((FAILED, failing), (UNKNOWN, failing), (WAITING, failing), (SKIPPED, skipped)):
        runs = sa.select(Run.evaluation_id, bad.label("failing"))
        runs = runs.where(Run.store_id == store_id, Run.state == state)
        # One that waits is failing when it says why.
        yield _newest(runs.where(Run.reason.is_not(None)) if state == WAITING else runs, Run.id)


def _newest(rows: Rows, key: sa.SQLColumnExpression[int]) -> Rows:
    # SQLite takes an order inside a union only in a query of its own.
    return sa.select(rows.order_by(key.desc()).limit(LOOKED_AT).subquery())


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text())
