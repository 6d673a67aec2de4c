"""Any other program that sends JSON: how it signs and which value is what is said by a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from automations.connectors.plain_text import one_line
from automations.connectors.sources import other_signatures, picked_orders
from automations.connectors.sources.json_paths import value_at
from automations.connectors.sources.json_tree import text_of
from automations.connectors.sources.other_bodies import value_of
from automations.connectors.sources.payload import NotUnderstood
from automations.connectors.sources.shop_messages import Message, ShopRequest
from automations.connectors.sources.shop_source import ShopSource
from automations.connectors.standard_webhooks import signature_of


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether it proves where it comes from, in the way that was chosen."""
    return other_signatures.is_genuine(request, keys, request.settings.get("signature") or {})


def read(request: ShopRequest) -> Message:
    """Return what a payload says by what was picked. Raises NotUnderstood."""
    data = value_of(request.body)
    if not isinstance(data, dict | list):
        raise NotUnderstood("The body is JSON, but no object and no list.")
    return picked_orders.all_of(data, request.settings, request.received_at)


def delivery_id(request: ShopRequest) -> str:
    """Return the id of the message where it has one; two with the same body are then told apart."""
    sent = signature_of(request.headers)["webhook-id"] or request.headers.get("ce-id", "")
    return one_line(sent, 200)


def topic(request: ShopRequest) -> str:
    """Return what it is about, if a value was picked for that."""
    path = ((request.settings.get("mapping") or {}).get("paths") or {}).get("about")
    if not path:
        return ""
    try:
        value = value_at(value_of(request.body), tuple(path))
    except NotUnderstood:
        return ""
    return one_line(text_of(value), 60) if isinstance(value, str | int) else ""


SOURCE = ShopSource(
    "other",
    "Any other source",
    "store",
    (
        "Choose how its messages are authenticated, as its own page of webhooks says.",
        "Paste this address there as the URL of the webhook, for messages in JSON or as a form: {address}",
        "Let it send a first message. It is kept here, and by clicking its values you say which is what.",
    ),
    "Secret",
    makes_secret=False,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    is_mapped=True,
)
