"""Begins, stops and looks up backtests. A small one is read at once; a long one waits for the worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules import rule
from automations.engine.rules.rule import Problem, Rule, rule_from
from automations.features.backtest import backtest_reading
from automations.features.backtest.backtest_reading import Stride
from automations.features.past.firings import Firing
from automations.features.past.period import Period, period_of
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.backtest import DONE, PENDING, STOPPED, WAITING, Backtest, BacktestPart
from automations.models.tables.occurrence import MANUAL
from automations.models.tables.store import Store

#: The periods a person can choose, in words.
PERIODS: Mapping[str, str] = {"30": "The last 30 days", "90": "The last 90 days", "all": "All that is kept"}
USUAL_PERIOD = "90"
#: Occurrences that are judged within the request; more are left to the worker.
AT_ONCE = 3_000
_BY_HAND = "An automation that people run by hand has no past: it fires when someone chooses records."


class NotComparable(Exception):
    """The draft cannot be judged; `problems` say which row and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class BacktestPlan:
    """A backtest before it is written; `read` if it was small enough to be read already."""

    draft: Mapping[str, Any]
    version: Version | None
    key: str
    period: Period
    total: int
    read: Stride | None


def plan(
    session: Session,
    store: Store,
    words: StoreWords,
    automation: Automation,
    data: Mapping[str, Any],
    key: str,
    now: dt.datetime,
    at_once: int = AT_ONCE,
) -> BacktestPlan:
    """Return the backtest of rule data against the live version, read already if it is small.

    Raises NotComparable.
    """
    draft = _rule_of(words, data)
    version, period = automation.active_version, _period(session, store, draft, key, now)
    live = rule_from(version.id, version.definition) if version else None
    total = backtest_reading.recorded(session, store, draft, period)
    read = None
    if total <= at_once:
        rules = (data, draft, version.definition if version else None, live)
        read = backtest_reading.read_stride(session, store, words, rules, period, period.until)
    return BacktestPlan(data, version, key, period, total, read)


def begin(
    session: Session,
    store: Store,
    automation: Automation,
    plan: BacktestPlan,
    asked_by: str,
    now: dt.datetime,
) -> Backtest:
    """Write the backtest, inside write(): done if it was read already, else waiting for the worker."""
    backtest = Backtest(
        store_id=store.id,
        automation_id=automation.id,
        draft=dict(plan.draft),
        revision=automation.revision,
        version_id=plan.version.id if plan.version else None,
        period=plan.key,
        since=plan.period.since,
        until=plan.period.until,
        state=WAITING if plan.read is None else DONE,
        total=plan.total,
        figures=backtest_reading.no_figures(),
        asked_by=asked_by,
        created_at=now,
    )
    session.add(backtest)
    session.flush()
    if plan.read:
        backtest_reading.add_stride(session, backtest, plan.read, ZoneInfo(store.timezone))
        backtest.started_at = backtest.finished_at = now
        session.flush()
    return backtest


def stop(session: Session, backtest_id: int, now: dt.datetime) -> bool:
    """Stop a backtest that is not over, inside write(); what was read is kept. Return whether it was."""
    unless_over = sa.update(Backtest).where(Backtest.id == backtest_id, Backtest.state.in_(PENDING))
    values = {"state": STOPPED, "finished_at": now, "claim": None, "claimed_until": None}
    return bool(session.connection().execute(unless_over.values(**values)).rowcount)


def of_automation(session: Session, automation: Automation, most: int) -> list[Backtest]:
    """Return the latest backtests of an automation, newest first."""
    query = sa.select(Backtest).where(Backtest.automation_id == automation.id)
    return list(session.scalars(query.order_by(Backtest.id.desc()).limit(most)))


def ahead_of(session: Session, backtest: Backtest) -> int:
    """Return how many backtests of the store are read before this one."""
    query = sa.select(sa.func.count()).select_from(Backtest)
    before = sa.and_(Backtest.store_id == backtest.store_id, Backtest.id < backtest.id)
    return session.scalar(query.where(before, Backtest.state.in_(PENDING))) or 0


def count_of(backtest: Backtest, fate: str) -> int:
    """Return how many firings have this fate, so far."""
    return int(backtest.figures.get(fate, 0))


def firings(session: Session, backtest: Backtest, fate: str, begin: int, count: int) -> list[Firing]:
    """Return firings of one fate from place `begin` (from 0) on, newest first."""
    found: list[Firing] = []
    place = 0
    for id, length in session.execute(_parts(backtest, fate, BacktestPart.id, BacktestPart.count)).all():
        if place + length > begin and place < begin + count:
            listed = session.scalar(sa.select(BacktestPart.firings).where(BacktestPart.id == id)) or ()
            found += [_firing(entry) for entry in listed[max(0, begin - place) : begin + count - place]]
        place += length
    return found


def all_firings(session: Session, backtest: Backtest, fate: str) -> Iterator[list[Firing]]:
    """Yield all firings of one fate part by part, newest first."""
    for (id,) in session.execute(_parts(backtest, fate, BacktestPart.id)).all():
        listed = session.scalar(sa.select(BacktestPart.firings).where(BacktestPart.id == id)) or ()
        yield [_firing(entry) for entry in listed]


def _parts(backtest: Backtest, fate: str, *columns: Any) -> sa.Select[*tuple[Any, ...]]:
    of_fate = sa.and_(BacktestPart.backtest_id == backtest.id, BacktestPart.fate == fate)
    return sa.select(*columns).where(of_fate).order_by(BacktestPart.id)


def _firing(entry: Sequence[int]) -> Firing:
    occurrence_id, record_id, micros = entry
    return Firing(backtest_reading.moment_of(micros), record_id, occurrence_id)


def _period(session: Session, store: Store, draft: Rule, key: str, now: dt.datetime) -> Period:
    """Return the period up to now; of all that is kept, from the first entry on. Without any it is empty."""
    period = period_of(key, store, now)
    until = min(period.until, now)
    first = backtest_reading.first_at(session, store, draft, Period(period.since, until, period.days))
    since = until if first is None else first if period.days is None else period.since
    return Period(since, until, period.days)


def _rule_of(words: StoreWords, data: Mapping[str, Any]) -> Rule:
    custom = words.custom(str(data.get("subject")))
    problems = rule.check(data, words.choices, words.has_reference, custom)
    if not problems and data["trigger"]["key"] == MANUAL:
        problems = [Problem("trigger.key", _BY_HAND)]
    if problems:
        raise NotComparable(problems)
    return rule_from(0, data)
