"""Orders: what a shop sells, from the till, the phone or the web."""

from __future__ import annotations

from automations.engine.subject import Field, Subject, by_key, changes

_FIELDS = (
    Field("status", "Status", "choice", ("status",), "its status", "order_status", can_be_empty=False),
    Field(
        "payment_status",
        "Payment status",
        "choice",
        ("payment_status",),
        "its payment status",
        "payment_status",
        can_be_empty=False,
    ),
    Field("order_type", "Order type", "choice", ("order_type",), "its order type", "order_type"),
    Field(
        "fulfilment_method",
        "Fulfilment method",
        "choice",
        ("fulfilment_method",),
        "its fulfilment method",
        "fulfilment_method",
    ),
    Field("account", "Account", "reference", ("account", "id"), "its account", reference="account"),
    Field(
        "delivery_type", "Delivery type", "choice", ("delivery_type",), "its delivery type", "delivery_type"
    ),
    Field(
        "delivery_status",
        "Delivery status",
        "choice",
        ("delivery_status",),
        "its delivery status",
        "delivery_status",
        help="What the carrier last said.",
    ),
    Field("total", "Total", "money", ("total",), "its total", can_be_empty=False),
    Field("amount_paid", "Amount paid", "money", ("amount_paid",), "its amount paid", can_be_empty=False),
    Field("balance_due", "Balance due", "money", ("balance_due",), "its balance due", can_be_empty=False),
    Field(
        "item_count",
        "Number of items",
        "number",
        ("item_count",),
        "its number of items",
        can_be_empty=False,
        help="The quantities of all lines together.",
    ),
    Field("delivery_date", "Delivery date", "date", ("delivery_date",), "its delivery date"),
    Field("placed_at", "Placed at", "datetime", ("placed_at",), "the time it was placed", can_be_empty=False),
    Field(
        "source", "Source", "choice", ("source",), "its source", "source", help="Till, web, phone and so on."
    ),
    Field("store", "Store", "reference", ("store", "id"), "its store", reference="store", can_be_empty=False),
    Field("tags", "Tags", "tags", ("tags",), "its tags"),
)

SUBJECT = Subject("order", "Order", "Orders", by_key(_FIELDS), changes("an order", "order_status"), place=1)
