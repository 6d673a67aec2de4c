"""Finds out where the decimals of a file’s amounts begin: by each column, else by the other columns.

What neither shows is for a person to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automations.connectors.sources.written_numbers import OTHER
from automations.features.csv_import.mark_tallies import MarkTally

#: The types of our columns that are read as numbers.
NUMBERS = frozenset({"money", "quantity", "number"})


@dataclass(frozen=True, slots=True)
class AmountMarks:
    """The mark before decimals by the key of our column, and a cell that no column settles."""

    by_column: Mapping[str, str]
    #: A cell of a column that does not show by itself how it is read; "" if there is none.
    example: str = ""
    #: How such cells are read; "" if nothing says so, and a person has to.
    mark: str = ""
    #: The mark that all columns show which show one; "" if there are none, or both.
    shown: str = ""

    @property
    def is_unsettled(self) -> bool:
        return bool(self.example) and not self.mark


def settled(
    tallies: Mapping[int, MarkTally],
    columns: Sequence[str],
    types: Mapping[str, str],
    chosen: str,
    has_no_decimals: bool,
    remembered: str = "",
) -> AmountMarks:
    """Return how the columns of a file are read. `chosen` is what a person said of it, or "".

    `remembered` is what a person said of an earlier file: it counts only where this one shows nothing.

    `has_no_decimals` says that all amounts of money are in a currency without any: a mark then separates
    thousands.
    """
    by_key = {
        key: _of_currency(tallies[place], has_no_decimals and types[key] == "money")
        for place, key in enumerate(columns)
        if types.get(key) in NUMBERS and place in tallies
    }
    others = {tally.only_mark for tally in by_key.values()} - {""}
    is_mixed = any(tally.has_both for tally in by_key.values())
    shown = others.pop() if len(others) == 1 and not is_mixed else ""
    whole = chosen or shown or remembered
    marks, example = {}, ""
    for key, tally in by_key.items():
        mark = tally.only_mark or whole
        if not tally.only_mark:
            example = example or tally.example
            if tally.has_both and not (chosen or remembered):
                mark = max(".,", key=tally.shown.__getitem__)
        if mark:
            marks[key] = mark
    for key, type in types.items():
        if whole and type in NUMBERS:
            marks.setdefault(key, whole)
    return AmountMarks(marks, example, whole, shown)


def _of_currency(tally: MarkTally, has_no_decimals: bool) -> MarkTally:
    if not has_no_decimals:
        return tally
    shown = {mark: count + tally.unclear[OTHER[mark]] for mark, count in tally.shown.items()}
    return MarkTally(shown)
