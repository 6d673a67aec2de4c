"""The parts of a rule with typed values, which `explain` and the index both evaluate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat

from automations.engine.fields.subject import CHANGE_FIELDS, Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.distances import is_distance
from automations.engine.operators.operators import OPERATORS, Operator
from automations.engine.operators.time_spans import parse_span
from automations.engine.operators.value_types import ForeignAmount, Needed, Value, compares_amounts, parse
from automations.engine.rules.rule import Condition, Group, Leaf, LineGroup, Narrowing, Node, Rule

Facts = Mapping[str, Value | None]
Fields = Mapping[str, Field]


class BrokenRule(ValueError):
    """A rule that names something unknown or holds a value that does not fit; `str(e)` is a sentence."""


@dataclass(frozen=True, slots=True)
class TypedPart:
    """One condition or narrowing of a rule with its typed value."""

    part: Leaf
    #: The key of the fact it tests, and the type of that fact.
    field: str
    type: str
    operator: Operator
    needed: Needed | None

    def holds(self, actual: Value | None, unsure: bool = False) -> bool:
        """Whether the part holds for the actual value of the fact; `unsure` where it can't be compared."""
        if isinstance(actual, ForeignAmount):
            if compares_amounts(self.needed):
                return unsure
            actual = actual.amount
        return self.operator.compare(actual, self.needed)


@dataclass(frozen=True, slots=True)
class TypedLines:
    """Conditions on one line with their typed values."""

    part: LineGroup
    parts: tuple[TypedPart, ...]

    def holds(self, facts: Facts, unsure: bool = False) -> bool:
        """Whether any, all or none of the lines meet all conditions; "all" fails if there are no lines."""
        results = self.per_line(facts, unsure is not (self.part.lines == "none"))
        if self.part.lines == "all":
            return bool(results) and all(results)
        return any(results) is (self.part.lines == "any")

    def per_line(self, facts: Facts, unsure: bool = False) -> list[bool]:
        """Return for each line whether all conditions hold, those that can't be compared as `unsure` says."""
        columns = [facts.get(part.field) for part in self.parts]
        line_values: Iterator[tuple[Value | None, ...]] = zip(
            *(column if isinstance(column, tuple) else () for column in columns), strict=True
        )
        return [all(map(TypedPart.holds, self.parts, row, repeat(unsure))) for row in line_values]


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """A group of conditions with their typed values."""

    group: Group
    nodes: tuple[TypedNode, ...]


TypedNode = TypedPart | TypedGroup | TypedLines


def holds(node: TypedNode, facts: Facts, unsure: bool = False) -> bool:
    """Whether a condition or group holds for certain; with `unsure`, whether it holds or can't be decided.

    It can't where it depends on amounts of two currencies.
    """
    if isinstance(node, TypedPart):
        return node.holds(facts.get(node.field), unsure)
    if isinstance(node, TypedLines):
        return node.holds(facts, unsure)
    inner_unsure = unsure is not (node.group.match == "none")
    results = (holds(inner, facts, inner_unsure) for inner in node.nodes)
    return all(results) if node.group.match == "all" else any(results) is (node.group.match == "any")


def looked_at(node: TypedNode) -> Iterator[str]:
    """Yield the keys of the facts that a condition or group tests."""
    if isinstance(node, TypedPart):
        yield node.field
    else:
        for inner in node.parts if isinstance(node, TypedLines) else node.nodes:
            yield from looked_at(inner)


def typed_nodes(rule: Rule, custom: Fields | None = None) -> tuple[TypedNode, ...]:
    """Return the trigger's narrowings, then the conditions and groups in order. Raises BrokenRule.

    `custom` holds the store's custom fields by key.
    """
    subject = SUBJECTS.get(rule.subject)
    if subject is None:
        raise BrokenRule(f"A rule about {rule.subject} can’t be checked.")
    fields = subject.with_custom(custom).fields
    narrowings = tuple(
        _typed("tags" if narrowing.field == CHANGE_FIELDS else "choice", narrowing)
        for narrowing in rule.trigger.narrowings
    )
    return narrowings + tuple(_node(node, fields, subject.line_fields) for node in rule.conditions)


def _node(node: Node, fields: Fields, line_fields: Fields) -> TypedNode:
    if isinstance(node, Group):
        return TypedGroup(node, tuple(_node(inner, fields, line_fields) for inner in node.conditions))
    if isinstance(node, LineGroup):
        return TypedLines(node, tuple(_condition(condition, line_fields) for condition in node.conditions))
    return _condition(node, fields)


def _condition(condition: Condition, fields: Fields) -> TypedPart:
    field = fields.get(condition.field)
    if field is None:
        raise BrokenRule(f"The condition on {condition.field} can’t be checked: there is no such field.")
    return _typed(field.type, condition)


# Rules share most of their conditions; sharing them keeps an index of many rules small.
@lru_cache(maxsize=4_096)
def _typed(type: str, part: Condition | Narrowing) -> TypedPart:
    try:
        operator = OPERATORS[part.operator]
        needed = _needed(type, operator, part.value)
    except (KeyError, ValueError) as problem:
        raise BrokenRule(f"The condition on {part.field} can’t be checked: {problem}.") from problem
    if type not in operator.types:
        raise BrokenRule(f"The condition on {part.field} can’t be checked by “{operator.label}”.")
    key = operator.fact(part.field, part.value)
    return TypedPart(part, key, "number" if is_distance(key) else type, operator, needed)


def _needed(type: str, operator: Operator, value: str | tuple[str, ...] | None) -> Needed | None:
    if operator.takes == "none":
        return None
    if operator.takes == "span":
        return parse_span(value if isinstance(value, str) else "").size
    if operator.takes == "one":
        return parse(type, value if isinstance(value, str) else "")
    values = [_item(type, item) for item in ((value,) if isinstance(value, str) else value or ("",))]
    if operator.takes == "many":
        return frozenset(values)
    low, high = values if len(values) == 2 else (_item(type, ""), _item(type, ""))
    return low, high


def _item(type: str, text: str) -> Value:
    # One of several tags is compared as a text.
    return parse("text" if type == "tags" else type, text)
