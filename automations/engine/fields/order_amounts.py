"""What an order is worth, what of it was paid and given back, and what is charged beside its items."""

from __future__ import annotations

from automations.engine.fields import stored
from automations.engine.fields.stored import Stored
from automations.engine.fields.subject import Field

TOTALS = (
    Field(
        "total",
        "Total",
        "money",
        ("total",),
        "its total",
        can_be_empty=False,
        stored=Stored(
            form=130,
            facts=100,
            api=100,
            json=200,
            message=140,
            change=None,
            hint="Leave it empty to add up the items.",
            adds_up=True,
            sample="86.50",
        ),
    ),
    Field(
        "amount_paid",
        "Amount paid",
        "money",
        ("amount_paid",),
        "its amount paid",
        can_be_empty=False,
        stored=Stored(
            form=140, facts=110, api=110, json=210, message=150, change=None, example="0.00", sample="86.50"
        ),
    ),
    Field(
        "balance_due",
        "Balance due",
        "money",
        ("balance_due",),
        "its balance due",
        can_be_empty=False,
        stored=stored.shown(facts=120, json=220, message=160, computed=True, sample="0.00"),
    ),
)
AMOUNTS = (
    Field(
        "shipping",
        "Shipping",
        "money",
        ("shipping",),
        "its shipping",
        can_be_empty=False,
        help="What is charged for delivery, on top of the items.",
        stored=Stored(
            form=131,
            facts=101,
            api=101,
            json=201,
            message=141,
            change=None,
            hint="Part of the total, on top of the items.",
            example="4.95",
            sample="0.00",
        ),
    ),
    Field(
        "discount",
        "Discount",
        "money",
        ("discount",),
        "its discount",
        can_be_empty=False,
        help="What is taken off the items.",
        stored=Stored(
            form=132,
            facts=102,
            api=102,
            json=202,
            message=142,
            change=None,
            hint="Taken off the total.",
            example="5.00",
            sample="0.00",
        ),
    ),
    Field(
        "tax",
        "Tax",
        "money",
        ("tax",),
        "its tax",
        can_be_empty=False,
        help="The tax in the total; it is not added to it.",
        stored=Stored(
            form=133,
            facts=103,
            api=103,
            json=203,
            message=143,
            change=None,
            hint="The tax in the total; it is not added to it.",
            example="14.41",
            sample="14.41",
        ),
    ),
    Field(
        "amount_refunded",
        "Amount refunded",
        "money",
        ("amount_refunded",),
        "its amount refunded",
        can_be_empty=False,
        help="What was refunded so far.",
        stored=Stored(
            form=141,
            facts=111,
            api=111,
            json=211,
            message=151,
            change=None,
            hint="Refunded so far. A refund makes nothing due again.",
            example="10.00",
            sample="0.00",
        ),
    ),
)
#: How the total differs from the items with shipping and discount, where a source gave both.
DIFFERENCE = Field(
    "total_difference",
    "Total differs by",
    "money",
    ("total_difference",),
    "its difference",
    stored=stored.shown(facts=104, json=206, sample="0.00", computed=True),
    asked=False,
)
#: By amount, what the source wrote where it had more decimals than the currency, and the difference.
ROUNDINGS = Field(
    "roundings",
    "Rounded amounts",
    stored.ROUNDED,
    ("roundings",),
    "its rounded amounts",
    stored=stored.shown(facts=815, json=207),
    asked=False,
)
