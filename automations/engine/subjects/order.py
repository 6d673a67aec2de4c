"""Orders: what a shop sells, from the till, the phone or the web."""

from __future__ import annotations

from automations.engine import triggers
from automations.engine.shared_fields import CUSTOMERS, MOMENT
from automations.engine.subject import Field, Subject, by_key

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
    Field(
        "storage_until",
        "Storage until",
        "date",
        ("storage_until",),
        "its storage date",
        help="The last day on which it is kept for collection.",
    ),
    Field("placed_at", "Placed at", "datetime", ("placed_at",), "the time it was placed", can_be_empty=False),
    Field(
        "source", "Source", "choice", ("source",), "its source", "source", help="Till, web, phone and so on."
    ),
    Field("store", "Store", "reference", ("store", "id"), "its store", reference="store", can_be_empty=False),
    Field("tags", "Tags", "tags", ("tags",), "its tags"),
    Field("note", "Note", "text", ("note",), "its note"),
    Field("tracking_number", "Tracking number", "text", ("tracking_number",), "its tracking number"),
)
_LINES = (
    Field("line.category", "Category", "text", ("category",), "category"),
    Field("line.name", "Product", "text", ("name",), "product"),
    Field("line.sku", "SKU", "text", ("sku",), "SKU"),
    Field("line.quantity", "Quantity", "number", ("quantity",), "quantity", can_be_empty=False),
    Field("line.unit_price", "Unit price", "money", ("unit_price",), "unit price", can_be_empty=False),
)
_TRIGGERS = (
    triggers.created("an order"),
    *triggers.statuses("order_status"),
    triggers.FIELD_CHANGED,
    triggers.CARRIER_CHANGED,
    triggers.DATE_REACHED,
    triggers.STAYS_IN_STATUS,
    triggers.SCHEDULED,
    triggers.MANUAL,
)

SUBJECT = Subject(
    "order",
    "Order",
    "Orders",
    by_key([*_FIELDS, *CUSTOMERS, *MOMENT]),
    triggers.by_key(_TRIGGERS),
    place=1,
    line_fields=by_key(_LINES),
)
