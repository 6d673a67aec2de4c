"""What stands under each row of a draft: how the tried record fares there, and how the past did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain.explanation import TreeVerdict
from automations.engine.rules.rule import Node, Rule, Trigger
from automations.engine.wording.verdict_sentences import short_words
from automations.features.history.listeners import OccurrenceToExplain
from automations.features.history.log_phrases import record_words
from automations.features.past.funnel import Funnel
from automations.features.past.judgeable import Row, judgeable
from automations.features.trial.condition_trial import assumed_change, node_verdict
from automations.models.settings.choices import StoreWords
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working


@dataclass(frozen=True, slots=True)
class Tried:
    """How the tried record fares at one row: its value in words, "" where there is none to show."""

    holds: bool
    value: str


@dataclass(frozen=True, slots=True)
class LastNo:
    """The newest occurrence that one row turned away."""

    occurrence_id: int
    subject: str
    record_id: int
    number: str
    record: str
    #: The value that it had then, "" where there is none to show.
    value: str


@dataclass(frozen=True, slots=True)
class RowReach:
    """One row: of those that came, how many passed. `unjudged` rows let everything through."""

    came: int = 0
    passed: int = 0
    errors: int = 0
    last_no: LastNo | None = None
    tried: Tried | None = None
    unjudged: bool = False


def reaches(
    session: Session,
    store: Store,
    words: StoreWords,
    data: Mapping[str, Any],
    counted: Funnel,
    snapshot: Mapping[str, Any] | None,
) -> dict[str, RowReach]:
    """Return the reach of each row by its path; `snapshot` is the tried record's, None for none."""
    nodes = {row.path: row.node for row in _flat(judgeable(words, data).rows)}
    tried = _tried(store, words, data, nodes, snapshot)
    last = _last_nos(session, words, counted, nodes)
    found = {
        step.path: RowReach(step.came, step.passed, step.errors, last.get(step.path), tried.get(step.path))
        for step in counted.steps
    }
    return found | {path: RowReach(unjudged=True) for path in counted.unjudged if path not in found}


def tried_rows(
    store: Store, words: StoreWords, data: Mapping[str, Any], snapshot: Mapping[str, Any] | None
) -> dict[str, Tried | None]:
    """Return how the tried record fares at each row by its path; None where that cannot be said."""
    nodes = {row.path: row.node for row in _flat(judgeable(words, data).rows)}
    return dict.fromkeys(nodes) | _tried(store, words, data, nodes, snapshot)


def _flat(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _flat(row.rows)


def _tried(
    store: Store,
    words: StoreWords,
    data: Mapping[str, Any],
    nodes: Mapping[str, Node],
    snapshot: Mapping[str, Any] | None,
) -> dict[str, Tried]:
    if snapshot is None:
        return {}
    zone = ZoneInfo(store.timezone)
    moment = dt.datetime.now(dt.UTC).astimezone(zone)
    change = assumed_change(words, data, snapshot, moment, is_working(moment, zone, store.working_hours))
    found = {}
    for path, node in nodes.items():
        try:
            verdict = node_verdict(words, data, node, snapshot, change)
        except (ValueError, LookupError):
            continue
        found[path] = Tried(verdict.holds, short_words(verdict, words.subject(data["subject"]), words))
    return found


def _last_nos(
    session: Session, words: StoreWords, counted: Funnel, nodes: Mapping[str, Node]
) -> dict[str, LastNo]:
    wanted = {step.path: step.last_no for step in counted.steps if step.last_no is not None}
    query = sa.select(Occurrence).where(
        Occurrence.store_id == words.store_id, Occurrence.id.in_(set(wanted.values()))
    )
    rows = {row.id: row for row in session.scalars(query)} if wanted else {}
    return {path: _last_no(rows[id], words, nodes.get(path)) for path, id in wanted.items() if id in rows}


def _last_no(row: Occurrence, words: StoreWords, node: Node | None) -> LastNo:
    number = str(row.snapshot.get("number", ""))
    value = _value(row, words, node) if node is not None else ""
    return LastNo(row.id, row.subject, row.record_id, number, record_words(row.subject, row.snapshot), value)


def _value(row: Occurrence, words: StoreWords, node: Node) -> str:
    moment = OccurrenceToExplain(row, words.custom_ever(row.subject), words.currency)
    try:
        (verdict,) = moment.explain(Rule(0, row.subject, Trigger(""), (node,))).tree
    except (ValueError, LookupError):
        return ""
    return _shown(verdict, words, row.subject)


def _shown(verdict: TreeVerdict, words: StoreWords, subject: str) -> str:
    # What was needed stands in the row itself.
    return short_words(verdict, words.subject(subject), words).partition(", need")[0]
