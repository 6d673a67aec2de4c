"""Amounts below zero in a file: refused, as forms refuse them, but of an order with items that come back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from automations.engine.operators.value_types import shown
from automations.features.csv_files import csv_lines
from automations.features.csv_import.file_record import (
    CellError,
    FileRecord,
    FileRow,
    RecordMaker,
    WholeCells,
)

_PRICE = "lines.unit_price"


def amounts_below_zero(
    maker: RecordMaker, made: FileRecord, rows: Sequence[FileRow], whole: WholeCells
) -> list[CellError]:
    """Return an error for each cell that says an amount below zero; none of an order with a return."""
    if any(line.get("quantity", 1) < 0 for line in made.data.get("lines", ())):
        return []
    cells = [(whole.row_of[name], name, cell) for name, cell in whole.cells.items() if name in made.data]
    cells += [(row, _PRICE, cells[_PRICE]) for row, cells in rows if cells.get(_PRICE)]
    return [*_refused(maker, made, cells)]


def _refused(
    maker: RecordMaker, made: FileRecord, cells: Sequence[tuple[int, str, str]]
) -> Iterator[CellError]:
    currency = str(made.data.get("currency") or maker.words.currency)
    more = " Only an order with items that come back has one." if maker.subject == "order" else ""
    for row, name, cell in cells:
        column = maker.columns.get(name)
        if column is None or column.type != "money":
            continue
        # What cannot be read is told already.
        amount = maker.value(FileRecord(), column, cell, row, currency)
        if amount is not None and Decimal(amount) < 0:
            said = shown(csv_lines.unguarded(cell).strip())
            yield row, name, f"Needs an amount from 0, and {said} is below zero.{more}"
