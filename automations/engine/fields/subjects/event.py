"""Events in the sense of the shop: a wedding, a funeral, a corporate job."""

from __future__ import annotations

from automations.engine.fields import stored, triggers
from automations.engine.fields.shared_fields import MOMENT
from automations.engine.fields.stored import Stored
from automations.engine.fields.subject import Field, Subject, asked, kept
from automations.engine.fields.subjects.customer import CUSTOMERS

_FIELDS = (
    Field(
        "name",
        "Name",
        "text",
        ("name",),
        "its name",
        stored=Stored(
            form=5,
            facts=5,
            api=15,
            json=25,
            message=15,
            change=None,
            hint="For example “Petrova wedding”.",
            example="Summer wedding",
            sample="Sam & Alex’s wedding",
        ),
        asked=False,
    ),
    Field(
        "status",
        "Status",
        "choice",
        ("status",),
        "its status",
        "event_status",
        can_be_empty=False,
        stored=Stored(form=10, facts=None, api=20, json=30, message=20, change=10, sample="quote_accepted"),
    ),
    Field(
        "payment_status",
        "Payment status",
        "choice",
        ("payment_status",),
        "its payment status",
        "payment_status",
        can_be_empty=False,
        stored=Stored(form=20, facts=None, api=30, json=40, message=30, change=20, sample="partially_paid"),
    ),
    Field(
        "event_type",
        "Event type",
        "choice",
        ("event_type",),
        "its event type",
        "event_type",
        stored=Stored(form=50, facts=30, api=40, json=50, message=40, change=40, sample="wedding"),
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
        "event_date",
        "Event date",
        "date",
        ("event_date",),
        "its event date",
        stored=Stored(form=60, facts=40, api=50, json=300, message=50, change=100, sample="2030-08-03"),
    ),
    Field(
        "guests",
        "Number of guests",
        "number",
        ("guests",),
        "its number of guests",
        stored=Stored(
            form=70,
            facts=50,
            api=60,
            json=60,
            message=60,
            change=None,
            facts_label="Guests",
            most=1_000_000,
            example=80,
            sample=120,
        ),
    ),
    Field(
        "budget",
        "Budget",
        "money",
        ("budget",),
        "its budget",
        stored=Stored(
            form=80, facts=60, api=70, json=310, message=70, change=None, example="5000.00", sample="2500.00"
        ),
    ),
    Field(
        "total",
        "Total",
        "money",
        ("total",),
        "its total",
        can_be_empty=False,
        stored=Stored(form=130, facts=100, api=100, json=200, message=140, change=None, sample="2400.00"),
    ),
    Field(
        "amount_paid",
        "Amount paid",
        "money",
        ("amount_paid",),
        "its amount paid",
        can_be_empty=False,
        stored=Stored(
            form=140, facts=110, api=110, json=210, message=150, change=None, example="0.00", sample="600.00"
        ),
    ),
    Field(
        "balance_due",
        "Balance due",
        "money",
        ("balance_due",),
        "its balance due",
        can_be_empty=False,
        stored=stored.shown(facts=120, json=220, message=160, computed=True, sample="1800.00"),
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
)
#: Part of every event, and nothing that conditions ask about.
_FRAME = (
    Field("id", "Id", stored.ID, ("id",), "its id", stored=stored.shown(json=10, message=900, sample=0)),
    Field(
        "number",
        "Number",
        stored.NUMBER,
        ("number",),
        "its number",
        stored=Stored(
            form=None,
            facts=None,
            api=10,
            json=20,
            message=10,
            change=None,
            example="1042",
            sample="SAMPLE-E1",
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
        "custom",
        "Custom fields",
        stored.OWN,
        ("custom",),
        "its own fields",
        stored=Stored(form=None, facts=None, api=990, json=230, message=None, change=None),
    ),
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
    asked([*_FIELDS, *CUSTOMERS, *MOMENT]),
    triggers.by_key(_TRIGGERS),
    place=2,
    stored=kept([*_FIELDS, *_FRAME]),
)
