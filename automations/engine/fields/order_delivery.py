"""Where an order goes, when, to whom, and in which parcels."""

from __future__ import annotations

from collections.abc import Mapping

from automations.engine.fields import stored
from automations.engine.fields.stored import Stored
from automations.engine.fields.subject import Field

#: The parts of an address by key, in the order in which it is written.
ADDRESS: Mapping[str, str] = {
    "company": "Company",
    "street": "Street",
    "city": "City",
    "region": "Region",
    "postcode": "Postcode",
    "country": "Country",
    "phone": "Phone",
}
#: Part -> its longest text; a street has several lines.
LONGEST: Mapping[str, int] = {
    "company": 200,
    "street": 500,
    "city": 200,
    "region": 200,
    "postcode": 20,
    "country": 100,
    "phone": 50,
}
#: The column of the address, and how the keys of its parts begin: "delivery_address.city".
DELIVERY_ADDRESS = "delivery_address"

DELIVERY = (
    Field(
        "delivery_from",
        "Delivery from",
        "time",
        ("delivery_from",),
        "its delivery time",
        help="The time of day from which it may be delivered.",
        stored=Stored(form=101, facts=81, api=121, json=301, message=81, change=None, sample="09:00"),
    ),
    Field(
        "delivery_until",
        "Delivery until",
        "time",
        ("delivery_until",),
        "its latest delivery time",
        help="The time of day until which it may be delivered.",
        stored=Stored(form=102, facts=82, api=122, json=302, message=82, change=None, sample="12:00"),
    ),
    Field(
        "recipient",
        "Recipient",
        "text",
        ("recipient",),
        "its recipient",
        help="Who receives it, who may not be the customer.",
        stored=Stored(
            form=103,
            facts=83,
            api=123,
            json=303,
            message=83,
            change=None,
            hint="Who receives it, if not the customer.",
            example="Ivy Cole",
            sample="Ivy Cole",
        ),
    ),
    Field(
        "card_message",
        "Card message",
        "text",
        ("card_message",),
        "its card message",
        stored=Stored(
            form=105,
            facts=85,
            api=125,
            json=305,
            message=85,
            change=None,
            longest=2000,
            long=True,
            example="Happy birthday, Ivy.",
            sample="Happy birthday, Ivy.",
        ),
    ),
    Field(
        "parcel_count",
        "Number of parcels",
        "number",
        ("parcel_count",),
        "its number of parcels",
        can_be_empty=False,
        stored=stored.shown(json=145, message=112, sample=0, computed=True),
    ),
    Field(
        "carriers",
        "Carriers",
        "tags",
        ("carriers",),
        "its carriers",
        help="The carriers of its parcels.",
        stored=stored.shown(json=146, message=113, computed=True),
    ),
)


def _part(key: str, label: str) -> Field:
    words = f"Delivery {label[:1].lower()}{label[1:]}"
    return Field(
        f"{DELIVERY_ADDRESS}.{key}",
        words,
        "text",
        (DELIVERY_ADDRESS, key),
        f"its {words[:1].lower()}{words[1:]}",
    )


#: What conditions ask about an address.
ADDRESS_PARTS = tuple(_part(key, label) for key, label in ADDRESS.items())
#: What an order keeps of it beside that: the address and the parcels as wholes.
DELIVERY_FRAME = (
    Field(
        DELIVERY_ADDRESS,
        "Delivery address",
        stored.ADDRESS,
        (DELIVERY_ADDRESS,),
        "its delivery address",
        stored=Stored(form=104, facts=84, api=124, json=304, message=84, change=None),
    ),
    Field(
        "parcels",
        "Parcels",
        stored.PARCELS,
        ("parcels",),
        "its parcels",
        stored=Stored(form=991, facts=None, api=161, json=144, message=830, change=None),
    ),
)
