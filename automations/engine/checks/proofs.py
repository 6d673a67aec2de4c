"""What can be proven about one rule, or about two: never fires, says nothing, says the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from automations.engine.checks.assumptions import Assumptions, assumptions_of, from_schedule
from automations.engine.checks.proof_search import Facts, ProofAnswer, Search
from automations.engine.checks.related_lines import Goal
from automations.engine.rules.rule import Group, Node, Rule
from automations.engine.rules.typed_rule import Fields, TypedGroup, TypedNode, holds, typed_nodes

#: The place of a condition: its position in the list, then in its group, and so on.
Path = tuple[int, ...]


@dataclass(frozen=True)
class Never:
    """A rule that can't fire: the conditions that exclude each other, and whether the trigger has a part."""

    conditions: tuple[Path, ...]
    trigger: bool
    #: Whether it could have fired once, on a day that is over.
    passed: bool = False


@dataclass(frozen=True)
class Idle:
    """A condition that changes no verdict.

    "always": it holds by itself, or by the trigger. "never": in its group it is an alternative that can't be.
    "said": `by` says it already, or the others together if `by` is None.
    """

    condition: Path
    why: Literal["always", "never", "said"]
    by: Path | None = None
    trigger: bool = False


class Proof:
    """One rule, taken apart for questions. Raises BrokenRule for a rule that can't be evaluated.

    With `today`, it is asked about that day and all that follow.
    """

    def __init__(self, rule: Rule, custom: Fields | None = None, today: date | None = None) -> None:
        nodes, count = typed_nodes(rule, custom), len(rule.trigger.narrowings)
        self.rule = rule
        self._search = Search(assumptions_of(rule, custom, today))
        self._trigger: list[Goal] = [(node, True) for node in (*from_schedule(rule, custom), *nodes[:count])]
        self._conditions = nodes[count:]
        self._narrowed = nodes[:count]

    def example(self) -> Facts | ProofAnswer:
        """Return facts on which it fires, NEVER if there are none, or UNKNOWN."""
        return self._search.find([*self._trigger, *_all(self._conditions)])

    def spelled_out(self, facts: Facts) -> Facts:
        """Return facts with those that always have the same value as another of them."""
        return self._search.assumptions.spelled_out(facts)

    def fires_on(self, facts: Facts) -> bool:
        """Whether it fires on these facts."""
        return all(holds(node, facts) is wanted for node, wanted in (*self._trigger, *_all(self._conditions)))

    def never(self) -> Never | None:
        """Return why it can't fire, if that is proven, with no more conditions than needed."""
        if self.example() is not ProofAnswer.NEVER:
            return None
        items: list[tuple[Path | None, Goal]] = [(None, goal) for goal in self._trigger]
        items += [(path, (node, True)) for path, node in _flat(self._conditions, ())]
        for item in list(items):
            fewer = [other for other in items if other is not item]
            if self._search.never([goal for _, goal in fewer]):
                items = fewer
        paths = tuple(path for path, _ in items if path is not None)
        known = self._search.assumptions
        trigger = any(path is None for path, _ in items) or self._possible(items, replace(known, kind=None))
        return Never(paths, trigger, self._possible(items, replace(known, today=None)))

    def idle(self) -> list[Idle]:
        """Return the conditions that change no verdict; without all of them together it fires on the same."""
        if self.example() is ProofAnswer.NEVER:
            return []
        found: list[Idle] = []
        kept: dict[Path, TypedNode] = {(place,): node for place, node in enumerate(self._conditions)}
        for path in _last_first(self._conditions, ()):
            top = path[:1]
            if any(idle.condition == path[: len(idle.condition)] for idle in found):
                continue
            if len(path) > 1 and _width(_at(kept[top], path[1:-1])) < 2:
                # A group is not left empty: it is looked at as a whole.
                continue
            changed = _without(kept[top], path[1:])
            others = [node for place, node in kept.items() if place != top]
            if self._same([*self._trigger, *_all(others)], kept[top], changed):
                found.append(self._why(path, kept))
                if changed is None:
                    del kept[top]
                else:
                    kept[top] = changed
        return found[::-1]

    def implies(self, other: Proof) -> bool:
        """Whether it is proven that the other fires whenever this one does; both have one kind of trigger."""
        theirs = TypedGroup(Group("all", ()), (*other._narrowed, *other._conditions))
        return self._search.never([*self._trigger, *_all(self._conditions), (theirs, False)])

    def never_with(self, other: Proof) -> bool:
        """Whether it is proven that no occurrence fires both; both have one kind of trigger."""
        theirs = _all((*other._narrowed, *other._conditions))
        return self._search.never([*self._trigger, *_all(self._conditions), *theirs])

    def node(self, path: Path) -> Node:
        """Return the condition or group at a place, as the rule has it."""
        node: Node = Group("all", self.rule.conditions)
        for step in path:
            node = node.conditions[step] if isinstance(node, Group) else node
        return node

    def _same(self, context: Sequence[Goal], node: TypedNode, changed: TypedNode | None) -> bool:
        if changed is None:
            return self._search.never([*context, (node, False)])
        ways = [[(node, True), (changed, False)], [(changed, True), (node, False)]]
        return all(self._search.never([*context, *goals]) for goals in ways)

    def _why(self, path: Path, kept: dict[Path, TypedNode]) -> Idle:
        node = self._original(path)
        for context, trigger in (([], False), (self._trigger, True)):
            if self._search.never([*context, (node, False)]):
                return Idle(path, "always", trigger=trigger)
            if self._search.never([*context, (node, True)]):
                return Idle(path, "never", trigger=trigger)
        for place, other in self._siblings(path, kept):
            # In a group of alternatives, the wider one swallows the narrower.
            goals = [(other, True), (node, False)] if self._is_and(path) else [(node, True), (other, False)]
            if self._search.never([*self._trigger, *goals]):
                return Idle(path, "said", place)
        return Idle(path, "said")

    def _siblings(self, path: Path, kept: dict[Path, TypedNode]) -> Iterator[tuple[Path, TypedNode]]:
        if len(path) == 1:
            yield from ((place, node) for place, node in kept.items() if place != path)
            return
        parent = self._original(path[:-1])
        if isinstance(parent, TypedGroup):
            for step, node in enumerate(parent.nodes):
                if step != path[-1]:
                    yield (*path[:-1], step), node

    def _is_and(self, path: Path) -> bool:
        parent = self._original(path[:-1]) if len(path) > 1 else None
        return parent is None or (isinstance(parent, TypedGroup) and parent.group.match == "all")

    def _original(self, path: Path) -> TypedNode:
        return _at(self._conditions[path[0]], path[1:])

    def _possible(self, items: Sequence[tuple[Path | None, Goal]], assumptions: Assumptions) -> bool:
        """Whether it is not proven to be impossible with fewer assumptions."""
        return not Search(assumptions).never([goal for _, goal in items])


