"""The columns of a CSV file of records: the same for an export, for our template and for an import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from automations.engine.fields import stored
from automations.engine.fields.order_delivery import ADDRESS
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.models.settings.choices import StoreWords

ACCOUNT = "account"
#: What can be in a file, as people call it: singular, plural.
NOUNS: Mapping[str, tuple[str, str]] = {
    "order": ("order", "orders"),
    "event": ("event", "events"),
    "customer": ("customer", "customers"),
    ACCOUNT: ("account", "accounts"),
}
#: The parts of a line: key, heading, type.
LINE = (
    ("name", "Item", "text"),
    ("quantity", "Item quantity", "quantity"),
    ("unit_price", "Item price", "money"),
    ("sku", "Item SKU", "text"),
    ("category", "Item category", "text"),
)
_ACCOUNT_NAME = ("name", "Name", "text")


@dataclass(frozen=True, slots=True)
class CsvColumn:
    """One column. `key` is a path into the record as our API takes it: "customer.email", "lines.sku"."""

    key: str
    label: str
    type: str
    list_key: str = ""

    @property
    def of_line(self) -> bool:
        """Whether it says something of one line of an order rather than of the order."""
        return self.key.startswith("lines.")


def columns_of(subject: str, words: StoreWords) -> list[CsvColumn]:
    """Return the columns of one kind of record in a store, with those of its own fields."""
    if subject == ACCOUNT:
        return [CsvColumn(*_ACCOUNT_NAME)]
    entries = (entry for entry, _ in SUBJECTS[subject].placed("api"))
    return [column for entry in entries for column in _columns(subject, entry, words)]


def _columns(subject: str, entry: Field, words: StoreWords) -> Iterator[CsvColumn]:
    if entry.type == stored.PERSON:
        for part, places in SUBJECTS["customer"].placed("api"):
            if places.with_records:
                label = f"Customer {part.label.lower()}"
                yield CsvColumn(f"{entry.key}.{part.key}", label, part.type)
    elif entry.type == stored.LINES:
        yield from (CsvColumn(f"{entry.key}.{key}", label, type) for key, label, type in LINE)
    elif entry.type == stored.ADDRESS:
        for key, label in ADDRESS.items():
            yield CsvColumn(f"{entry.key}.{key}", f"Delivery {label.lower()}", "text")
    elif entry.type == stored.OWN:
        for field in words.custom(subject).values():
            yield CsvColumn(field.key, field.label, field.type)
    elif entry.type != stored.PARCELS:
        # Of several parcels the numbers stand in their order's page: a row has place for one.
        yield CsvColumn(entry.key, entry.label, entry.type, entry.choices or "")
