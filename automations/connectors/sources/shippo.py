"""Shippo's webhooks about parcels: a token in the address, and a signature once Shippo has given a secret."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from automations.connectors.sources.payload import NotUnderstood, in_body, json_object, moment, text
from automations.connectors.sources.shop_messages import Message, NotTaken, ParcelNews, ShopRequest
from automations.connectors.sources.shop_source import ShopSource, timed_signature

_STATUS = {
    "PRE_TRANSIT": "pre_transit",
    "TRANSIT": "in_transit",
    "DELIVERED": "delivered",
    "RETURNED": "return_to_sender",
    "FAILURE": "failure",
}
#: Substatuses that say more than “TRANSIT”.
_CLOSER = {
    "out_for_delivery": "out_for_delivery",
    "pickup_available": "available_for_pickup",
    "package_held": "available_for_pickup",
}


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether the body was signed with one of `keys` less than five minutes ago."""
    return timed_signature(request.headers.get("shippo-auth-signature", ""), request.body, keys, now)


def read(request: ShopRequest) -> Message:
    """Return what a webhook says. Raises NotUnderstood."""
    data = json_object(request.body)
    about = text(data, "event")
    if about and about != "track_updated":
        return NotTaken(f"“{about}” is not about where a parcel is.")
    parcel = data.get("data")
    code = text(parcel, "tracking_number")
    if not code:
        raise NotUnderstood("Shippo sent a message without a tracking number.")
    said, closer = (
        text(parcel, "tracking_status", "status").upper(),
        text(parcel, "tracking_status", "substatus", "code").lower(),
    )
    status = _CLOSER.get(closer, "in_transit") if said == "TRANSIT" else _STATUS.get(said, "")
    at = moment(parcel, "tracking_status", "status_date")
    return ParcelNews(delivery_id(request), code, status, said or "no status", at, data.get("test") is True)


def delivery_id(request: ShopRequest) -> str:
    """Return the id of the status, which a repeated message has again."""
    return in_body(request.body, "data", "tracking_status", "object_id")


def topic(request: ShopRequest) -> str:
    """Return what the message is about, in the words of the source."""
    return in_body(request.body, "event", longest=60)


SOURCE = ShopSource(
    "shippo",
    "Shippo",
    "store",
    (
        "In Shippo, open Settings → API → Webhooks and add one for “Track updated”.",
        "Paste this address as the URL: {address}",
        "Ask Shippo's support for the secret that signs webhooks, and paste it here; until then, keep the"
        " address to yourself. {secret}",
    ),
    "Secret that signs the webhooks",
    makes_secret=False,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    is_carrier=True,
    address_is_enough=True,
)
