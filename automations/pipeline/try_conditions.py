"""A draft's trigger and conditions beside one record: what was found, what was needed, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from automations.engine.explain import TreeVerdict, explain
from automations.engine.rule import Node, Problem, Rule, Trigger, node_from
from automations.engine.subject import Field, Subject
from automations.engine.subjects import SUBJECTS, facts
from automations.engine.wording import trigger_words, verdict_words
from automations.models.choices import StoreWords


@dataclass(frozen=True, slots=True)
class Look:
    """One condition beside the record. `holds` is None where it could not be looked at."""

    text: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Assumed:
    """The change that is taken to have just happened; `field` is what changed, where it is said."""

    from_value: str | None = None
    to_value: str | None = None
    field: str | None = None
    #: The moment at which it is tried, on the store's own clock.
    now: datetime | None = None
    #: Whether it is open then.
    working: bool | None = None

    @property
    def previous(self) -> dict[str, str | None]:
        """The value before, by the field that changed."""
        return {self.field: self.from_value} if self.field else {}


def assumed_change(
    words: StoreWords,
    data: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    now: datetime | None = None,
    working: bool | None = None,
) -> Assumed:
    """To the record's present value; from the value the trigger asks for, unless that is the same one."""
    trigger, subject = data["trigger"], words.subject(data["subject"])
    kind = subject.triggers.get(str(trigger.get("key")))
    key = kind.changed_field(trigger.get("field")) if kind else None
    field = subject.fields.get(str(key))
    if field is None or kind is None or not (kind.choices or kind.needs_field):
        return Assumed(now=now, working=working)
    present = _plain(field, snapshot)
    asked = trigger.get("from") or None
    return Assumed(asked if asked != present else None, present, field.key, now, working)


def assumed_words(words: StoreWords, data: Mapping[str, Any], change: Assumed) -> str:
    """ "Payment status changed to Paid", or the trigger alone; "" while none is chosen."""
    subject = words.subject(data["subject"])
    kind = subject.triggers.get(str(data["trigger"].get("key")))
    if kind is None:
        return ""
    return trigger_words(kind, change.from_value, change.to_value, words, subject, data["trigger"])


def _plain(field: Field, snapshot: Mapping[str, Any]) -> str | None:
    """The choice that stands in the snapshot; other types are not narrowed by."""
    if field.type != "choice":
        return None
    try:
        found = field.value(snapshot)
    except ValueError:
        return None
    return found if isinstance(found, str) else None


def looks(
    words: StoreWords,
    data: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    change: Assumed,
    problems: Sequence[Problem],
) -> list[Look]:
    """Every part of the rule, those that are still incomplete as not looked at."""
    subject = words.subject(data["subject"])
    found = [_part(words, subject, part, snapshot, change) for part in _narrowed(data, problems)]
    for place, entry in enumerate(data["conditions"]):
        wrong = _wrong(problems, f"conditions.{place}")
        found.append(
            Look(f"Not looked at: {wrong}", None)
            if wrong
            else _part(words, subject, _rule(data, (node_from(entry),)), snapshot, change)
        )
    return found


def _narrowed(data: Mapping[str, Any], problems: Sequence[Problem]) -> list[Rule]:
    """One rule for each side by which the trigger is narrowed."""
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


def _part(
    words: StoreWords, subject: Subject, rule: Rule, snapshot: Mapping[str, Any], change: Assumed
) -> Look:
    custom = words.custom_ever(subject.key)
    try:
        known = facts(
            subject.key,
            snapshot,
            from_value=change.from_value,
            to_value=change.to_value,
            only=rule.fields,
            now=change.now,
            working=change.working,
            previous=change.previous,
            custom=custom,
        )
        (verdict,) = explain(rule, known, custom).tree
    except ValueError as problem:
        return Look(f"Could not be judged: {problem}", None)
    return _look(verdict, subject, words)


def _look(verdict: TreeVerdict, subject: Subject, words: StoreWords) -> Look:
    return Look(verdict_words(verdict, subject, words), verdict.holds)


def _wrong(problems: Sequence[Problem], path: str) -> str:
    return next((one.sentence for one in problems if one.path == path or one.path.startswith(f"{path}.")), "")
