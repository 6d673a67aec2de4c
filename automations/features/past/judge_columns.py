"""Asks the conditions of a rule of a whole table at once: each operator once per distinct value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from automations.engine.operators.value_types import ORDERED
from automations.engine.rules.rule import Condition
from automations.engine.rules.typed_rule import TypedGroup, TypedLines, TypedNode, TypedPart
from automations.features.past.arrays import Mask, np
from automations.features.past.occurrence_table import OccurrenceTable
from automations.features.past.raw_facts import CHANGED, Known, fields_of_lines, key_of_lines
from automations.pipeline.records.evaluation_context import listening_triggers


class AskedColumn(Protocol):
    """One fact of many occurrences: a code for each, and the distinct values that the codes stand for."""

    @property
    def has_unreadable(self) -> bool: ...

    @property
    def has_foreign(self) -> bool:
        """Whether any amount is in another currency than the store's."""

    def answers(
        self, condition: Hashable, holds: Callable[[Any], bool], limits: Collection[Any] | None = None
    ) -> Mask:
        """Return by code whether a condition holds; its answer changes only at `limits`, if given."""

    def where(self, answer: Mask) -> Mask:
        """Return for each occurrence what `answer` says of its code."""

    def unreadable(self) -> Mask:
        """Return the occurrences whose value cannot be read."""


class AskedTable(Protocol):
    """Occurrences, or moments at which records were due, with their facts by key."""

    def __len__(self) -> int: ...

    @property
    def columns(self) -> Mapping[str, AskedColumn]: ...


#: Tells the answers of a condition that count what is left open from those that do not.
_UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Judged:
    """By occurrence: whether a condition holds, and whether a value it needs cannot be read (None: nowhere).

    Where one cannot be read, `holds` means nothing. `may_hold` is also true where two currencies leave it
    open (None: nowhere).
    """

    holds: Mask
    unreadable: Mask | None
    may_hold: Mask | None = None

    @property
    def errors(self) -> Mask | None:
        """Where there is no answer."""
        return _either((self.unreadable, None if self.may_hold is None else self.may_hold & ~self.holds))


def facts_of(nodes: Iterable[TypedNode]) -> set[str]:
    """Return the keys of the columns that these conditions need."""
    return {key for node in nodes for key in _keys(node)}


def listening(table: OccurrenceTable, trigger: str) -> Mask:
    """Return the occurrences that rules with this trigger listen to; needs the column CHANGED."""
    column = table.columns[CHANGED]

    def listens(changed: tuple[str, ...] | None) -> bool:
        return trigger in listening_triggers(table.key.trigger, changed)

    return column.where(column.answers(("listens", trigger), listens))


def judge(table: AskedTable, node: TypedNode) -> Judged:
    """Return where a condition or group holds."""
    if isinstance(node, TypedGroup):
        return _group(table, node)
    return _lines(table, node) if isinstance(node, TypedLines) else _part(table, node)


def all_of(judged: Sequence[Judged], size: int) -> Judged:
    """Return where all of these hold."""
    holds, may_hold = (np.ones(size, np.bool_) for _ in range(2))
    for one in judged:
        holds &= one.holds
        may_hold &= one.holds if one.may_hold is None else one.may_hold
    is_open = any(one.may_hold is not None for one in judged)
    return Judged(holds, _either(one.unreadable for one in judged), may_hold if is_open else None)


def matching(judged: Judged) -> Mask:
    """Return where it holds and everything could be read."""
    errors = judged.errors
    return judged.holds if errors is None else judged.holds & ~errors


def _group(table: AskedTable, node: TypedGroup) -> Judged:
    inner = [judge(table, each) for each in node.nodes]
    if node.group.match == "all":
        return all_of(inner, len(table))
    unreadable = _either(one.unreadable for one in inner)
    holds, may_hold = (np.zeros(len(table), np.bool_) for _ in range(2))
    for one in inner:
        holds |= one.holds
        may_hold |= one.holds if one.may_hold is None else one.may_hold
    if node.group.match == "none":
        holds, may_hold = ~may_hold, ~holds
    is_open = any(one.may_hold is not None for one in inner)
    return Judged(holds, unreadable, may_hold if is_open else None)


def _lines(table: AskedTable, node: TypedLines) -> Judged:
    key = key_of_lines({part.field for part in node.parts})
    fields, column = fields_of_lines(key), table.columns[key]

    def holds(known: Known, unsure: bool = False) -> bool:
        values: Iterable[Any] = known if isinstance(known, tuple) else [()] * len(fields)
        return node.holds(dict(zip(fields, values, strict=True)), unsure)

    mask = column.where(column.answers(node.part, holds))
    may_hold = None
    if column.has_foreign:
        may_hold = column.where(column.answers((node.part, _UNSURE), partial(holds, unsure=True)))
    return Judged(mask, column.unreadable() if column.has_unreadable else None, may_hold)


def _part(table: AskedTable, node: TypedPart) -> Judged:
    column = table.columns[node.field]
    asked = node.type, node.part
    mask = column.where(column.answers(asked, node.holds, _limits(node)))
    may_hold = None
    if column.has_foreign:
        unsure = partial(node.holds, unsure=True)
        may_hold = column.where(column.answers((*asked, _UNSURE), unsure, _limits(node)))
    needed = (table.columns[key] for key in _keys(node))
    unreadable = _either(column.unreadable() for column in needed if column.has_unreadable)
    return Judged(mask, unreadable, may_hold)


def _limits(node: TypedPart) -> Collection[Any] | None:
    """Return the values at which alone the answer of a condition changes; None if there may be others."""
    if node.type not in ORDERED or not node.operator.by_position or node.operator.derives:
        return None
    if node.operator.takes == "one":
        return (node.needed,)
    return node.needed if isinstance(node.needed, frozenset | tuple) else ()


def _either(masks: Iterable[Mask | None]) -> Mask | None:
    united: Mask | None = None
    for mask in masks:
        if mask is not None:
            united = mask if united is None else united | mask
    return united


def _keys(node: TypedNode) -> Iterator[str]:
    if isinstance(node, TypedGroup):
        yield from facts_of(node.nodes)
    elif isinstance(node, TypedLines):
        yield key_of_lines({part.field for part in node.parts})
    else:
        yield node.field
        # The judge reads the field itself beside what is derived from it, and fails where it cannot.
        if isinstance(node.part, Condition) and node.operator.derives:
            yield node.part.field
