"""Customers: the people who buy."""

from __future__ import annotations

from automations.engine import triggers
from automations.engine.problem import lower
from automations.engine.shared_fields import MOMENT, PERSON
from automations.engine.subject import Field, Subject, by_key

_FIELDS = (
    *PERSON,
    *(
        Field(key, label, type, (key,), f"their {lower(label)}", worked_out=True)
        for key, label, type in (
            ("order_count", "Number of orders", "number"),
            ("total_spent", "Total spent", "money"),
            ("last_order_date", "Last order", "date"),
        )
    ),
)
_TRIGGERS = (
    triggers.created("a customer"),
    triggers.FIELD_CHANGED,
    triggers.SEGMENT_ENTERED,
    triggers.SEGMENT_LEFT,
    triggers.DATE_REACHED,
    triggers.SCHEDULED,
    triggers.MANUAL,
)

SUBJECT = Subject(
    "customer",
    "Customer",
    "Customers",
    by_key([*_FIELDS, *MOMENT]),
    triggers.by_key(_TRIGGERS),
    place=3,
)
