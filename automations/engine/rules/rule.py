"""A rule: an automation's published version as the engine sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.fields.subject import CHANGE_FIELDS, CHANGE_FROM, CHANGE_TO
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.operators import OPERATORS
from automations.engine.rules.rule_check import MAX_CONDITIONS, Problem, check
from automations.engine.rules.trigger_schedule import Schedule, schedule_from

__all__ = [
    "MAX_CONDITIONS",
    "Condition",
    "Group",
    "Leaf",
    "LineGroup",
    "Narrowing",
    "Node",
    "Part",
    "Problem",
    "Rule",
    "Trigger",
    "check",
    "condition_from",
    "leaves",
    "node_from",
    "rule_from",
]


@dataclass(frozen=True, slots=True)
class Condition:
    """Field, operator, value. The value is plain text as stored, or several such texts."""

    field: str
    operator: str
    value: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Conditions that must all hold on one line, for "any", "all" or "none" of the lines."""

    lines: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups of which "any", "all" or "none" must hold."""

    match: str
    conditions: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A requirement of a trigger on the change itself; `field` is the fact, such as "change.from"."""

    trigger: str
    field: str
    value: str
    operator: str = "equals"


Node = Condition | Group | LineGroup
#: The parts of a rule that get one verdict each.
Leaf = Condition | LineGroup | Narrowing
Part = Leaf


@dataclass(frozen=True, slots=True)
class Trigger:
    """Which occurrences start the rule, narrowed by the changed field and its value before and after."""

    key: str
    from_value: str | None = None
    to_value: str | None = None
    #: The field whose change it waits for; None means any.
    field: str | None = None
    schedule: Schedule | None = None
    #: The field that from and to apply to, if the occurrence does not carry these values itself.
    narrows: str | None = None

    @property
    def narrowings(self) -> tuple[Narrowing, ...]:
        """The requirements on the field, then from, then to; empty if any change will do."""
        named = (Narrowing(self.key, CHANGE_FIELDS, self.field, "contains"),) if self.field else ()
        about = self.field or self.narrows
        before, after = (f"{about}@from", f"{about}@to") if about else (CHANGE_FROM, CHANGE_TO)
        sides = ((before, self.from_value), (after, self.to_value))
        return named + tuple(Narrowing(self.key, side, value) for side, value in sides if value)


@dataclass(frozen=True, slots=True)
class Rule:
    """One live version in the form that the index and `explain` evaluate."""

    id: int
    subject: str
    trigger: Trigger
    conditions: tuple[Node, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The trigger's narrowings, then every condition in order, without its groups."""
        return (*self.trigger.narrowings, *leaves(self.conditions))

    @property
    def fields(self) -> frozenset[str]:
        """The keys of the facts this rule needs; pass them to `OccurrenceFacts.read`."""
        return frozenset(key for part in self.parts for key in _facts(part))


def leaves(nodes: tuple[Node, ...]) -> Iterator[Condition | LineGroup]:
    """Yield the conditions of a tree from left to right; a group on lines counts as one."""
    for node in nodes:
        if isinstance(node, Group):
            yield from leaves(node.conditions)
        else:
            yield node


def rule_from(id: int, data: Mapping[str, Any]) -> Rule:
    """Return the rule of rule data that passed `check`."""
    conditions = tuple(node_from(entry) for entry in data.get("conditions") or ())
    return Rule(id, data["subject"], _trigger(data["subject"], data["trigger"]), conditions)


def node_from(data: Mapping[str, Any]) -> Node:
    """Return the condition or group of its plain data."""
    match = data.get("match")
    if match is None:
        return condition_from(data)
    if match == "line":
        return LineGroup(data["lines"], tuple(condition_from(entry) for entry in data["conditions"]))
    return Group(match, tuple(node_from(entry) for entry in data["conditions"]))


def condition_from(data: Mapping[str, Any]) -> Condition:
    """Return the condition of its plain data; a value left over from another operator is dropped."""
    operator = OPERATORS[data["operator"]]
    value = data.get("value") if operator.needs_value else None
    return Condition(data["field"], operator.key, tuple(value) if isinstance(value, list) else value)


def _trigger(subject: str, data: Mapping[str, Any]) -> Trigger:
    kind = SUBJECTS[subject].triggers.get(data["key"])
    return Trigger(
        data["key"],
        data.get("from") or None,
        data.get("to") or None,
        (data.get("field") or None) if kind and kind.needs_field else None,
        schedule_from(kind.schedule, data.get("schedule")) if kind else None,
        kind.narrows if kind else None,
    )


def _facts(part: Part) -> Iterator[str]:
    if isinstance(part, LineGroup):
        yield from (condition.field for condition in part.conditions)
        return
    operator = OPERATORS.get(part.operator)
    yield part.field
    if isinstance(part, Condition) and operator and operator.derives:
        yield operator.fact(part.field, part.value)
