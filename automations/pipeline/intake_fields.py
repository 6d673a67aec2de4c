"""What the API takes for each subject: one table for reading it and for describing it."""

from __future__ import annotations

from collections.abc import Mapping

from automations.pipeline.intake_custom import Custom
from automations.pipeline.intake_kinds import Choice, Count, Day, Instant, Kind, Money, Name, Tags, Text
from automations.pipeline.intake_nested import NAME, NUMBER, PERSON, Lines, Person

NOTE = 10_000

_MONEY: Mapping[str, Kind] = {"total": Money(), "amount_paid": Money(example="0.00")}
_AROUND: Mapping[str, Kind] = {
    "customer": Person(),
    "account": Name(NAME, "Grand Hotel"),
    "tags": Tags(),
    "note": Text(NOTE, "Ring the bell twice."),
}

FIELDS: Mapping[str, Mapping[str, Kind]] = {
    "order": {
        "number": NUMBER,
        "status": Choice("order_status", nullable=False),
        "payment_status": Choice("payment_status", nullable=False),
        "order_type": Choice("order_type"),
        "fulfilment_method": Choice("fulfilment_method"),
        "delivery_type": Choice("delivery_type"),
        "delivery_status": Choice("delivery_status"),
        "source": Choice("source"),
        **_MONEY,
        "delivery_date": Day(),
        "storage_until": Day(),
        "placed_at": Instant(),
        "lines": Lines(),
        "tracking_number": Text(NAME, "JD0002"),
        **_AROUND,
        "custom": Custom("order"),
    },
    "event": {
        "number": NUMBER,
        "name": Text(NAME, "Summer wedding"),
        "status": Choice("event_status", nullable=False),
        "payment_status": Choice("payment_status", nullable=False),
        "event_type": Choice("event_type"),
        "event_date": Day(),
        "guests": Count(0, 1_000_000, example=80),
        "budget": Money(nullable=True, example="5000.00"),
        **_MONEY,
        **_AROUND,
        "custom": Custom("event"),
    },
    "customer": {
        **PERSON,
        **{name: kind for name, kind in _AROUND.items() if name != "customer"},
        "custom": Custom("customer"),
    },
}
