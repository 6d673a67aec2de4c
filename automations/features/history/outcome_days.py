"""What one automation did in the last days: each time it fired counts once, by the worst of its actions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures import standings
from automations.features.figures.day_figures import figures, last_days, uncounted
from automations.features.figures.outcomes import DROPPED, ERROR, GOES_WRONG, HELD, SERIES, series_of
from automations.models.tables.day_figure import OpenFigure
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import FAILED, SKIPPED, UNKNOWN, WAITING, Run
from automations.models.tables.store import Store

DAYS = 30
#: The newest evaluations whose reasons are read, and those of the ones that fail.
LOOKED_AT, OPEN_LOOKED_AT = 1_000, 200

#: It did not act at all: held as a loop, or over its cap.
HELD_BACK = "held_back"
WAITING_STANDINGS = (standings.UNDER_WAY, standings.UNDER_WAY_SKIPPED, HELD)


@dataclass(frozen=True, slots=True)
class OutcomeDay:
    """How often it fired on one day of the store, by series: a key of SERIES, DROPPED or HELD_BACK."""

    date: dt.date
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, series: str) -> int:
        return self.counts.get(series, 0)

    @property
    def drawn(self) -> int:
        """The height of its bar: what was dropped or held back is not in it."""
        return sum(self.of(series) for series in SERIES)


@dataclass(frozen=True, slots=True)
class Waits:
    """The actions that wait for their time or for another try: when the first and the last are due."""

    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The last DAYS days, oldest first, and what stands beside their totals."""

    days: tuple[OutcomeDay, ...]
    #: How often each series was in as many days before.
    before: Mapping[str, int]
    #: Why actions were skipped, with how often it was the reason, the most frequent first.
    skips: tuple[tuple[str, int], ...]
    #: Why the newest failing action fails.
    failure: str
    next_try: dt.datetime | None
    waits: Waits | None

    def total(self, series: str) -> int:
        return sum(day.of(series) for day in self.days)

    @property
    def fired(self) -> int:
        """How often it fired, whatever became of it; what could not be checked did not."""
        return sum(day.drawn + day.of(DROPPED) - day.of(ERROR) for day in self.days)


def outcomes(session: Session, store: Store, automation_id: int, now: dt.datetime) -> Outcomes:
    """Return what the automation did in the last DAYS days of the store's calendar, today included."""
    dates = last_days(store.timezone, now, 2 * DAYS)
    counts: dict[dt.date, Counter[str]] = {date: Counter() for date in dates}
    for figure in figures(session, store, dates, [automation_id]):
        counts[figure.day][_series(figure.standing)] += figure.count
    earlier, days = dates[:DAYS], tuple(OutcomeDay(date, counts[date]) for date in dates[DAYS:])
    since = dt.datetime.combine(dates[DAYS], dt.time(), ZoneInfo(store.timezone)).astimezone(dt.UTC)
    newest = session.execute(_reasons_of(_newest(store.id, automation_id, since), (SKIPPED,))).all()
    troubles = session.execute(_reasons_of(_open(store, automation_id), (FAILED, UNKNOWN, WAITING))).all()
    return Outcomes(
        days=days,
        before=sum((counts[date] for date in earlier), Counter()),
        skips=_reasons(newest),
        failure=_newest_reason([row for row in troubles if _is_failing(row)]),
        next_try=min((row.first for row in troubles if row.state == WAITING and row.tried), default=None),
        waits=_waits(session, store, automation_id, [row for row in troubles if _is_kept(row)]),
    )


def _series(standing: str) -> str:
    acted = standing in standings.OF_FIRED or standing == ERROR
    return series_of(standings.outcome_of(standing)) if acted else HELD_BACK


def _newest(store_id: int, automation_id: int, since: dt.datetime) -> sa.Select[int]:
    """Select the newest evaluations of the automation: what they were skipped for speaks for the others."""
    of_it = sa.and_(Evaluation.store_id == store_id, Evaluation.automation_id == automation_id)
    ids = sa.select(Evaluation.id).where(of_it, Evaluation.at >= since)
    return ids.order_by(Evaluation.id.desc()).limit(LOOKED_AT)


def _open(store: Store, automation_id: int) -> sa.Select[int]:
    """Select the newest evaluations of the automation that may still change."""
    of_it = [OpenFigure.automation_id == automation_id, OpenFigure.standing.in_(GOES_WRONG)]
    counted = sa.select(OpenFigure.evaluation_id).where(*of_it).order_by(OpenFigure.evaluation_id.desc())
    new = sa.select(Evaluation.id).where(*uncounted(store), Evaluation.automation_id == automation_id)
    both = (counted.limit(OPEN_LOOKED_AT), new.order_by(Evaluation.id.desc()).limit(LOOKED_AT))
    # SQLite accepts ORDER BY inside a UNION only in a subquery.
    return sa.union_all(*(sa.select(one.subquery()) for one in both)).subquery().select()


def _reasons_of(evaluations: sa.Select[int], states: Sequence[str]) -> sa.Select[*tuple[Any, ...]]:
    """Select the runs of some evaluations in some states, by state and reason."""
    tried = sa.and_(Run.tries > 0, Run.reason.is_not(None)).label("tried")
    inside = sa.select(Run.id, Run.state, Run.reason, Run.due_at, tried, Run.evaluation_id)
    # A joined text keeps the databases from the index of states, which holds those of every automation.
    runs = inside.where(Run.evaluation_id.in_(evaluations), (Run.state + "").in_(states)).subquery()
    keys = (runs.c.state, runs.c.reason, runs.c.tried)
    numbers = (
        sa.func.count(runs.c.evaluation_id.distinct()).label("count"),
        sa.func.max(runs.c.id).label("newest"),
        sa.func.min(runs.c.due_at).label("first"),
        sa.func.max(runs.c.due_at).label("last"),
    )
    return sa.select(*keys, *numbers).group_by(*keys)


def _reasons(rows: Sequence[Any]) -> tuple[tuple[str, int], ...]:
    most = Counter[str]()
    for row in rows:
        most[row.reason or ""] += row.count
    return tuple((reason, count) for reason, count in most.most_common() if reason)


def _is_failing(row: Any) -> bool:
    return row.state in (FAILED, UNKNOWN) or (row.state == WAITING and row.tried)


def _newest_reason(rows: Sequence[Any]) -> str:
    newest = max(rows, key=lambda row: row.newest, default=None)
    return (newest.reason or "") if newest else ""


def _is_kept(row: Any) -> bool:
    return bool(row.state == WAITING and not row.tried)


def _waits(session: Session, store: Store, automation_id: int, new: Sequence[Any]) -> Waits | None:
    """Return when the waiting actions are due: those of the counted evaluations, and the newer ones."""
    of_it = sa.and_(OpenFigure.automation_id == automation_id, OpenFigure.standing.in_(WAITING_STANDINGS))
    counted = sa.select(sa.func.min(OpenFigure.first_due_at), sa.func.max(OpenFigure.last_due_at))
    first, last = session.execute(counted.where(of_it)).one()
    firsts = [row.first for row in new] + ([first] if first else [])
    lasts = [row.last for row in new] + ([last] if last else [])
    return Waits(min(firsts), max(lasts)) if firsts and lasts else None
