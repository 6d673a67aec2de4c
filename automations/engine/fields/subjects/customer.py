"""Customers: the people who buy. Their fields are also those of the customer of an order or event."""

from __future__ import annotations

from dataclasses import replace

from automations.engine.fields import stored, triggers
from automations.engine.fields.problem import lower
from automations.engine.fields.shared_fields import MOMENT, TAGS_HINT
from automations.engine.fields.stored import Stored
from automations.engine.fields.subject import CUSTOMER, Field, Subject, asked, kept

_CONSENT = {"yes": "given", "no": "not given"}
_KEPT_AS_WRITTEN = "Kept as you type it; messages to an address that cannot work are skipped."


def _field(
    key: str,
    label: str,
    type: str,
    places: Stored,
    path: tuple[str, ...] = (),
    reference: str | None = None,
    worked_out: bool = False,
    help: str = "",
) -> Field:
    """A field that a sentence calls "their first name"; yes and no are said as consent."""
    phrase = f"their {lower(label)}"
    labels = _CONSENT if type == "bool" else {}
    return Field(
        key,
        label,
        type,
        path or (key,),
        phrase,
        reference=reference,
        help=help,
        labels=labels,
        worked_out=worked_out,
        stored=places,
    )


#: What conditions on orders and events may ask about their customer too.
_PERSON = (
    _field(
        "first_name",
        "First name",
        "text",
        Stored(form=10, facts=None, api=30, json=30, message=10, change=10, example="Anna", sample="Sam"),
    ),
    _field(
        "last_name",
        "Last name",
        "text",
        Stored(
            form=20, facts=None, api=40, json=40, message=20, change=20, example="Petrova", sample="Sample"
        ),
    ),
    _field(
        "email",
        "Email",
        "text",
        Stored(
            form=30,
            facts=20,
            api=20,
            json=50,
            message=40,
            change=30,
            longest=254,
            hint=_KEPT_AS_WRITTEN,
            example="anna@grandhotel.example",
            sample="sam.sample@example.com",
        ),
    ),
    _field(
        "phone",
        "Phone",
        "text",
        Stored(
            form=40,
            facts=30,
            api=50,
            json=60,
            message=50,
            change=40,
            longest=50,
            example="+44 20 7946 0958",
            sample="+44 20 7946 0000",
        ),
    ),
    _field(
        "language",
        "Language",
        "text",
        Stored(
            form=45,
            facts=35,
            api=55,
            json=65,
            message=55,
            change=None,
            longest=35,
            holds=stored.LANGUAGE,
            hint="Messages are sent in this language if they have a text in it.",
            example="de-AT",
        ),
        help="As a tag: de, or with a country de-AT.",
    ),
    _field(
        "tags",
        "Tags",
        "tags",
        Stored(
            form=800,
            facts=800,
            api=800,
            json=70,
            message=810,
            change=820,
            hint=TAGS_HINT,
            sample=("regular",),
            with_records=False,
        ),
    ),
    _field(
        "note",
        "Note",
        "text",
        Stored(
            form=810,
            facts=810,
            api=810,
            json=80,
            message=800,
            change=810,
            longest=10_000,
            long=True,
            example="Ring the bell twice.",
            with_records=False,
        ),
    ),
    _field(
        "account",
        "Account",
        "reference",
        Stored(
            form=60,
            facts=40,
            api=790,
            json=110,
            message=None,
            change=None,
            column="account_id",
            example="Grand Hotel",
            with_records=False,
        ),
        path=("account", "id"),
        reference="account",
    ),
    _field(
        "marketing_consent",
        "Marketing consent",
        "bool",
        Stored(
            form=50,
            facts=50,
            api=60,
            json=90,
            message=None,
            change=50,
            form_label="Agreed to marketing",
            facts_label="Agreed to marketing",
            sample=True,
        ),
    ),
    _field(
        "created_at",
        "Date added",
        "datetime",
        stored.shown(json=120, message=820, sample="2029-03-01T10:00:00Z", with_records=False),
    ),
)
_NO_PURCHASE = "Cancelled, void and expired orders do not count"
_BOUGHT = tuple(
    _field(
        key,
        label,
        type,
        stored.shown(message=place, sample=sample, computed=True, with_records=False),
        worked_out=True,
        # A sum of several currencies would be none of any.
        help=f"{_NO_PURCHASE}, nor do orders in another currency." if type == "money" else f"{_NO_PURCHASE}.",
    )
    for place, key, label, type, sample in (
        (830, "order_count", "Number of orders", "number", 4),
        (840, "total_spent", "Total spent", "money", "318.00"),
        (850, "last_order_date", "Last order", "date", "2030-06-10"),
    )
)
#: Part of every customer, and nothing that conditions ask about.
_FRAME = (
    Field("id", "Id", stored.ID, ("id",), "their id", stored=stored.shown(json=10, message=70, sample=0)),
    Field(
        "number",
        "Number",
        stored.NUMBER,
        ("number",),
        "their number",
        stored=Stored(
            form=None, facts=10, api=10, json=20, message=60, change=None, example="C-1", sample="SAMPLE"
        ),
    ),
    Field(
        "name",
        "Full name",
        "text",
        ("name",),
        "their full name",
        stored=stored.shown(json=100, message=30, sample="Sam Sample", computed=True),
    ),
    Field(
        "custom",
        "Custom fields",
        stored.OWN,
        ("custom",),
        "their own fields",
        stored=Stored(
            form=None, facts=None, api=990, json=None, message=None, change=None, with_records=False
        ),
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

#: The fields of a record's customer, beside the record's own.
CUSTOMERS: tuple[Field, ...] = tuple(
    replace(
        field,
        key=f"{CUSTOMER}{field.key}",
        label=f"Customer’s {lower(field.label)}",
        path=("customer", *field.path),
        phrase=f"its customer’s {lower(field.label)}",
        stored=None,
    )
    for field in _PERSON
)
SUBJECT = Subject(
    "customer",
    "Customer",
    "Customers",
    asked([*_PERSON, *_BOUGHT, *MOMENT]),
    triggers.by_key(_TRIGGERS),
    place=3,
    stored=kept([*_PERSON, *_BOUGHT, *_FRAME]),
)
