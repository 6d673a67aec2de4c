"""Orders: what a shop sells, from the till, the phone or the web."""

from __future__ import annotations

from automations.engine.fields import stored, triggers
from automations.engine.fields.shared_fields import MOMENT
from automations.engine.fields.stored import Stored
from automations.engine.fields.subject import Field, Subject, asked, by_key, kept
from automations.engine.fields.subjects.customer import CUSTOMERS

_LAST_DAY = "The last day on which it is kept for collection."

_FIELDS = (
    Field(
        "status",
        "Status",
        "choice",
        ("status",),
        "its status",
        "order_status",
        can_be_empty=False,
        stored=Stored(form=10, facts=None, api=20, json=30, message=20, change=10, sample="confirmed"),
    ),
    Field(
        "payment_status",
        "Payment status",
        "choice",
        ("payment_status",),
        "its payment status",
        "payment_status",
        can_be_empty=False,
        stored=Stored(form=20, facts=None, api=30, json=40, message=30, change=20, sample="paid"),
    ),
    Field(
        "order_type",
        "Order type",
        "choice",
        ("order_type",),
        "its order type",
        "order_type",
        stored=Stored(form=50, facts=30, api=40, json=50, message=40, change=30, sample="gift"),
    ),
    Field(
        "fulfilment_method",
        "Fulfilment method",
        "choice",
        ("fulfilment_method",),
        "its fulfilment method",
        "fulfilment_method",
        stored=Stored(
            form=70,
            facts=40,
            api=50,
            json=60,
            message=50,
            change=50,
            facts_label="Fulfilment",
            sample="delivery",
        ),
    ),
    Field(
        "account",
        "Account",
        "reference",
        ("account", "id"),
        "its account",
        reference="account",
        stored=Stored(
            form=40,
            facts=20,
            api=790,
            json=None,
            message=None,
            change=None,
            column="account_id",
            example="Grand Hotel",
        ),
    ),
    Field(
        "delivery_type",
        "Delivery type",
        "choice",
        ("delivery_type",),
        "its delivery type",
        "delivery_type",
        stored=Stored(form=80, facts=50, api=60, json=70, message=60, change=60, sample="own_van"),
    ),
    Field(
        "delivery_status",
        "Delivery status",
        "choice",
        ("delivery_status",),
        "its delivery status",
        "delivery_status",
        help="What the carrier last said.",
        stored=Stored(form=90, facts=60, api=70, json=80, message=70, change=70),
    ),
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
    Field(
        "item_count",
        "Number of items",
        "number",
        ("item_count",),
        "its number of items",
        can_be_empty=False,
        help="The quantities of all lines together.",
        stored=stored.shown(facts=130, json=110, message=120, facts_label="Items", sample=3),
    ),
    Field(
        "delivery_date",
        "Delivery date",
        "date",
        ("delivery_date",),
        "its delivery date",
        stored=Stored(form=100, facts=80, api=120, json=300, message=80, change=80, sample="2030-06-14"),
    ),
    Field(
        "storage_until",
        "Storage until",
        "date",
        ("storage_until",),
        "its storage date",
        help=_LAST_DAY,
        stored=Stored(form=110, facts=90, api=130, json=310, message=90, change=90, hint=_LAST_DAY),
    ),
    Field(
        "placed_at",
        "Placed at",
        "datetime",
        ("placed_at",),
        "the time it was placed",
        can_be_empty=False,
        stored=Stored(
            form=None,
            facts=820,
            api=140,
            json=320,
            message=100,
            change=None,
            facts_label="Placed",
            sample="2030-06-10T09:30:00Z",
        ),
    ),
    Field(
        "source",
        "Source",
        "choice",
        ("source",),
        "its source",
        "source",
        help="Till, web, phone and so on.",
        stored=Stored(form=60, facts=70, api=80, json=90, message=130, change=None, sample="web"),
    ),
    Field("store", "Store", "reference", ("store", "id"), "its store", reference="store", can_be_empty=False),
    Field(
        "tags",
        "Tags",
        "tags",
        ("tags",),
        "its tags",
        stored=Stored(
            form=800, facts=800, api=800, json=120, message=810, change=810, hint="Separate them with commas."
        ),
    ),
    Field(
        "note",
        "Note",
        "text",
        ("note",),
        "its note",
        stored=Stored(
            form=810,
            facts=810,
            api=810,
            json=130,
            message=800,
            change=800,
            longest=10_000,
            long=True,
            example="Ring the bell twice.",
        ),
    ),
    Field(
        "tracking_number",
        "Tracking number",
        "text",
        ("tracking_number",),
        "its tracking number",
        stored=Stored(
            form=120, facts=140, api=160, json=140, message=110, change=110, free_text=False, example="JD0002"
        ),
    ),
)
#: Part of every order, and nothing that conditions ask about.
_FRAME = (
    Field("id", "Id", stored.ID, ("id",), "its id", stored=stored.shown(json=10, message=900, sample=0)),
    Field(
        "number",
        "Number",
        stored.NUMBER,
        ("number",),
        "its number",
        stored=Stored(
            form=None, facts=None, api=10, json=20, message=10, change=None, example="1042", sample="SAMPLE-1"
        ),
    ),
    Field(
        "currency",
        "Currency",
        stored.CURRENCY,
        ("currency",),
        "its currency",
        stored=stored.shown(json=100, message=170, sample="GBP"),
    ),
    Field(
        "customer",
        "Customer",
        stored.PERSON,
        ("customer",),
        "its customer",
        stored=Stored(form=30, facts=10, api=780, json=None, message=None, change=None, column="customer_id"),
    ),
    Field(
        "lines",
        "Lines",
        stored.LINES,
        ("lines",),
        "its lines",
        stored=Stored(form=990, facts=None, api=150, json=150, message=820, change=None),
    ),
    Field(
        "custom",
        "Custom fields",
        stored.OWN,
        ("custom",),
        "its own fields",
        stored=Stored(form=None, facts=None, api=990, json=230, message=None, change=None),
    ),
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
    asked([*_FIELDS, *CUSTOMERS, *MOMENT]),
    triggers.by_key(_TRIGGERS),
    place=1,
    line_fields=by_key(_LINES),
    stored=kept([*_FIELDS, *_FRAME]),
)
