"""Events: a wedding, a funeral, a corporate job; the shop's meaning of the word."""

from __future__ import annotations

from automations.engine.subject import Field, Subject, by_key, changes

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
)

SUBJECT = Subject("event", "Event", "Events", by_key(_FIELDS), changes("an event", "event_status"), place=2)
