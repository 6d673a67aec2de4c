"""Customers: the people who buy."""

from __future__ import annotations

from automations.engine import triggers
from automations.engine.shared_fields import MOMENT, PERSON
from automations.engine.subject import Field, Subject, by_key

_FIELDS = (
    *PERSON,
    Field("order_count", "Number of orders", "number", ("order_count",), "their number of orders"),
    Field("total_spent", "Total spent", "money", ("total_spent",), "their total spent"),
    Field("last_order_date", "Last order", "date", ("last_order_date",), "their last order"),
)
_TRIGGERS = (
    triggers.created("a customer"),
    triggers.FIELD_CHANGED,
    triggers.SEGMENT_ENTERED,
    triggers.SEGMENT_LEFT,
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
