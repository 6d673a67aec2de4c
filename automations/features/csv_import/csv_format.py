"""How the CSV files of one source look: its headings, and what its words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from automations.features.csv_files.csv_columns import CsvColumn

#: What files say that is no field of ours, and how a record is made of it; by subject.
EXTRA: Mapping[str, tuple[CsvColumn, ...]] = {
    "order": (
        CsvColumn("customer.name", "Customer name, first and last", "text"),
        CsvColumn("customer.id", "Customer id of the shop", "text"),
        CsvColumn("cancelled_at", "Cancelled at: makes it cancelled", "datetime"),
        CsvColumn("paid_at", "Paid at: makes it paid", "datetime"),
        CsvColumn("outstanding", "Still to pay: the rest is paid", "money"),
        CsvColumn("shipping_words", "Shipping method: delivery or collection", "text"),
        CsvColumn("delivery_address.street_2", "Delivery street, second line", "text"),
        CsvColumn("placed_day", "Placed on, without the time", "text"),
        CsvColumn("placed_time", "Placed at, the time alone", "text"),
        CsvColumn("placed_zone", "Placed at, the time zone", "text"),
        CsvColumn("lines.gross", "Items together, of the row", "money"),
        CsvColumn("lines.words", "Items in one cell, “2× Tulips, 1× Vase”", "text"),
        CsvColumn("rows.net", "Net amount of the row, added up", "money"),
        CsvColumn("rows.discount", "Discount of the row, added up", "money"),
        CsvColumn("rows.tax", "Tax of the row, added up", "money"),
        CsvColumn("rows.kind", "Payment or refund", "text"),
    ),
    "event": (CsvColumn("customer.name", "Customer name, first and last", "text"),),
    "customer": (
        CsvColumn("name", "Name, first and last", "text"),
        CsvColumn("id", "Id of the shop", "text"),
    ),
    "account": (),
}


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """The files of one source about one kind of record."""

    key: str
    label: str
    subject: str
    #: Headings that only such a file has, all of them.
    signs: Sequence[str]
    #: Heading in small letters -> the key of our column.
    columns: Mapping[str, str]
    #: Our field -> {word in small letters: key of an entry}.
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: What every record of such a file is, where the file does not say it.
    always: Mapping[str, str] = field(default_factory=dict)


def folded(heading: str) -> str:
    """Return a heading as headings are compared."""
    return " ".join(heading.replace("_", " ").split()).casefold()
