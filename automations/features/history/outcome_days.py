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

from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import CANCELLED, FAILED, SKIPPED, SUCCEEDED, UNKNOWN, WAITING, Run
from automations.models.tables.store import Store

DAYS = 30

SENT, SKIPPED_ONE, FAILING, WAITS = "sent", "skipped", "failing", "waiting"
#: All its actions were cancelled: nothing was done, and nothing is wrong.
DROPPED = "dropped"
#: It did not act at all: held as a loop, or over its cap.
HELD_BACK = "held_back"
#: Worst last. A state that is not named here is under way.
_RANKS = {CANCELLED: 0, SUCCEEDED: 1, SKIPPED: 2, FAILED: 4, UNKNOWN: 4}
_UNDER_WAY, _FAILING = 3, 4
_OUTCOMES = (DROPPED, SENT, SKIPPED_ONE, WAITS, FAILING)
#: The outcomes a reader can choose, with their labels, in the order of every page.
LABELS = {SENT: "Sent", SKIPPED_ONE: "Skipped", FAILING: "Failing", WAITS: "Waiting"}


@dataclass(frozen=True, slots=True)
class OutcomeDay:
    """How often it fired on one day of the store, by outcome."""

    date: dt.date
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, outcome: str) -> int:
        return self.counts.get(outcome, 0)

    @property
    def drawn(self) -> int:
        """The height of its bar: what was dropped or held back is not in it."""
        return sum(self.of(outcome) for outcome in LABELS)


@dataclass(frozen=True, slots=True)
class Waits:
    """The actions that wait for their time or for another try: when the first and the last are due."""

    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The last DAYS days, oldest first, and what stands beside their totals."""

    days: tuple[OutcomeDay, ...]
    #: What was sent in as many days before.
    sent_before: int
    #: Why actions were skipped, with how often it was the reason, the most frequent first.
    skips: tuple[tuple[str, int], ...]
    #: Why the newest failing action fails.
    failure: str
    next_try: dt.datetime | None
    waits: Waits | None

    def total(self, outcome: str) -> int:
        return sum(day.of(outcome) for day in self.days)

    @property
    def fired(self) -> int:
        """How often it fired, whatever became of it."""
        return sum(day.drawn + day.of(DROPPED) for day in self.days)


def outcomes(session: Session, store: Store, automation_id: int, now: dt.datetime) -> Outcomes:
    """Return what the automation did in the last DAYS days of the store's calendar, today included."""
    starts = _midnights(store.timezone, now)
    begin, end = starts[0][1], now + dt.timedelta(days=1)
    since = _fired(store.id, automation_id, begin, end)
    counts: dict[int, Counter[str]] = {place: Counter() for place in range(len(starts))}
    for place, outcome, rank, count in session.execute(_by_day(since, starts)):
        counts[place][outcome_of(outcome, rank)] += count
    earlier = _fired(store.id, automation_id, begin - dt.timedelta(days=DAYS), begin)
    sent = sa.select(sa.func.count()).where(earlier.c.outcome == "fired", earlier.c.rank == _RANKS[SUCCEEDED])
    days = tuple(OutcomeDay(date, counts[place]) for place, (date, _) in enumerate(starts))
    troubles = session.execute(_troubles(store.id, automation_id, begin)).all()
    return Outcomes(
        days=days,
        sent_before=session.scalar(sent) or 0,
        skips=_reasons([row for row in troubles if row.state == SKIPPED]),
        failure=_newest_reason([row for row in troubles if _is_failing(row)]),
        next_try=min((row.first for row in troubles if row.state == WAITING and row.tried), default=None),
        waits=_waits([row for row in troubles if row.state == WAITING and not row.tried]),
    )


def outcome_of(outcome: str, rank: int | None) -> str:
    """Return the outcome of an evaluation, from its own and from the highest rank of its runs."""
    if outcome == "error":
        return FAILING
    if outcome != "fired":
        return HELD_BACK
    return SENT if rank is None else _OUTCOMES[rank]


def rank_of_run() -> sa.ColumnElement[int]:
    """Return how bad the state of a run is, as SQL; a run that waits after a try is failing."""
    again = sa.and_(Run.state == WAITING, Run.tries > 0, Run.reason.is_not(None))
    named = [(Run.state == state, _number(rank)) for state, rank in _RANKS.items()]
    return sa.case((again, _number(_FAILING)), *named, else_=_number(_UNDER_WAY))


def rank_of(outcome: str) -> int:
    """Return the rank of the runs that make an evaluation `outcome`, a key of LABELS."""
    return _OUTCOMES.index(outcome)


def _fired(store_id: int, automation_id: int, since: dt.datetime, until: dt.datetime) -> sa.Subquery:
    """Select the automation's evaluations of a time, each with the worst rank of its runs."""
    of_it = sa.and_(Evaluation.store_id == store_id, Evaluation.automation_id == automation_id)
    return (
        sa.select(Evaluation.id, Evaluation.at, Evaluation.outcome, sa.func.max(rank_of_run()).label("rank"))
        .join(Run, Run.evaluation_id == Evaluation.id, isouter=True)
        .where(of_it, Evaluation.at >= since, Evaluation.at < until)
        .group_by(Evaluation.id, Evaluation.at, Evaluation.outcome)
        .subquery()
    )


def _by_day(fired: sa.Subquery, starts: Sequence[tuple[dt.date, dt.datetime]]) -> sa.Select[*tuple[Any, ...]]:
    # Newest day first, so that each row is compared with few of them.
    days = [(fired.c.at >= start, _number(place)) for place, (_, start) in enumerate(starts)]
    placed = sa.select(sa.case(*reversed(days)).label("place"), fired.c.outcome, fired.c.rank).subquery()
    columns = (placed.c.place, placed.c.outcome, placed.c.rank)
    return sa.select(*columns, sa.func.count()).group_by(*columns)


def _troubles(store_id: int, automation_id: int, since: dt.datetime) -> sa.Select[*tuple[Any, ...]]:
    """Select the runs that did not go through, by state and reason."""
    tried = sa.and_(Run.tries > 0, Run.reason.is_not(None)).label("tried")
    inside = sa.select(
        Run.id, Run.state, Run.reason, Run.due_at, tried, Run.evaluation_id.label("evaluation_id")
    )
    inside = inside.join(Evaluation, Evaluation.id == Run.evaluation_id).where(
        Evaluation.store_id == store_id,
        Evaluation.automation_id == automation_id,
        Evaluation.at >= since,
        Run.state.in_((SKIPPED, FAILED, UNKNOWN, WAITING)),
    )
    runs = inside.subquery()
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


def _waits(rows: Sequence[Any]) -> Waits | None:
    if not rows:
        return None
    return Waits(min(row.first for row in rows), max(row.last for row in rows))


def _midnights(zone: str, now: dt.datetime) -> list[tuple[dt.date, dt.datetime]]:
    """Return the days of the store's calendar, oldest first, each with the instant at which it begins."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    dates = [today - dt.timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return [(date, dt.datetime.combine(date, dt.time(), local).astimezone(dt.UTC)) for date in dates]


def _number(value: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value), sa.Integer())
