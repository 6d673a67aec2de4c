"""A draft's trigger and conditions beside one record: what was found, what was needed, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.engine.explain import Verdict, explain
from automations.engine.rule import Condition, Problem, Rule, Trigger, condition_from
from automations.engine.subject import Subject
from automations.engine.subjects import SUBJECTS, facts
from automations.engine.wording import trigger_words, verdict_words
from automations.models.choices import StoreWords

#: What the changed value is called in a snapshot, by trigger.
_CHANGED = {"status_changed": "status", "payment_status_changed": "payment_status"}


@dataclass(frozen=True, slots=True)
class Look:
    """One condition beside the record. `holds` is None where it could not be looked at."""

    text: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Assumed:
    """The change that is taken to have just happened."""

    from_value: str | None
    to_value: str | None


def assumed_change(data: Mapping[str, Any], snapshot: Mapping[str, Any]) -> Assumed:
    """To the record's present value; from the value the trigger asks for, unless that is the same one."""
    trigger = data["trigger"]
    changed = _CHANGED.get(str(trigger.get("key")))
    if changed is None:
        return Assumed(None, None)
    present = snapshot.get(changed)
    asked = trigger.get("from") or None
    return Assumed(asked if asked != present else None, present)


def assumed_words(words: StoreWords, data: Mapping[str, Any], change: Assumed) -> str:
    """ "Payment status changed to Paid", or the trigger alone; "" while none is chosen."""
    kind = SUBJECTS[data["subject"]].triggers.get(str(data["trigger"].get("key")))
    return trigger_words(kind, change.from_value, change.to_value, words) if kind else ""


def looks(
    words: StoreWords,
    data: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    change: Assumed,
    problems: Sequence[Problem],
) -> list[Look]:
    """Every part of the rule, those that are still incomplete as not looked at."""
    subject = SUBJECTS[data["subject"]]
    found = [_part(words, subject, part, snapshot, change) for part in _narrowed(data, problems)]
    for place, entry in enumerate(data["conditions"]):
        wrong = _wrong(problems, f"conditions.{place}")
        found.append(
            Look(f"Not looked at: {wrong}", None)
            if wrong
            else _part(words, subject, _rule(data, (condition_from(entry),)), snapshot, change)
        )
    return found


def _narrowed(data: Mapping[str, Any], problems: Sequence[Problem]) -> list[Rule]:
    """One rule for each side by which the trigger is narrowed."""
    trigger = data["trigger"]
    sides = [side for side in ("from", "to") if trigger.get(side) and not _wrong(problems, "trigger")]
    return [_rule(data, (), **{f"{side}_value": trigger[side]}) for side in sides]


def _rule(data: Mapping[str, Any], conditions: tuple[Condition, ...], **narrowed: str) -> Rule:
    return Rule(0, data["subject"], Trigger(str(data["trigger"].get("key")), **narrowed), conditions)


def _part(
    words: StoreWords, subject: Subject, rule: Rule, snapshot: Mapping[str, Any], change: Assumed
) -> Look:
    try:
        known = facts(
            subject.key,
            snapshot,
            from_value=change.from_value,
            to_value=change.to_value,
            only=rule.fields,
        )
        (verdict,) = explain(rule, known).verdicts
    except ValueError as problem:
        return Look(f"Could not be judged: {problem}", None)
    return _look(verdict, subject, words)


def _look(verdict: Verdict, subject: Subject, words: StoreWords) -> Look:
    return Look(verdict_words(verdict, subject, words), verdict.holds)


def _wrong(problems: Sequence[Problem], path: str) -> str:
    return next((one.sentence for one in problems if one.path == path or one.path.startswith(f"{path}.")), "")
