"""A rule in disjunctive normal form: an index files each alternative, and one must hold in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import product

from automations.engine.fields.facts import ANY_LINE
from automations.engine.operators.operators import OPERATORS, Operator, fact_key
from automations.engine.operators.value_types import ORDERED, Lines, Needed, Value
from automations.engine.rules.typed_rule import TypedGroup, TypedLines, TypedNode, TypedPart

#: The most alternatives of a rule; a group that would add more is evaluated afterwards.
MOST = 16

#: A condition or group that is evaluated afterwards, and whether it must hold.
Check = tuple[TypedNode, bool]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Conditions that must all hold: those an index can file, and those to evaluate afterwards."""

    parts: tuple[TypedPart, ...] = ()
    checks: tuple[Check, ...] = ()

    def __add__(self, other: Alternative) -> Alternative:
        return Alternative(self.parts + other.parts, self.checks + other.checks)


def alternatives(nodes: Sequence[TypedNode]) -> list[Alternative]:
    """Return the alternatives of a rule with these nodes; it fires if one holds in full."""
    filed, later = [Alternative()], []
    for node in nodes:
        ways = _expanded(node, True)
        if ways is not None and len(filed) * len(ways) <= MOST:
            filed = _together([filed, ways])
        else:
            later.append((node, True))
    return [alternative + Alternative(checks=tuple(later)) for alternative in filed]


def _expanded(node: TypedNode, wanted: bool) -> list[Alternative] | None:
    """Return the alternatives under which a node holds (fails, if not `wanted`); None if too many."""
    if isinstance(node, TypedPart):
        match, parts = _split(node)
        ways = [[Alternative((part if wanted else _complement(part),))] for part in parts]
        return _limited(ways, (match == "any") is wanted)
    if isinstance(node, TypedLines):
        return [Alternative(_hints(node, wanted), ((node, wanted),))]
    return _expanded_group(node, wanted)


def _expanded_group(node: TypedGroup, wanted: bool) -> list[Alternative] | None:
    inner_wanted = wanted is (node.group.match != "none")
    ways = []
    for inner in node.nodes:
        expanded = _expanded(inner, inner_wanted)
        if expanded is None:
            return None
        ways.append(expanded)
    return _limited(ways, inner_wanted is (node.group.match != "all"))


def _limited(ways: list[list[Alternative]], one_is_enough: bool) -> list[Alternative] | None:
    if one_is_enough:
        alternatives = [alternative for way in ways for alternative in way]
        return alternatives if len(alternatives) <= MOST else None
    count = 1
    for way in ways:
        count *= len(way)
        if count > MOST:
            return None
    return _together(ways)


def _together(ways: Iterable[list[Alternative]]) -> list[Alternative]:
    return [sum(combination, Alternative()) for combination in product(*ways)]


def _split(part: TypedPart) -> tuple[str, list[TypedPart]]:
    """Return whether "any" or "all" must hold, and the condition as comparisons with one point each."""
    key, needed = part.operator.key, part.needed
    if isinstance(needed, tuple) and not isinstance(needed, Lines):
        low, high = needed
        return "any" if _goes_round(low, high) else "all", _ends(part, low, high)
    if part.operator.range and (needed is None or isinstance(needed, Decimal)):
        return "all", _ends(part, *part.operator.range.ends(needed))
    if isinstance(needed, frozenset) and part.type in ORDERED:
        single = "equals" if key == "is_one_of" else "not_equals"
        points = [_with(part, single, point) for point in needed]
        return ("any" if key == "is_one_of" else "all"), points
    return "all", [part]


def _ends(part: TypedPart, low: Value | None, high: Value | None) -> list[TypedPart]:
    sides = (("at_least", low), ("at_most", high))
    return [_with(part, operator, end) for operator, end in sides if end is not None]


def _goes_round(low: object, high: object) -> bool:
    return not OPERATORS["at_most"].present(low, high)


def _with(part: TypedPart, operator: str, needed: Needed) -> TypedPart:
    return replace(part, operator=OPERATORS[operator], needed=needed)


def _hints(node: TypedLines, wanted: bool) -> tuple[TypedPart, ...]:
    """Return necessary conditions on the values of all lines together, which an index can file."""
    if wanted is (node.part.lines == "none"):
        return ()
    return tuple(
        replace(
            part,
            field=fact_key(part.field, ANY_LINE),
            type="tags",
            operator=OPERATORS["is_one_of"],
            needed=texts,
        )
        for part in node.parts
        for texts in [_texts(part)]
        if texts is not None
    )


def _texts(part: TypedPart) -> frozenset[Value] | None:
    if part.type == "text" and part.operator.key == "equals" and isinstance(part.needed, str):
        return frozenset({part.needed})
    listed = part.type == "text" and part.operator.key == "is_one_of"
    return part.needed if listed and isinstance(part.needed, frozenset) else None


def _complement(part: TypedPart) -> TypedPart:
    """Return the negated condition, which also covers a missing value."""
    return replace(part, operator=_opposite(part.operator.key))


@cache
def _opposite(key: str) -> Operator:
    kept = OPERATORS[key]

    def present(actual: Value, needed: Needed) -> bool:
        return not kept.present(actual, needed)

    return replace(kept, key=f"not {key}", present=present, absent=not kept.absent)
