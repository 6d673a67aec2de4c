"""Events in the sense of the shop: a wedding, a funeral, a corporate job."""

from __future__ import annotations

from automations.engine import triggers
from automations.engine.shared_fields import CUSTOMERS, MOMENT
from automations.engine.subject import Field, Subject, by_key

_FIELDS = (
    Field("status", "Status", "choice", ("status",), "its status", "event_status", can_be_empty=False),
    Field(
        "payment_status",
        "Payment status",
        "choice",
        ("payment_status",),
        "its payment status",
        "payment_status",
        can_be_empty=False,
    ),
    Field("event_type", "Event type", "choice", ("event_type",), "its event type", "event_type"),
    Field("account", "Account", "reference", ("account", "id"), "its account", reference="account"),
    Field("event_date", "Event date", "date", ("event_date",), "its event date"),
    Field("guests", "Number of guests", "number", ("guests",), "its number of guests"),
    Field("budget", "Budget", "money", ("budget",), "its budget"),
    Field("total", "Total", "money", ("total",), "its total", can_be_empty=False),
    Field("amount_paid", "Amount paid", "money", ("amount_paid",), "its amount paid", can_be_empty=False),
    Field("balance_due", "Balance due", "money", ("balance_due",), "its balance due", can_be_empty=False),
    Field("store", "Store", "reference", ("store", "id"), "its store", reference="store", can_be_empty=False),
    Field("tags", "Tags", "tags", ("tags",), "its tags"),
    Field("note", "Note", "text", ("note",), "its note"),
)
_TRIGGERS = (
    triggers.created("an event"),
    *triggers.statuses("event_status"),
    triggers.FIELD_CHANGED,
    triggers.DATE_REACHED,
    triggers.STAYS_IN_STATUS,
    triggers.SCHEDULED,
    triggers.MANUAL,
)

SUBJECT = Subject(
    "event",
    "Event",
    "Events",
    by_key([*_FIELDS, *CUSTOMERS, *MOMENT]),
    triggers.by_key(_TRIGGERS),
    place=2,
)
