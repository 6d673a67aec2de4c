"""Counts how the cells of a file’s columns show which mark is before decimals, and keeps the counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from automations.connectors.sources.written_numbers import OTHER, UNCLEAR, mark_of
from automations.features.csv_files import csv_lines


@dataclass(slots=True)
class MarkTally:
    """How many cells of a column show which mark is before decimals, and how many have one and do not."""

    shown: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OTHER, 0))
    unclear: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OTHER, 0))
    #: The first cell that does not show it.
    example: str = ""

    def see(self, cell: str) -> None:
        mark = mark_of(csv_lines.unguarded(cell))
        if mark == UNCLEAR:
            self.unclear["," if "," in cell else "."] += 1
            self.example = self.example or cell.strip()
        elif mark:
            self.shown[mark] += 1

    @property
    def only_mark(self) -> str:
        """The mark that all cells show which show one; "" if there are none, or both."""
        marks = [mark for mark, count in self.shown.items() if count]
        return marks[0] if len(marks) == 1 else ""

    @property
    def has_both(self) -> bool:
        return all(self.shown.values())


#: Tallies by the place of their column.
Tallies = dict[int, MarkTally]


def tallied(rows: Sequence[Sequence[str]]) -> Tallies:
    """Return the tallies of the columns that have numbers in these first rows, or nothing yet."""
    width = max(map(len, rows), default=0)
    tallies: Tallies = {}
    for place in range(width):
        cells = [row[place] for row in rows if place < len(row) and row[place].strip()]
        if 2 * sum(cell.strip()[-1:].isdigit() or bool(mark_of(cell)) for cell in cells) >= len(cells):
            tallies[place] = MarkTally()
    for row in rows:
        see(tallies, row)
    return tallies


def see(tallies: Tallies, row: Sequence[str]) -> None:
    """Count what one more row shows."""
    for place, tally in tallies.items():
        cell = row[place] if place < len(row) else ""
        if "," in cell or "." in cell:
            tally.see(cell)


def to_data(tallies: Tallies) -> dict[str, list[object]]:
    """Return tallies as they are kept: {place: [commas, points, unclear commas, unclear points, example]}."""
    return {
        str(place): [
            *(one.shown[mark] for mark in OTHER),
            *(one.unclear[mark] for mark in OTHER),
            one.example,
        ]
        for place, one in tallies.items()
        if any(one.shown.values()) or one.example
    }


def from_data(kept: Mapping[str, Sequence[object]]) -> Tallies:
    """Return tallies that were kept."""
    found: Tallies = {}
    for place, (*counts, example) in kept.items():
        numbers = [int(str(count)) for count in counts]
        found[int(place)] = MarkTally(
            dict(zip(OTHER, numbers[:2], strict=True)),
            dict(zip(OTHER, numbers[2:], strict=True)),
            str(example),
        )
    return found
