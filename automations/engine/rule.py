"""A rule: what an automation's published version is to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.check import MAX_CONDITIONS, Problem, check
from automations.engine.operators import OPERATORS
from automations.engine.subject import CHANGE_FROM, CHANGE_TO

__all__ = [
    "MAX_CONDITIONS",
    "Condition",
    "Narrowing",
    "Part",
    "Problem",
    "Rule",
    "Trigger",
    "check",
    "condition_from",
    "rule_from",
]


@dataclass(frozen=True, slots=True)
class Condition:
    """Field, operator, value; the value as plain text, the way it is stored."""

    field: str
    operator: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a trigger asks of the change itself: `field` is "change.from" or "change.to"."""

    trigger: str
    field: str
    value: str
    operator: str = "equals"


Part = Condition | Narrowing


@dataclass(frozen=True, slots=True)
class Trigger:
    """Which occurrences start the rule, narrowed by the value before and after the change."""

    key: str
    from_value: str | None = None
    to_value: str | None = None

    @property
    def narrowings(self) -> tuple[Narrowing, ...]:
        """From first, then to; none where any value will do."""
        sides = ((CHANGE_FROM, self.from_value), (CHANGE_TO, self.to_value))
        return tuple(Narrowing(self.key, side, value) for side, value in sides if value)


@dataclass(frozen=True, slots=True)
class Rule:
    """One live version in the form the index and `explain` judge by."""

    id: int
    subject: str
    trigger: Trigger
    conditions: tuple[Condition, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The trigger's narrowings, then the conditions in order: what must hold for it to fire."""
        return (*self.trigger.narrowings, *self.conditions)

    @property
    def fields(self) -> frozenset[str]:
        """The facts this rule looks at; give them to `facts(only=…)`."""
        return frozenset(part.field for part in self.parts)


def rule_from(id: int, data: Mapping[str, Any]) -> Rule:
    """The rule of rule data that `check` found nothing wrong with."""
    trigger = data["trigger"]
    conditions = tuple(condition_from(entry) for entry in data.get("conditions") or ())
    started_by = Trigger(trigger["key"], trigger.get("from") or None, trigger.get("to") or None)
    return Rule(id, data["subject"], started_by, conditions)


def condition_from(data: Mapping[str, Any]) -> Condition:
    """The condition of its plain data; a value left over from another operator is dropped."""
    operator = OPERATORS[data["operator"]]
    return Condition(data["field"], operator.key, data.get("value") if operator.needs_value else None)
