"""The fields of ours for which a person may pick a value of a payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from automations.engine.fields.order_delivery import ADDRESS, DELIVERY_ADDRESS
from automations.engine.fields.subjects import SUBJECTS

SUBJECT_LABELS = {"order": "Orders", "event": "Events"}
TEXT, LONG, MONEY, WHOLE, MOMENT, DATE = "text", "long", "money", "whole", "moment", "date"
WORD, TAGS, LIST = "word", "tags", "list"
BEGIN, END = "begin", "end"
LINE, PARCEL = "line.", "parcel."
PARCEL_NUMBER, PARCEL_CARRIER, PARCEL_STATUS = (
    f"{PARCEL}{part}" for part in ("tracking_number", "carrier", "status")
)


@dataclass(frozen=True, slots=True)
class MappingTarget:
    """One field of ours, how its value is read, and the group in which it stands on the page."""

    key: str
    label: str
    kind: str
    group: str
    hint: str = ""
    #: The list of words in which its value is looked up.
    words: str = ""


_ITSELF = (
    ("number", "Number", TEXT, "Needed: without it, nothing is accepted."),
    ("id", "Its id at the source", TEXT, "Recognises it when it comes again. Without it, the number does."),
    ("at", "When it changed", MOMENT, "The latest change counts. Without it, the time of arrival does."),
    ("about", "What the message is about", TEXT, "To accept only some kinds of message."),
)
_CUSTOMER = (
    ("customer.name", "Full name", TEXT),
    ("customer.first_name", "First name", TEXT),
    ("customer.last_name", "Last name", TEXT),
    ("customer.email", "Email", TEXT),
    ("customer.phone", "Phone", TEXT),
    ("customer.id", "Their id at the source", TEXT),
)
_LINES = (
    ("lines", "The list of items", LIST),
    ("line.name", "Product", TEXT),
    ("line.quantity", "Quantity", MONEY),
    ("line.unit_price", "Unit price", MONEY),
    ("line.sku", "SKU", TEXT),
    ("line.category", "Category", TEXT),
)
_PARCELS = (
    (
        PARCEL_NUMBER,
        "Tracking number of each parcel",
        TEXT,
        "Click any one of them: every entry of its list is a parcel, as in “fulfillments.1.tracking_number”.",
        "",
    ),
    (PARCEL_CARRIER, "Carrier of each parcel", TEXT, "Click any one of them.", ""),
    (PARCEL_STATUS, "Delivery status of each parcel", WORD, "Click any one of them.", "delivery_status"),
)
#: Our fields -> how they are read; "word:…" names the list of words.
_FIELDS: Mapping[str, Mapping[str, str]] = {
    "order": {
        "status": "word:status",
        "payment_status": "word:payment_status",
        "delivery_status": "word:delivery_status",
        "order_type": "word:order_type",
        "fulfilment_method": "word:method",
        "delivery_type": "word:shipping",
        "source": "word:source",
        "placed_at": MOMENT,
        "delivery_date": DATE,
        "delivery_from": BEGIN,
        "delivery_until": END,
        "storage_until": DATE,
        "tags": TAGS,
        "note": LONG,
        "tracking_number": TEXT,
        "recipient": TEXT,
        "card_message": LONG,
    },
    "event": {
        "name": TEXT,
        "status": "word:event_status",
        "payment_status": "word:payment_status",
        "event_type": "word:event_type",
        "event_date": DATE,
        "guests": WHOLE,
        "tags": TAGS,
        "note": LONG,
    },
}
_HINTS = {
    "delivery_from": "Of “10:00–12:00”, the first.",
    "delivery_until": "Of “10:00–12:00”, the second.",
    "tracking_number": "If an order has one parcel. For several, there is “Parcels” below.",
}
_AMOUNTS = {
    "order": ("total", "amount_paid", "shipping", "discount", "tax", "amount_refunded"),
    "event": ("total", "amount_paid", "budget"),
}


def targets_for(subject: str) -> list[MappingTarget]:
    """Return the fields of a kind of record, without the store's own."""
    columns, singular = SUBJECTS[subject].columns, SUBJECTS[subject].label
    found = [MappingTarget(key, label, kind, "What it is", hint) for key, label, kind, hint in _ITSELF]
    for key, how in _FIELDS[subject].items():
        kind, _, words = how.partition(":")
        group, hint = f"The {singular.lower()}", _HINTS.get(key, "")
        found.append(MappingTarget(key, columns[key].label, kind, group, hint, words))
    found += [MappingTarget(key, columns[key].label, MONEY, "Amounts") for key in _AMOUNTS[subject]]
    found.append(MappingTarget("currency", "Currency", TEXT, "Amounts", "Without it, the store’s."))
    found += [MappingTarget(key, label, kind, "Customer") for key, label, kind in _CUSTOMER]
    if subject == "order":
        for part, label in ADDRESS.items():
            kind = LONG if part == "street" else TEXT
            found.append(MappingTarget(f"{DELIVERY_ADDRESS}.{part}", label, kind, "Delivery address"))
        found += [
            MappingTarget(key, label, kind, "Parcels", hint, words)
            for key, label, kind, hint, words in _PARCELS
        ]
        found += [MappingTarget(key, label, kind, "Items") for key, label, kind in _LINES]
    return found
