"""A snapshot and its context, the way an occurrence keeps them."""

from __future__ import annotations

from automations.messages.message_context import context_from

LABELS = {"confirmed": "Confirmed", "paid": "Paid", "delivery": "Delivery"}

ORDER: dict[str, object] = {
    "id": 7,
    "number": "1042",
    "status": "confirmed",
    "payment_status": "paid",
    "fulfilment_method": "delivery",
    "total": "86.50",
    "amount_paid": "86.50",
    "balance_due": "0.00",
    "currency": "GBP",
    "item_count": 3,
    "delivery_date": "2026-11-04",
    "placed_at": "2026-06-22T10:00:00Z",
    "tags": ["vip", "gift"],
    "note": "",
    "tracking_number": None,
    "store": {"id": "1", "name": "Bloom & Wild St"},
    "account": None,
    "customer": {
        "id": 3,
        "first_name": "Anna",
        "last_name": "Lee",
        "name": "Anna Lee",
        "email": "anna@x.example",
    },
    "lines": [
        {"sku": "R1", "name": "Roses", "category": "Flowers", "quantity": 2, "unit_price": "40.00"},
        {"sku": "V1", "name": "Vase", "category": "Ware", "quantity": 1, "unit_price": "6.50"},
    ],
}


def label(list_key: str, key: str) -> str:
    return LABELS.get(key, key)


def order_context(**changes: object) -> dict[str, object]:
    return context_from("order", {**ORDER, **changes}, label, "Europe/London")
