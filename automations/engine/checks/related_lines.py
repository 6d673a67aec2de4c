"""The lines of an order that some conditions ask for, and how many pieces they are together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from automations.engine.checks.assumptions import Assumptions
from automations.engine.checks.field_values import Candidate, Literal
from automations.engine.checks.integer_spans import NumberSpan
from automations.engine.checks.related_amounts import amount_spans, as_amount
from automations.engine.operators.value_types import Lines
from automations.engine.rules.rule import Group
from automations.engine.rules.typed_rule import TypedGroup, TypedLines, TypedNode

#: A condition or group, and whether it must hold.
Goal = tuple[TypedNode, bool]
Row = Mapping[str, Candidate]
PIECES, QUANTITY = "item_count", "line.quantity"
#: One piece, in thousandths.
_UNIT = 1000


@dataclass(frozen=True)
class WantedLines:
    """What each line must meet, for each of `some` what one line at least, and the keys that are asked."""

    every: Sequence[Goal]
    some: Sequence[Goal]
    keys: frozenset[str]
    #: How many pieces all lines may be together, in thousandths; None if nothing asks for it.
    pieces: Sequence[NumberSpan] | None

    def goals(self) -> Iterator[list[Goal]]:
        """Yield what a line must meet, for each line that there must be."""
        yield from ([goal, *self.every] for goal in self.some)

    def columns(self, rows: Sequence[Row]) -> dict[str, Candidate] | None:
        """Return the rows as columns with the pieces they are together; None if it is not known."""
        lines: list[dict[str, Candidate]] = [{key: row.get(key) for key in self.keys} for row in rows]
        if self.pieces is None:
            return {key: Lines(line[key] for line in lines) for key in self.keys}
        together = sum((_pieces(line.get(QUANTITY)) for line in lines), Decimal(0))
        if not any(_thousandths(together) in span for span in self.pieces):
            wanted = as_amount(self.pieces[0].plainest(_UNIT))
            if QUANTITY not in self.keys:
                # Nothing asks for the quantities: the first line makes up for all.
                for place, line in enumerate(lines):
                    line[QUANTITY] = Decimal(0) if place else wanted
            elif self.every:
                return None
            else:
                # A line that nothing asks about makes up for the difference, below zero if it is a return.
                lines.append({**dict.fromkeys(self.keys), QUANTITY: wanted - together})
            together = wanted
        keys = (*self.keys, QUANTITY) if any(QUANTITY in line for line in lines) else tuple(self.keys)
        columns: dict[str, Candidate] = {key: Lines(line[key] for line in lines) for key in keys}
        return columns | {PIECES: together}


def wanted_lines(
    lines: Sequence[tuple[TypedLines, bool]],
    assumptions: Assumptions,
    literals: Mapping[str, tuple[Literal, ...]],
) -> WantedLines | None:
    """Return the lines that these conditions ask for; None if there can be none for the number of pieces."""
    every: list[Goal] = []
    some: list[Goal] = []
    unless_empty: list[Goal] = []
    for node, wanted in lines:
        fits = TypedGroup(Group("all", ()), node.parts)
        if node.part.lines != "all":
            is_there = wanted is (node.part.lines == "any")
            (some if is_there else every).append((fits, is_there))
        elif wanted:
            every.append((fits, True))
            some.append((fits, True))
        else:
            unless_empty.append((fits, False))
    keys = frozenset(part.field for node, _ in lines for part in node.parts)
    pieces = _asked_pieces(assumptions, literals)
    if pieces is not None and not pieces:
        return None
    return WantedLines(every, [*some, *(unless_empty if some else ())], keys, pieces)


def _asked_pieces(
    assumptions: Assumptions, literals: Mapping[str, tuple[Literal, ...]]
) -> tuple[NumberSpan, ...] | None:
    """Return how many pieces there may be: quantities may be below zero, so lines alone settle nothing."""
    asked = literals.get(PIECES)
    if (
        not asked
        or PIECES not in assumptions.fields
        or all(part.holds(None) is wanted for part, wanted in asked)
    ):
        return None
    return amount_spans(asked)


def _pieces(quantity: Candidate) -> Decimal:
    # A line that says nothing is one piece.
    return quantity if isinstance(quantity, Decimal) else Decimal(1)


def _thousandths(pieces: Decimal) -> int:
    return int(pieces.scaleb(3).to_integral_value())
