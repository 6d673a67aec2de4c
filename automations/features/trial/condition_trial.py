"""A draft's trigger and conditions tried on one record: actual and needed values, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from automations.engine.explain.explanation import TreeVerdict, explain
from automations.engine.fields.subject import Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.engine.rules.rule import Node, Problem, Rule, Trigger, node_from
from automations.engine.wording.wording import trigger_words, verdict_words
from automations.models.settings.choices import StoreWords


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition tried on the record. `holds` is None if it could not be evaluated."""

    text: str
    holds: bool | None
    #: Whether the record has a value that could not be compared, though the condition is complete.
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class AssumedChange:
    """The change that is assumed to have just happened; `field` is what changed, if the trigger says so."""

    from_value: str | None = None
    to_value: str | None = None
    field: str | None = None
    #: The moment of the trial, in the store's zone.
    now: datetime | None = None
    #: Whether the store is open then.
    working: bool | None = None

    @property
    def previous(self) -> dict[str, str | None]:
        """Return the previous value, keyed by the field that changed."""
        return {self.field: self.from_value} if self.field else {}


def assumed_change(
    words: StoreWords,
    data: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    now: datetime | None = None,
    working: bool | None = None,
) -> AssumedChange:
    """Return the change to the record's present value, from the value the trigger asks for unless they are
    equal.
    """
    trigger, subject = data["trigger"], words.subject(data["subject"])
    kind = subject.triggers.get(str(trigger.get("key")))
    key = kind.changed_field(trigger.get("field")) if kind else None
    field = subject.fields.get(str(key))
    if field is None or kind is None or not (kind.choices or kind.needs_field):
        return AssumedChange(now=now, working=working)
    present = _plain(field, snapshot)
    wanted = trigger.get("from") or None
    return AssumedChange(wanted if wanted != present else None, present, field.key, now, working)


def assumed_words(words: StoreWords, data: Mapping[str, Any], change: AssumedChange) -> str:
    """Return "Payment status changed to Paid", or the trigger alone; "" while none is chosen."""
    subject = words.subject(data["subject"])
    kind = subject.triggers.get(str(data["trigger"].get("key")))
    if kind is None:
        return ""
    return trigger_words(kind, change.from_value, change.to_value, words, subject, data["trigger"])


def _plain(field: Field, snapshot: Mapping[str, Any]) -> str | None:
    """Return the choice in the snapshot; triggers are not narrowed by other types."""
    if field.type != "choice":
        return None
    try:
        value = field.value(snapshot)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def condition_results(
    words: StoreWords,
    data: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    change: AssumedChange,
    problems: Sequence[Problem],
) -> list[ConditionResult]:
    """Return every part of the rule, with incomplete ones as not evaluated."""
    subject = words.subject(data["subject"])
    results = [_part(words, subject, part, snapshot, change) for part in _narrowed(data, problems)]
    for place, entry in enumerate(data["conditions"]):
        wrong = _wrong(problems, f"conditions.{place}")
        results.append(
            ConditionResult(f"Not checked: {wrong}", None)
            if wrong
            else _part(words, subject, _rule(data, (node_from(entry),)), snapshot, change)
        )
    return results


class FinishedParts:
    """The parts of a draft that are finished, read once, to try them on many records."""

    def __init__(self, words: StoreWords, data: Mapping[str, Any], problems: Sequence[Problem]) -> None:
        self._words, self._subject = words, words.subject(data["subject"])
        finished = [
            node_from(entry)
            for place, entry in enumerate(data["conditions"])
            if not _wrong(problems, f"conditions.{place}")
        ]
        self._rules = [*_narrowed(data, problems), *(_rule(data, (node,)) for node in finished)]

    def fit(self, snapshot: Mapping[str, Any], change: AssumedChange) -> bool:
        """Return whether all parts hold for the record; one that could not be checked does not."""
        return all(self._holds(rule, snapshot, change) for rule in self._rules)

    def _holds(self, rule: Rule, snapshot: Mapping[str, Any], change: AssumedChange) -> bool:
        try:
            return bool(_verdict(self._words, self._subject, rule, snapshot, change).holds)
        except ValueError:
            return False


def _narrowed(data: Mapping[str, Any], problems: Sequence[Problem]) -> list[Rule]:
    """Return one rule per side ("from", "to") by which the trigger is narrowed."""
    trigger = data["trigger"]
    sides = [side for side in ("from", "to") if trigger.get(side) and not _wrong(problems, "trigger")]
    return [_rule(data, (), **{f"{side}_value": trigger[side]}) for side in sides]


def _rule(data: Mapping[str, Any], conditions: tuple[Node, ...], **narrowed: str) -> Rule:
    kind = SUBJECTS[data["subject"]].triggers.get(str(data["trigger"].get("key")))
    trigger = Trigger(
        str(data["trigger"].get("key")),
        narrowed.get("from_value"),
        narrowed.get("to_value"),
        narrows=(kind.narrows or data["trigger"].get("field") or None) if kind else None,
    )
    return Rule(0, data["subject"], trigger, conditions)


def node_verdict(
    words: StoreWords, data: Mapping[str, Any], node: Node, snapshot: Mapping[str, Any], change: AssumedChange
) -> TreeVerdict:
    """Return the verdict of one complete condition or group of a draft. Raises ValueError with a sentence."""
    return _verdict(words, words.subject(data["subject"]), _rule(data, (node,)), snapshot, change)


def _part(
    words: StoreWords, subject: Subject, rule: Rule, snapshot: Mapping[str, Any], change: AssumedChange
) -> ConditionResult:
    try:
        return _look(_verdict(words, subject, rule, snapshot, change), subject, words)
    except ValueError as problem:
        return ConditionResult(f"Could not be checked: {problem}", None, is_error=True)


def _verdict(
    words: StoreWords, subject: Subject, rule: Rule, snapshot: Mapping[str, Any], change: AssumedChange
) -> TreeVerdict:
    custom = words.custom_ever(subject.key)
    context = EvaluationContext(change.now, change.working, change.previous)
    occurrence = OccurrenceFacts(
        subject.key, rule.trigger.key, snapshot, change.from_value, change.to_value, context
    )
    (verdict,) = explain(rule, occurrence.read(rule.fields, custom), custom).tree
    return verdict


def _look(verdict: TreeVerdict, subject: Subject, words: StoreWords) -> ConditionResult:
    return ConditionResult(verdict_words(verdict, subject, words), verdict.holds)


def _wrong(problems: Sequence[Problem], path: str) -> str:
    return next(
        (
            problem.sentence
            for problem in problems
            if problem.path == path or problem.path.startswith(f"{path}.")
        ),
        "",
    )
