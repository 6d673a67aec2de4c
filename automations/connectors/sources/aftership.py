"""AfterShip's webhooks about parcels, signed over the body."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from automations.connectors.sources.payload import NotUnderstood, in_body, json_object, moment, text
from automations.connectors.sources.payload import at as at_path
from automations.connectors.sources.shop_messages import (
    Message,
    NotTaken,
    ParcelNews,
    ShopRequest,
    TestDelivery,
)
from automations.connectors.sources.shop_source import ShopSource, base64_signature, equals_any

_STATUS = {
    "InfoReceived": "pre_transit",
    "InTransit": "in_transit",
    "OutForDelivery": "out_for_delivery",
    "AvailableForPickup": "available_for_pickup",
    "Delivered": "delivered",
}
_COMES_BACK = frozenset({"Exception", "Delivered"})


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether the body was signed with one of `keys`."""
    expected = [base64_signature(key, request.body) for key in keys if key]
    return equals_any(request.headers.get("aftership-hmac-sha256", ""), expected)


def read(request: ShopRequest) -> Message:
    """Return what a webhook says. Raises NotUnderstood."""
    data = json_object(request.body)
    about = text(data, "event")
    if about not in ("", "tracking_update"):
        return NotTaken(f"“{about}” is not about where a parcel is.")
    parcel = data.get("msg")
    code = text(parcel, "tracking_number")
    if not code:
        # “Send test webhook” makes one up without a parcel.
        if not text(data, "event_id"):
            raise NotUnderstood("AfterShip sent a message without a tracking number.")
        return TestDelivery()
    said = text(parcel, "tag")
    # “Delivered” is where it came from then.
    returned = said in _COMES_BACK and at_path(parcel, "return_to_sender") is True
    status = "return_to_sender" if returned else _STATUS.get(said, "")
    at = moment(parcel, "updated_at") or moment(data, "ts")
    return ParcelNews(delivery_id(request), code, status, said or "no tag", at)


def delivery_id(request: ShopRequest) -> str:
    """Return the id of the event, which a repeated message has again."""
    return in_body(request.body, "event_id")


def topic(request: ShopRequest) -> str:
    """Return what the message is about, in the words of the source."""
    return in_body(request.body, "event", longest=60)


SOURCE = ShopSource(
    "aftership",
    "AfterShip",
    "store",
    (
        "In AfterShip Tracking, open Settings → Notifications → Webhooks and add one for all updates.",
        "Paste this address as the webhook URL: {address}",
        "Copy the webhook secret that the page shows, and paste it here. {secret}",
    ),
    "Webhook secret",
    makes_secret=False,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    is_carrier=True,
)
