"""Puts together what a file says in several columns: names, statuses, what was paid, moments, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from automations.features.csv_files import csv_lines
from automations.features.csv_import.cell_values import CellProblem
from automations.features.csv_import.file_record import FileRecord, RecordMaker, WholeCells

_COLLECTED = ("pickup", "pick-up", "pick up", "collect", "abholung")
#: Payment statuses of which nothing came in.
_NOTHING_PAID = frozenset({"pending", "authorized", "voided", "expired", "unpaid"})


def finish(maker: RecordMaker, made: FileRecord, whole: WholeCells, currency: str) -> None:
    """Complete a record by what the file says in ways of its own."""
    cells = {name: csv_lines.unguarded(cell) for name, cell in whole.cells.items()}
    if maker.subject == "customer":
        _name(made.data, cells.get("name", ""))
        _identify(maker, made.data, cells.get("id", ""))
    elif maker.subject in ("order", "event"):
        person = made.data.setdefault("customer", {})
        _name(person, cells.get("customer.name", ""))
        _identify(maker, person, cells.get("customer.id", "") if any(person.values()) else "")
        if not any(value for name, value in person.items() if name != "marketing_consent"):
            del made.data["customer"]
    if maker.subject == "order":
        _order(maker, made, cells, whole, currency)


def _order(
    maker: RecordMaker, made: FileRecord, cells: Mapping[str, str], whole: WholeCells, currency: str
) -> None:
    data, words = made.data, maker.words
    if maker.format and maker.format.key.startswith("shopify") and "number" in data:
        data["number"] = data["number"].removeprefix("#")
    if cells.get("delivery_address.street_2"):
        address = data.setdefault("delivery_address", {})
        address["street"] = "\n".join(
            filter(None, (address.get("street"), cells["delivery_address.street_2"]))
        )
    if cells.get("placed_day"):
        moment = f"{cells['placed_day']} {cells.get('placed_time', '')}"
        try:
            data["placed_at"] = maker.reading.moment(moment, cells.get("placed_zone", ""))
        except CellProblem as error:
            made.errors.append((whole.row_of["placed_day"], "placed_day", str(error)))
    if cells.get("cancelled_at") and words.key_for("order_status", "cancelled"):
        data["status"] = "cancelled"
    if cells.get("paid_at") and "payment_status" not in data:
        data["payment_status"] = "paid"
    _method(maker, data, cells.get("shipping_words", ""))
    _paid(maker, made, cells, whole, currency)


def _method(maker: RecordMaker, data: dict[str, Any], said: str) -> None:
    if said and "fulfilment_method" not in data:
        is_collected = any(word in said.casefold() for word in _COLLECTED)
        key = "collection" if is_collected else "delivery"
        if maker.words.key_for("fulfilment_method", key):
            data["fulfilment_method"] = key


def _paid(
    maker: RecordMaker, made: FileRecord, cells: Mapping[str, str], whole: WholeCells, currency: str
) -> None:
    """What of the total came in: all but what is still to pay, nothing if it was only promised."""
    data = made.data
    if "amount_paid" in data or "total" not in data:
        return
    status = str(data.get("payment_status", "")).casefold()
    if cells.get("outstanding") and status not in _NOTHING_PAID:
        column = maker.columns["outstanding"]
        left = maker.value(made, column, cells["outstanding"], whole.row_of["outstanding"], currency)
        data["amount_paid"] = f"{Decimal(data['total']) - Decimal(left or 0):f}"
    elif status == "paid":
        data["amount_paid"] = data["total"]


def _name(person: dict[str, Any], name: str) -> None:
    """Split a name that is in one cell: all but the last word is the first name."""
    if name.strip() and not person.get("first_name") and not person.get("last_name"):
        first, _, last = name.strip().rpartition(" ")
        person["first_name"], person["last_name"] = (first, last) if first else (last, "")


def _identify(maker: RecordMaker, person: dict[str, Any], id: str) -> None:
    """Number a customer by the shop's id, where there is no email by which they are found again."""
    if id and not person.get("number") and not person.get("email"):
        source = maker.format.key.split("_")[0] if maker.format else "file"
        person["number"] = f"{source}-{id}"[:60]
