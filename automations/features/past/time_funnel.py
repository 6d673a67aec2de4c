"""A draft that waits for a time, and the past: how many due times come through each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.engine.rules.rule import Rule
from automations.features.past import caps
from automations.features.past.arrays import np
from automations.features.past.funnel_steps import TRIGGER, Funnel, Step, base_words, paths
from automations.features.past.judgeable import Judgeable, Row
from automations.features.past.matches import Matches, microseconds, moment_of, per_day
from automations.features.past.period import BEGINNING, Period
from automations.features.past.records_then import Conditions, MomentThen
from automations.features.past.time_moments import TimedPast
from automations.models.tables.store import Store

#: Record, and the entries of the log that say what it and its customer were.
Then = tuple[int, int, int]


def time_funnel(
    session: Session, store: Store, data: Mapping[str, Any], draft: Judgeable, rule: Rule, period: Period
) -> Funnel:
    """Return the funnel of a draft with a time trigger. Raises NotTimed."""
    past = TimedPast(session, store, rule, period)
    counted = _CountedTimes(draft.rows)
    for then in past.due():
        counted.add(then)
    matches, customers = counted.matches()
    base, limits = counted.steps[TRIGGER].came, data.get("caps")
    first = moment_of(int(matches.ats[0])) if len(matches) else BEGINNING
    since = first if period.days is None else period.since
    return Funnel(
        tuple(counted.steps.values()),
        base_words(draft, base),
        base,
        len(matches),
        matches.records(),
        caps.left_by(limits, matches, customers) if caps.has_caps(limits) else None,
        per_day(matches.ats, ZoneInfo(store.timezone), since, period.until) if since > BEGINNING else [],
        past.known_from,
        draft.unjudged,
        matches,
        past.unknown,
    )


class _CountedTimes:
    """Adds up the due times of one draft."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.steps = {path: Step(path) for path in (TRIGGER, *paths(rows))}
        self._rows = rows
        self._conditions = {row.path: Conditions.of([row.typed]) for row in _all(rows)}
        self._last = {path: conditions.last for path, conditions in self._conditions.items()}
        self._newest: dict[str, dt.datetime] = {}
        self._fired: dict[tuple[int, dt.datetime], MomentThen] = {}
        #: What the rows said that no time changes, of the record read last.
        self._said: dict[tuple[str, Then], bool | None] = {}
        self._record = 0

    def add(self, then: MomentThen) -> None:
        """Count one due time."""
        if then.record_id != self._record:
            self._record, self._said = then.record_id, {}
        once = (then.record_id, then.due_at)
        # Looked at again after it had fired, it is no other time.
        if once in self._fired:
            return
        self._count(self.steps[TRIGGER], then, True)
        if all(self._passes(row, then) for row in self._rows):
            self._fired[once] = then

    def matches(self) -> tuple[Matches, list[int]]:
        """Return what fired, oldest first, and the customer of each."""
        fired = sorted(self._fired.values(), key=lambda then: (then.at, then.record_id))
        columns = (
            [then.entry.id for then in fired],
            [then.record_id for then in fired],
            [microseconds(then.at) for then in fired],
        )
        return Matches(*(np.array(column, np.int64) for column in columns)), [
            then.customer_id for then in fired
        ]

    def _passes(self, row: Row, then: MomentThen) -> bool:
        for inner in row.rows:
            self._passes(inner, then)
        said = self._say(row.path, then)
        self._count(self.steps[row.path], then, said)
        return bool(said)

    def _say(self, path: str, then: MomentThen) -> bool | None:
        """Return whether a row holds; None if it cannot be read."""
        if not self._last[path]:
            return _read(self._conditions[path], then)
        key = (path, (then.record_id, then.entry.id, then.customer.id if then.customer else 0))
        if key not in self._said:
            self._said[key] = _read(self._conditions[path], then)
        return self._said[key]

    def _count(self, step: Step, then: MomentThen, said: bool | None) -> None:
        step.came += 1
        step.passed += said is True
        step.errors += said is None
        if said is False and then.entry.id and then.at >= self._newest.get(step.path, then.at):
            self._newest[step.path], step.last_no = then.at, then.entry.id


def _read(conditions: Conditions, then: MomentThen) -> bool | None:
    try:
        return then.holds(conditions)
    except ValueError:
        return None


def _all(rows: Sequence[Row]) -> list[Row]:
    return [each for row in rows for each in (row, *_all(row.rows))]
