"""Why a rule fired or not: slow but complete, and the reference that the index must agree with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from automations.engine.fields.facts import needs_the_moment, unknown_moment
from automations.engine.fields.subject import Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.distances import is_distance
from automations.engine.operators.value_types import (
    CannotCompare,
    ForeignAmount,
    Lines,
    Needed,
    Value,
    compares_amounts,
)
from automations.engine.rules.rule import Condition, Group, Leaf, LineGroup, Rule
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
    #: It can't be decided: the amount and the value needed are of two currencies. `holds` is False then.
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """A group of a rule: whether it holds, and each of its conditions and groups."""

    group: Group
    holds: bool
    verdicts: tuple[TreeVerdict, ...]
    unsure: bool = False


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
    Raises BrokenRule for an invalid rule, UnreadableFact if it needs the time and `facts` lack it, and
    CannotCompare if all depends on amounts of two currencies.
    """
    tree = tuple(_verdict(node, facts, rule, custom) for node in typed_nodes(rule, custom))
    verdicts = tuple(_flat(tree))
    fires = all(verdict.holds for verdict in tree)
    if not fires and all(verdict.holds or verdict.unsure for verdict in tree):
        raise _cannot_compare(verdicts, facts, SUBJECTS[rule.subject].with_custom(custom))
    return Explanation(verdicts, fires, tree)


def _verdict(node: TypedNode, facts: Facts, rule: Rule, custom: Mapping[str, Field] | None) -> TreeVerdict:
    if isinstance(node, TypedGroup):
        inner = tuple(_verdict(item, facts, rule, custom) for item in node.nodes)
        held = _match(node.group.match, [item.holds for item in inner])
        may_hold = _match(node.group.match, [item.holds or item.unsure for item in inner])
        # What can't be decided counts against "none of these".
        held, may_hold = (may_hold, held) if node.group.match == "none" else (held, may_hold)
        return GroupVerdict(node.group, held, inner, may_hold and not held)
    if isinstance(node, TypedLines):
        held, may_hold = node.holds(facts), node.holds(facts, unsure=True)
        return Verdict(node.part, held, None, None, tuple(node.per_line(facts)), unsure=may_hold and not held)
    if needs_the_moment(node.field) and node.field not in facts:
        field = SUBJECTS[rule.subject].with_custom(custom).fields[node.field.partition("@")[0]]
        raise unknown_moment(field, node.field)
    actual = facts.get(node.field)
    unsure = isinstance(actual, ForeignAmount) and compares_amounts(node.needed)
    return Verdict(node.part, node.holds(actual), _shown(node, facts), node.needed, unsure=unsure)


def _cannot_compare(explained: Iterable[Verdict], facts: Facts, subject: Subject) -> CannotCompare:
    """Return the error that names the first amount that can't be compared."""
    parts = [verdict.condition for verdict in explained if verdict.unsure]
    keys = [key for part in parts for key in _keys(part)]
    key, amount = next((key, amount) for key in keys for amount in _foreign(facts.get(key)))
    what, of = f"{subject.any_field(key).label} can’t be compared", subject.label.lower()
    return CannotCompare(
        f"{what}: the {of} is in {amount.currency}, the automation’s amounts are in {amount.compared_in}."
    )


def _keys(part: Leaf) -> list[str]:
    return [each.field for each in part.conditions] if isinstance(part, LineGroup) else [part.field]


def _foreign(value: Value | None) -> list[ForeignAmount]:
    values = value if isinstance(value, Lines) else (value,)
    return [each for each in values if isinstance(each, ForeignAmount)]


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
