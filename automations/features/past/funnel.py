"""A draft and the past: how many occurrences come through each row, and which it turned away last.

For a draft that waits for a time the occurrences are the moments at which records were due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.engine.rules.rule import Rule
from automations.features.past import asking, caps
from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.due_table import DueTable
from automations.features.past.funnel_steps import TRIGGER, Funnel, Step, base_words, paths
from automations.features.past.judge_columns import Judged, all_of, judge, matching
from automations.features.past.judgeable import Judgeable, Row, judgeable
from automations.features.past.matches import Matches, joined, moment_of, none, per_day
from automations.features.past.occurrence_table import OccurrenceTable
from automations.features.past.period import BEGINNING, Period
from automations.features.past.raw_facts import CUSTOMER_ID
from automations.features.past.time_moments import TimedPast
from automations.features.past.written_down import WrittenDown
from automations.models.settings.choices import StoreWords
from automations.models.settings.log_retention import complete_since
from automations.models.tables.custom_field import fields_of
from automations.models.tables.store import Store

__all__ = ["Funnel", "Step", "funnel"]


def funnel(
    session: Session, store: Store, words: StoreWords, data: Mapping[str, Any], period: Period
) -> Funnel:
    """Return the funnel of a draft, complete or not: rows that cannot be judged are left out and named.

    Raises NotTimed.
    """
    draft = judgeable(words, data)
    own = words.custom_ever(draft.rule.subject) if draft.rule else None
    counted = _Counted(draft, data.get("caps"), own or {})
    known_from, unknown = _known_from(store, period), 0
    if draft.rule and draft.rule.trigger.schedule:
        past = TimedPast(session, store, draft.rule, period)
        for table in past.tables():
            counted.add_moments(table)
        known_from, unknown = past.known_from, past.unknown
    elif draft.rule:
        counted.add_recorded(session, store, draft.rule, period)
    return counted.funnel(words, period, known_from, unknown)


class _Counted:
    """Adds up what the tables of one draft say."""

    def __init__(self, draft: Judgeable, limits: Any, own: Mapping[str, Field]) -> None:
        self._draft = draft
        self._limits = limits
        self._steps = {path: Step(path) for path in (TRIGGER, *paths(draft.rows))}
        self._newest: dict[str, int] = {}
        #: What fired, and whose it was where a limit asks.
        self._found: list[tuple[Matches, Ints]] = []
        self._first: int | None = None
        self._written = WrittenDown(_nodes(draft.rows), own)

    def add_recorded(self, session: Session, store: Store, rule: Rule, period: Period) -> None:
        """Add the recorded occurrences that the rule listens to."""
        nodes = (*self._draft.narrowings, *_nodes(self._draft.rows))
        others = [CUSTOMER_ID] if caps.needs_customers(self._limits) else []
        custom = fields_of(session, store.id, removed=True).get(rule.subject)
        for key in asking.listened_to(store, rule.subject, rule.trigger.key):
            with asking.asked(session, key, nodes, custom, others) as table:
                self._add(table, asking.candidates(table, rule.trigger.key, period))

    def add_moments(self, table: DueTable) -> None:
        """Add moments at which records were due; one that has fired is not looked at again."""
        typed = (*self._draft.narrowings, *(row.typed for row in self._draft.rows))
        fires = matching(all_of([judge(table, node) for node in typed], len(table)))
        self._add(table, table.once(fires))

    def funnel(
        self, words: StoreWords, period: Period, known_from: dt.datetime | None, unknown: int
    ) -> Funnel:
        """Return what was added up."""
        matches, customers = self._in_order()
        base = self._steps[TRIGGER].came
        since = period.since if period.days is not None or self._first is None else moment_of(self._first)
        return Funnel(
            tuple(self._steps.values()),
            base_words(self._draft, base),
            base,
            len(matches),
            matches.records(),
            caps.left_by(self._limits, matches, customers.tolist()) if caps.has_caps(self._limits) else None,
            per_day(matches.ats, words.zone, since, period.until) if since > BEGINNING else [],
            known_from,
            self._draft.unjudged,
            matches,
            unknown,
            self._written.told(),
        )

    def _add(self, table: OccurrenceTable | DueTable, came: Mask) -> None:
        if came.any():
            first = int(table.ats[came].min())
            self._first = first if self._first is None else min(self._first, first)
        self._written.add(table, came)
        narrowed = all_of([judge(table, node) for node in self._draft.narrowings], len(table))
        came = self._step(TRIGGER, table, narrowed, came)
        for row in self._draft.rows:
            came = self._row(row, table, came)
        matches = table.matches(came)
        of_customers = caps.needs_customers(self._limits)
        whose = table.columns[CUSTOMER_ID].numbers()[came] if of_customers else np.zeros_like(matches.ids)
        self._found.append((matches, whose))

    def _row(self, row: Row, table: OccurrenceTable | DueTable, came: Mask) -> Mask:
        for inner in row.rows:
            self._row(inner, table, came)
        return self._step(row.path, table, judge(table, row.typed), came)

    def _step(self, path: str, table: OccurrenceTable | DueTable, judged: Judged, came: Mask) -> Mask:
        step = self._steps[path]
        passed = came & judged.holds
        turned_away = came & ~judged.holds
        if judged.errors is not None:
            step.errors += int(np.count_nonzero(came & judged.errors))
            passed &= ~judged.errors
            turned_away &= ~judged.errors
        step.came += int(np.count_nonzero(came))
        step.passed += int(np.count_nonzero(passed))
        newest = table.newest(turned_away)
        if newest is not None and newest[0] >= self._newest.get(path, newest[0]):
            self._newest[path], step.last_no = newest
        return passed

    def _in_order(self) -> tuple[Matches, Ints]:
        """Return what fired, oldest first, and the customer of each; 0 for none."""
        matches = joined([found for found, _ in self._found])
        whose: Ints = np.concatenate([none().ids, *(whose for _, whose in self._found)])
        if matches.is_in_order():
            return matches, whose
        order = matches.order()
        return matches.at(order), whose[order]


def _known_from(store: Store, period: Period) -> dt.datetime | None:
    """Return since when everything of the period is still kept; None if nothing of it was deleted."""
    kept_since = complete_since(store, period.until)
    return kept_since if kept_since and kept_since > max(period.since, store.created_at) else None


def _nodes(rows: Sequence[Row]) -> Iterator[Any]:
    for row in rows:
        yield row.typed
        yield from _nodes(row.rows)
