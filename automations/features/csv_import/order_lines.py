"""The items of an order from the rows of a file, and the amounts that such files say row by row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from automations.engine.operators.value_types import counted
from automations.features.csv_files import csv_lines
from automations.features.csv_import.file_record import OF_ROWS, FileRecord, FileRow, RecordMaker

MOST_LINES = 500
OF_LINES = frozenset(name for name in OF_ROWS if name.startswith("lines."))
_WORDS = re.compile(
    r"\s*(?:([0-9]+(?:\.[0-9]+)?)\s*[×x]\s+)?(.+?)\s*(?:[×x]\s*([0-9]+(?:\.[0-9]+)?))?\s*", re.ASCII
)
_REFUND_ALONE = "It is a refund without the sale it belongs to, so its order cannot be found."


def add_lines(maker: RecordMaker, made: FileRecord, rows: Sequence[FileRow], currency: str) -> None:
    """Add the items that the rows name, and the sums of what they say each for itself."""
    sales = [row for row in rows if not _is_refund(row[1])]
    refunds = [row for row in rows if _is_refund(row[1])]
    if refunds and not sales:
        made.errors.append((refunds[0][0], "rows.kind", _REFUND_ALONE))
        return
    places = [(row, cells) for row, cells in sales if not OF_LINES.isdisjoint(cells)]
    if len(places) > MOST_LINES:
        sentence = f"It has {counted(len(places))} items. The limit is {MOST_LINES}."
        made.errors.append((places[MOST_LINES][0], "lines.name", sentence))
        return
    for row, cells in places:
        _add_line(maker, made, row, cells, currency)
    _add_sums(maker, made, sales, refunds, currency)


def _add_line(
    maker: RecordMaker, made: FileRecord, row: int, cells: Mapping[str, str], currency: str
) -> None:
    lines = made.data.setdefault("lines", [])
    if cells.get("lines.words"):
        lines += _in_words(csv_lines.unguarded(cells["lines.words"]))
        return
    line = {}
    for part in ("sku", "name", "category", "quantity", "unit_price"):
        key = f"lines.{part}"
        if cells.get(key) and key in maker.columns:
            path = f"lines.{len(lines)}.{part}"
            line[part] = maker.value(made, maker.columns[key], cells[key], row, currency, path)
    if "unit_price" not in line:
        line["unit_price"] = _price(maker, made, row, cells, line.get("quantity", 1), currency)
    if not line.get("name"):
        line["name"] = line.get("sku") or "Item"
    lines.append({part: value for part, value in line.items() if value is not None})


def _price(
    maker: RecordMaker, made: FileRecord, row: int, cells: Mapping[str, str], count: float, currency: str
) -> str:
    """Return the price of one, from what they cost together."""
    if not cells.get("lines.gross"):
        return "0"
    gross = Decimal(maker.value(made, maker.columns["lines.gross"], cells["lines.gross"], row, currency) or 0)
    price = gross / Decimal(str(count or 1))
    return f"{price.quantize(Decimal('0.01')):f}"


def _in_words(text: str) -> list[dict[str, object]]:
    """Return the items of “2× Tulips, 1× Vase”."""
    items = []
    for part in re.split(r",\s+(?=[0-9])|,\s+", text):
        match = _WORDS.fullmatch(part)
        if match:
            count = match[1] or match[3] or "1"
            items.append({"name": match[2][:200], "quantity": float(count) if "." in count else int(count)})
    return [{**item, "unit_price": "0"} for item in items][:MOST_LINES]


def _add_sums(
    maker: RecordMaker, made: FileRecord, sales: Sequence[FileRow], refunds: Sequence[FileRow], currency: str
) -> None:
    def total(key: str, rows: Sequence[FileRow]) -> Decimal | None:
        column = maker.columns.get(key)
        found = [(row, cells[key]) for row, cells in rows if cells.get(key)] if column else []
        values = [maker.value(made, column, cell, row, currency) for row, cell in found] if column else []
        return sum((Decimal(value) for value in values if value), Decimal(0)) if found else None

    net, tax, discount = (total(f"rows.{name}", sales) for name in ("net", "tax", "discount"))
    if tax is not None:
        made.data["tax"] = f"{tax:f}"
    if discount is not None:
        made.data["discount"] = f"{abs(discount):f}"
    if net is not None:
        made.data["total"] = made.data["amount_paid"] = f"{net + (tax or 0):f}"
    given_back = [value for key in ("rows.net", "rows.tax") if (value := total(key, refunds)) is not None]
    if given_back:
        made.data["amount_refunded"] = f"{abs(sum(given_back)):f}"
        made.data["payment_status"] = "partially_refunded"


def _is_refund(cells: Mapping[str, str]) -> bool:
    return cells.get("rows.kind", "").strip().casefold() == "refund"
