"""Why a rule fired or not: slow, complete, and the meaning the index is held to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from automations.engine.facts import needs_the_moment, unknown_moment
from automations.engine.rule import Condition, Group, Leaf, Rule
from automations.engine.subject import Field
from automations.engine.subjects import SUBJECTS
from automations.engine.typed import Facts, TypedGroup, TypedLines, TypedNode, TypedPart, typed_nodes
from automations.engine.values import Needed, Value


@dataclass(frozen=True, slots=True)
class Verdict:
    """One part of a rule beside what it found; a missing `actual` is None.

    Of conditions on lines, `actual` and `needed` are None and `lines` says line by line whether it is
    as asked.
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
    """Every part's verdict, the trigger's narrowing first: in one list, and as the groups they stand in."""

    verdicts: tuple[Verdict, ...]
    fires: bool
    tree: tuple[TreeVerdict, ...] = ()


def explain(rule: Rule, facts: Facts, custom: Mapping[str, Field] | None = None) -> Explanation:
    """Judges every part of the rule, also after one has failed.

    `facts` as `subjects.facts` gives them for `rule.fields`, `custom` the store's own fields by key. Raises
    BrokenRule for a rule out of shape, UnreadableFact where it asks for the moment and that is not known.
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
    """What was found, in the terms of the field: the date itself rather than its distance from today."""
    if part.operator.derives == "days" and isinstance(part.part, Condition):
        return facts.get(part.part.field, facts.get(part.field))
    return facts.get(part.field)


def _flat(tree: Iterable[TreeVerdict]) -> Iterator[Verdict]:
    for verdict in tree:
        if isinstance(verdict, GroupVerdict):
            yield from _flat(verdict.verdicts)
        else:
            yield verdict