def _all(nodes: Sequence[TypedNode]) -> list[Goal]:
    return [(node, True) for node in nodes]


def _flat(nodes: Sequence[TypedNode], path: Path) -> Iterator[tuple[Path, TypedNode]]:
    """Yield the nodes that must all hold, those of groups of all among them."""
    for place, node in enumerate(nodes):
        if isinstance(node, TypedGroup) and node.group.match == "all":
            yield from _flat(node.nodes, (*path, place))
        else:
            yield (*path, place), node


def _last_first(nodes: Sequence[TypedNode], path: Path) -> Iterator[Path]:
    """Yield the place of every condition and group, each group before what is in it, the last first."""
    for place in reversed(range(len(nodes))):
        yield (*path, place)
        node = nodes[place]
        if isinstance(node, TypedGroup):
            yield from _last_first(node.nodes, (*path, place))


def _width(node: TypedNode) -> int:
    return len(node.nodes) if isinstance(node, TypedGroup) else 1


def _at(node: TypedNode, path: Path) -> TypedNode:
    for step in path:
        node = node.nodes[step] if isinstance(node, TypedGroup) else node
    return node


def _without(node: TypedNode | None, path: Path) -> TypedNode | None:
    """Return the node without the one at `path` inside it: None if that is all of it."""
    if not path or not isinstance(node, TypedGroup):
        return None
    step, deeper = path[0], path[1:]
    changed = _without(node.nodes[step], deeper)
    inner = (*node.nodes[:step], *((changed,) if changed is not None else ()), *node.nodes[step + 1 :])
    return TypedGroup(node.group, inner)
