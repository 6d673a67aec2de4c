"""The lines of an order that some conditions ask for, and how many pieces they are together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from automations.engine.checks.assumptions import Assumptions, plain_part
from automations.engine.checks.field_values import Candidate, Literal
from automations.engine.checks.integer_spans import NumberSpan
from automations.engine.checks.related_amounts import count_spans
from automations.engine.fields.subject import Field
from automations.engine.operators.value_types import Lines
from automations.engine.rules.rule import Group
from automations.engine.rules.typed_rule import TypedGroup, TypedLines, TypedNode

#: A condition or group, and whether it must hold.
Goal = tuple[TypedNode, bool]
Row = Mapping[str, Candidate]
PIECES, QUANTITY = "item_count", "line.quantity"


@dataclass(frozen=True)
class WantedLines:
    """What each line must meet, for each of `some` what one line at least, and the keys that are asked."""

    every: Sequence[Goal]
    some: Sequence[Goal]
    keys: frozenset[str]
    #: How many pieces all lines may be together; None if nothing asks for it.
    pieces: Sequence[NumberSpan] | None

    def goals(self) -> Iterator[list[Goal]]:
        """Yield what a line must meet, for each line that there must be."""
        yield from ([goal, *self.every] for goal in self.some)

    def columns(self, rows: Sequence[Row]) -> dict[str, Candidate] | None:
        """Return the rows as columns with the pieces they are together; None if these do not fit."""
        lines: list[dict[str, Candidate]] = [{key: row.get(key) for key in self.keys} for row in rows]
        if self.pieces is None:
            return {key: Lines(line[key] for line in lines) for key in self.keys}
        together = sum(_pieces(line.get(QUANTITY)) for line in lines)
        if QUANTITY not in self.keys:
            wanted = min(
                (span.low if together < span.low else min(together, span.high)) for span in self.pieces
            )
            quantities = _shared_out(wanted, len(lines))
            for line, quantity in zip(lines, quantities, strict=True):
                line[QUANTITY] = Decimal(quantity)
            together = wanted
        if not any(together in span for span in self.pieces):
            return None
        columns: dict[str, Candidate] = {
            key: Lines(line[key] for line in lines) for key in (*self.keys, QUANTITY)
        }
        return columns | {PIECES: Decimal(together)}


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
    quantity, pieces = assumptions.line_fields.get(QUANTITY), _asked_pieces(assumptions, literals)
    if pieces is not None and not pieces:
        return None
    if pieces and quantity:
        # Each line is a part of all pieces, and pieces are parts of lines.
        every.append(_at_most(quantity, max(span.high for span in pieces)))
        if lines and min(span.low for span in pieces) > 0:
            some.append((plain_part(quantity, "less_than", "1"), False))
    return WantedLines(every, [*some, *(unless_empty if some else ())], keys, pieces)


def _asked_pieces(
    assumptions: Assumptions, literals: Mapping[str, tuple[Literal, ...]]
) -> tuple[NumberSpan, ...] | None:
    asked = literals.get(PIECES)
    if (
        not asked
        or PIECES not in assumptions.fields
        or all(part.holds(None) is wanted for part, wanted in asked)
    ):
        return None
    return count_spans(asked)


def _at_most(quantity: Field, most: int) -> Goal:
    # A line that says nothing is one piece; none is fewer than none.
    return plain_part(quantity, "greater_than", str(min(most, 10**14))), False


def _pieces(quantity: Candidate) -> int:
    return int(quantity) if isinstance(quantity, Decimal) else 1


def _shared_out(pieces: int, lines: int) -> list[int]:
    if pieces < lines:
        return [1] * pieces + [0] * (lines - pieces)
    return [pieces - lines + 1, *[1] * (lines - 1)]
