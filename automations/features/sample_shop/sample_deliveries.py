"""Where the sample shop's orders go, when, to whom and in which parcels; invented like everything there."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from automations.features.sample_shop import sample_names as names

_STREETS = ("Mill Lane", "Station Road", "Orchard Close", "The Green", "Bridge Street", "Canal Walk")
_TOWNS = (("Little Wickford", "QZ1"), ("Great Harrow", "QZ4"), ("Marlhampton", "QZ7"))
_SLOTS = (("09:00", "12:00"), ("12:00", "15:00"), ("15:00", "18:00"), (None, None))
_CARDS = (
    "Happy birthday! With love from all of us.",
    "Thank you for everything.",
    "Get well soon, we miss you at the office.",
    "",
)
_CARRIERS = {"courier_delivery": "Swift Courier", "royal_mail": "Royal Mail"}
#: Prices hold a fifth of tax on top: a sixth of the total.
_SIXTH = Decimal(6)


def delivery(number: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return what an order says beside its items; its own generator leaves all other orders as they are."""
    rng = Random(f"delivery {number}")
    said: dict[str, Any] = {"tax": (values["total"] / _SIXTH).quantize(Decimal("0.01"), ROUND_HALF_UP)}
    if values.get("fulfilment_method") != "delivery":
        return said
    town, area = rng.choice(_TOWNS)
    said["delivery_from"], said["delivery_until"] = rng.choice(_SLOTS)
    said["delivery_address"] = {
        "street": f"{rng.randint(1, 90)} {rng.choice(_STREETS)}",
        "city": town,
        "postcode": f"{area} {rng.randint(1, 9)}{rng.choice('ABDEF')}{rng.choice('GHJL')}",
        "country": "GB",
    }
    if values["order_type"] == "gift":
        said["recipient"] = f"{rng.choice(names.FIRST_NAMES)} {rng.choice(names.LAST_NAMES)}"
        said["card_message"] = rng.choice(_CARDS)
    return said


def parcels(delivery_type: str, tracking: str) -> list[dict[str, Any]]:
    """Return the parcels of an order that is handed over to a carrier."""
    carrier = _CARRIERS.get(delivery_type, "")
    return [{"carrier": carrier, "tracking_number": tracking, "status": "booked"}]
