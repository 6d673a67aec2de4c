"""A draft and the past: how many occurrences come through each row, and which it turned away last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from automations.features.past import asking, caps
from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.columns import Column
from automations.features.past.funnel_steps import TRIGGER, Funnel, Step, base_words, paths
from automations.features.past.judge_columns import Judged, all_of, judge
from automations.features.past.judgeable import Judgeable, Row, judgeable
from automations.features.past.matches import Matches, moment_of, none, per_day, united
from automations.features.past.occurrence_table import OccurrenceTable
from automations.features.past.period import BEGINNING, Period
from automations.features.past.raw_facts import CUSTOMER_ID
from automations.features.past.time_funnel import time_funnel
from automations.models.settings.choices import StoreWords
from automations.models.settings.log_retention import complete_since
from automations.models.tables.store import Store

__all__ = ["Funnel", "Step", "funnel"]

#: Occurrences looked at together, from the newest on.
_LOOKED_AT = 4_096


def funnel(
    session: Session, store: Store, words: StoreWords, data: Mapping[str, Any], period: Period
) -> Funnel:
    """Return the funnel of a draft, complete or not: rows that cannot be judged are left out and named."""
    draft = judgeable(words, data)
    if draft.rule is not None and draft.rule.trigger.schedule:
        return time_funnel(session, store, data, draft, draft.rule, period)
    counted = _Counted(draft.rows)
    if draft.rule is not None:
        for key in asking.listened_to(store, draft.rule.subject, draft.rule.trigger.key):
            nodes = (*draft.narrowings, *_nodes(draft.rows))
            with asking.asked(session, key, nodes, _others(data)) as table:
                counted.add(table, draft.rule.trigger.key, draft, period)
    return counted.funnel(words, store, data, draft, period)


class _Counted:
    """Adds up what the tables of one rule say."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.steps = {path: Step(path) for path in (TRIGGER, *paths(rows))}
        self.found: list[tuple[Matches, Ints]] = []
        self.first: int | None = None

    def add(self, table: OccurrenceTable, trigger: str, draft: Judgeable, period: Period) -> None:
        came = asking.candidates(table, trigger, period)
        if came.any():
            first = int(table.ats[came].min())
            self.first = first if self.first is None else min(self.first, first)
        narrowed = all_of([judge(table, node) for node in draft.narrowings], len(table))
        came = self._step(TRIGGER, table, narrowed, came)
        for row in draft.rows:
            came = self._row(row, table, came)
        matches = table.matches(came)
        customers = table.columns.get(CUSTOMER_ID)
        self.found.append((matches, none().ids if customers is None else numbers(customers)[came]))

    def funnel(
        self, words: StoreWords, store: Store, data: Mapping[str, Any], draft: Judgeable, period: Period
    ) -> Funnel:
        matches = united([found for found, _ in self.found])
        base, limits = self.steps[TRIGGER].came, data.get("caps")
        since = period.since if period.days is not None or self.first is None else moment_of(self.first)
        return Funnel(
            tuple(self.steps.values()),
            base_words(draft, base),
            base,
            len(matches),
            matches.records(),
            caps.left_by(limits, matches, self._customers(limits, matches))
            if caps.has_caps(limits)
            else None,
            per_day(matches.ats, words.zone, since, period.until) if since > BEGINNING else [],
            _known_from(store, period),
            draft.unjudged,
            matches,
        )

    def _row(self, row: Row, table: OccurrenceTable, came: Mask) -> Mask:
        for inner in row.rows:
            self._row(inner, table, came)
        return self._step(row.path, table, judge(table, row.typed), came)

    def _step(self, path: str, table: OccurrenceTable, judged: Judged, came: Mask) -> Mask:
        step = self.steps[path]
        passed = came & judged.holds
        turned_away = came & ~judged.holds
        if judged.errors is not None:
            step.errors += int(np.count_nonzero(came & judged.errors))
            passed &= ~judged.errors
            turned_away &= ~judged.errors
        step.came += int(np.count_nonzero(came))
        step.passed += int(np.count_nonzero(passed))
        newest = _newest(table.ids, turned_away)
        if newest is not None:
            step.last_no = newest if step.last_no is None else max(step.last_no, newest)
        return passed

    def _customers(self, limits: Any, matches: Matches) -> list[int]:
        if not caps.needs_customers(limits):
            return [0] * len(matches)
        ids, customers = (
            np.concatenate(parts)
            for parts in (
                [found.ids for found, _ in self.found] or [none().ids],
                [of_these for _, of_these in self.found] or [none().ids],
            )
        )
        return [int(id) for id in customers[np.argsort(ids, kind="stable")]]


def _newest(ids: Ints, mask: Mask) -> int | None:
    """Return the highest id where `mask` is true."""
    for last in range(len(mask), 0, -_LOOKED_AT):
        places = np.flatnonzero(mask[max(0, last - _LOOKED_AT) : last])
        if len(places):
            return int(ids[max(0, last - _LOOKED_AT) + places[-1]])
    return None


def _known_from(store: Store, period: Period) -> dt.datetime | None:
    """Return since when everything of the period is still kept; None if nothing of it was deleted."""
    kept_since = complete_since(store, period.until)
    return kept_since if kept_since and kept_since > max(period.since, store.created_at) else None


def numbers(column: Column) -> Ints:
    """Return the ids that a column stands for, 0 where there is none."""
    ids = np.array([id or 0 for id in column.values], np.int64)
    of_each: Ints = ids[column.codes.array]
    return of_each


def _others(data: Mapping[str, Any]) -> list[str]:
    return [CUSTOMER_ID] if caps.needs_customers(data.get("caps")) else []


def _nodes(rows: Sequence[Row]) -> Iterator[Any]:
    for row in rows:
        yield row.typed
        yield from _nodes(row.rows)
