"""Why a rule fired or not: slow but complete, and the reference that the index must agree with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from automations.engine.fields.facts import needs_the_moment, unknown_moment
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.distances import is_distance
from automations.engine.operators.value_types import Needed, Value
from automations.engine.rules.rule import Condition, Group, Leaf, Rule
from automations.engine.rules.typed_rule import (
    Facts,
    TypedGroup,
    TypedLines,
    TypedNode,
    TypedPart,
    typed_nodes,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One part of a rule with the actual value, None if missing.

    For conditions on lines, `actual` and `needed` are None and `lines` says for each line whether it
    matches.
    """

    condition: Leaf
    holds: bool
    actual: Value | None
    needed: Needed | None
    lines: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """A group of a rule: whether it holds, and each of its conditions and groups."""

    group: Group
    holds: bool
    verdicts: tuple[TreeVerdict, ...]


TreeVerdict = Verdict | GroupVerdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdicts of all parts, the trigger's narrowings first: as a flat list and as a tree of groups."""

    verdicts: tuple[Verdict, ...]
    fires: bool
    tree: tuple[TreeVerdict, ...] = ()


def explain(rule: Rule, facts: Facts, custom: Mapping[str, Field] | None = None) -> Explanation:
    """Evaluate every part of the rule, even after one has failed.

    `facts` are the result of `subjects.facts` for `rule.fields`, `custom` the store's custom fields by key.
    Raises BrokenRule for an invalid rule, and UnreadableFact if it needs the time and `facts` lack it.
    """
    tree = tuple(_verdict(node, facts, rule, custom) for node in typed_nodes(rule, custom))
    return Explanation(tuple(_flat(tree)), all(verdict.holds for verdict in tree), tree)


def _verdict(node: TypedNode, facts: Facts, rule: Rule, custom: Mapping[str, Field] | None) -> TreeVerdict:
    if isinstance(node, TypedGroup):
        inner = tuple(_verdict(item, facts, rule, custom) for item in node.nodes)
        return GroupVerdict(node.group, _match(node.group.match, [item.holds for item in inner]), inner)
    if isinstance(node, TypedLines):
        return Verdict(node.part, node.holds(facts), None, None, tuple(node.per_line(facts)))
    if needs_the_moment(node.field) and node.field not in facts:
        field = SUBJECTS[rule.subject].with_custom(custom).fields[node.field.partition("@")[0]]
        raise unknown_moment(field, node.field)
    actual = facts.get(node.field)
    return Verdict(node.part, node.holds(actual), _shown(node, facts), node.needed)


def _match(match: str, results: list[bool]) -> bool:
    return all(results) if match == "all" else any(results) is (match == "any")


def _shown(part: TypedPart, facts: Facts) -> Value | None:
    """Return the actual value of the field: the date itself rather than its distance from today."""
    if is_distance(part.field) and isinstance(part.part, Condition):
        return facts.get(part.part.field, facts.get(part.field))
    return facts.get(part.field)


def _flat(tree: Iterable[TreeVerdict]) -> Iterator[Verdict]:
    for verdict in tree:
        if isinstance(verdict, GroupVerdict):
            yield from _flat(verdict.verdicts)
        else:
            yield verdict
