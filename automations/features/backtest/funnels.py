"""The funnel of a draft beside the live version's: which conditions they share, and how many come through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.engine.fields.subject import Subject
from automations.engine.operators.operators import OPERATORS
from automations.engine.rules.rule import node_from
from automations.engine.wording.value_phrases import needed_words
from automations.engine.wording.wording import condition_words, trigger_words
from automations.features.past.funnel import funnel
from automations.features.past.period import Period
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store

#: Key of the figures -> whose funnel it is; each is {path: how many came through}.
DRAFT, LIVE = "draft_funnel", "live_funnel"
#: Key of the figures -> {path: how many of them this row of the draft could not check}.
DRAFT_ERRORS = "draft_errors"
#: Key of the figures -> how often it would have run within its own limits; None if it has none.
DRAFT_RAN, LIVE_RAN = "draft_ran", "live_ran"
_TRIGGER = "trigger"

Counts = Mapping[str, int]
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One row of the rule: how many come through it in either version; None if it is not asked."""

    text: str
    #: What is different: "was £60.00", "new", "left out".
    note: str
    draft: int | None
    live: int | None
    #: How many the draft's row could not check.
    errors: int = 0


def figures(
    session: Session,
    store: Store,
    words: StoreWords,
    draft: Mapping[str, Any],
    live: Mapping[str, Any] | None,
    period: Period,
) -> dict[str, Any]:
    """Return the funnels of both as figures of a backtest, and since when the log is complete."""
    both = {DRAFT: draft} | ({LIVE: live} if live else {})
    counted = {key: funnel(session, store, words, data, period) for key, data in both.items()}
    known_from, live_ran = counted[DRAFT].known_from, counted[LIVE].capped if live else None
    ran = {DRAFT_RAN: counted[DRAFT].capped, LIVE_RAN: live_ran}
    steps = {key: {step.path: step.passed for step in found.steps} for key, found in counted.items()}
    steps[DRAFT_ERRORS] = {step.path: step.errors for step in counted[DRAFT].steps if step.errors}
    return {**steps, **ran, "known_from": known_from.isoformat() if known_from else None}


def rows(
    words: StoreWords, draft: Mapping[str, Any], live: Mapping[str, Any] | None, counted: Mapping[str, Any]
) -> list[FunnelRow]:
    """Return the rows of both rules, the draft's first in its order, then those it leaves out."""
    ours, theirs = counted.get(DRAFT), counted.get(LIVE, {})
    if not ours:
        return []
    subject = words.subject(draft["subject"])
    table = [_trigger_row(words, subject, draft, live, ours, theirs)]
    old: list[Node] = list(live["conditions"]) if live and live["subject"] == draft["subject"] else []
    left = dict(enumerate(old))
    for place, node in enumerate(draft["conditions"]):
        before = _counterpart(node, left)
        note = _note(node, left[before], subject, words) if before is not None else "new" if live else ""
        passed = theirs.get(f"conditions.{before}") if before is not None else None
        path = f"conditions.{place}"
        errors = counted.get(DRAFT_ERRORS, {}).get(path, 0)
        table.append(FunnelRow(_text(node, subject, words), note, ours.get(path), passed, errors))
        left.pop(-1 if before is None else before, None)
    return table + [
        FunnelRow(_text(node, subject, words), "left out", None, theirs.get(f"conditions.{place}"))
        for place, node in left.items()
    ]


def _trigger_row(
    words: StoreWords,
    subject: Subject,
    draft: Mapping[str, Any],
    live: Mapping[str, Any] | None,
    ours: Counts,
    theirs: Counts,
) -> FunnelRow:
    note = ""
    if live and live["subject"] != draft["subject"]:
        note = f"was about {words.subject(live['subject']).plural.lower()}"
    elif live and live["trigger"] != draft["trigger"]:
        before = _trigger(words, subject, live["trigger"])
        note = f"was: {before[:1].lower()}{before[1:]}"
    text = _trigger(words, subject, draft["trigger"])
    return FunnelRow(text, note, ours.get(_TRIGGER), theirs.get(_TRIGGER) if live else None)


def _trigger(words: StoreWords, subject: Subject, trigger: Mapping[str, Any]) -> str:
    kind = subject.triggers[trigger["key"]]
    return trigger_words(kind, trigger.get("from"), trigger.get("to"), words, subject, trigger)


def _counterpart(node: Node, left: Mapping[int, Node]) -> int | None:
    """Return the place of the live condition that is the same, else of one about the same field."""
    same = (place for place, old in left.items() if old == node)
    field = node.get("field")
    alike = (place for place, old in left.items() if field and old.get("field") == field)
    return next(same, next(alike, None))


def _note(node: Node, old: Node, subject: Subject, words: StoreWords) -> str:
    if node == old:
        return ""
    if node["operator"] != old["operator"]:
        text = _text(old, subject, words)
        return f"was: {text[:1].lower()}{text[1:]}"
    field, operator = subject.any_field(old["field"]), OPERATORS[old["operator"]]
    return f"was {needed_words(field, operator, old.get('value'), words)}"


def _text(node: Node, subject: Subject, words: StoreWords) -> str:
    text = condition_words(node_from(node), subject, words).removeprefix("its ")
    return text[:1].upper() + text[1:]


def widths(table: Sequence[FunnelRow]) -> list[tuple[int, int]]:
    """Return for each row how long the bars of both are, of 1,000."""
    most = max((max(row.draft or 0, row.live or 0) for row in table), default=0) or 1
    return [(round((row.draft or 0) * 1000 / most), round((row.live or 0) * 1000 / most)) for row in table]
