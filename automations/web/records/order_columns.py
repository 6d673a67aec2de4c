"""The columns of the list of orders that a person may add, each with what it shows of an order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from automations.engine.fields.order_delivery import ADDRESS
from automations.engine.wording.formats import clock_words
from automations.models.settings.choices import StoreWords
from automations.models.tables.order import Order
from automations.web.kit import template_filters
from automations.web.records.record_form_fields import tags_text

Shown = Callable[[Order, StoreWords], str]


@dataclass(frozen=True)
class ListColumn:
    """A column a person may add; `is_number` says that it stands at the right."""

    label: str
    shown: Shown
    is_number: bool = False


def _amount(name: str, label: str) -> ListColumn:
    def shown(order: Order, _: StoreWords) -> str:
        amount: Decimal = getattr(order, name)
        return template_filters.money(amount, order.currency) if amount else ""

    return ListColumn(label, shown, is_number=True)


def _address(order: Order, keys: Sequence[str]) -> str:
    parts: Mapping[str, Any] = order.delivery_address or {}
    return ", ".join(str(parts[key]).replace("\n", ", ") for key in keys if parts.get(key))


def _slot(order: Order) -> str:
    begin, end = (
        clock_words(text, template_filters.formats()) if text else ""
        for text in (order.delivery_from, order.delivery_until)
    )
    if begin and end:
        return f"{begin}–{end}"
    return f"from {begin}" if begin else f"until {end}" if end else ""


def _parcels(order: Order) -> str:
    numbers = [str(parcel.get("tracking_number") or "") for parcel in order.parcels or ()]
    return ", ".join(number for number in numbers if number) or order.tracking_number


def _choice(words: StoreWords, list_key: str, value: str | None) -> str:
    return words.choice(list_key, value) if value else ""


COLUMNS: Mapping[str, ListColumn] = {
    "shipping": _amount("shipping", "Shipping"),
    "discount": _amount("discount", "Discount"),
    "tax": _amount("tax", "Tax"),
    "paid": _amount("amount_paid", "Paid"),
    "refunded": _amount("amount_refunded", "Refunded"),
    "due": _amount("balance_due", "Balance due"),
    "currency": ListColumn("Currency", lambda order, _: order.currency),
    "recipient": ListColumn("Recipient", lambda order, _: order.recipient),
    "city": ListColumn("City", lambda order, _: _address(order, ["city"])),
    "address": ListColumn("Address", lambda order, _: _address(order, [*ADDRESS])),
    "slot": ListColumn("Delivery time", lambda order, _: _slot(order)),
    "parcels": ListColumn("Parcels", lambda order, _: _parcels(order)),
    "placed": ListColumn("Placed", lambda order, _: template_filters.when(order.placed_at)),
    "source": ListColumn("Source", lambda order, words: _choice(words, "source", order.source)),
    "tags": ListColumn("Tags", lambda order, _: tags_text(order.tags)),
}


def known(keys: Sequence[Any] | None) -> dict[str, ListColumn]:
    """Return the columns of these keys, in the order of COLUMNS; a key that is none is left out."""
    return {key: column for key, column in COLUMNS.items() if key in (keys or ())}
