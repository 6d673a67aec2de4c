"""Shopify's webhooks: signed over the body alone, told apart by what the body holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from automations.connectors.plain_text import one_line
from automations.connectors.sources.missed_order_pages import SHOPIFY
from automations.connectors.sources.payload import (
    NotUnderstood,
    identity,
    json_object,
    moment,
)
from automations.connectors.sources.shop_messages import (
    Deleted,
    Message,
    NotTaken,
    Refunded,
    ShopCustomer,
    ShopRequest,
    TestDelivery,
)
from automations.connectors.sources.shop_source import ShopSource, base64_signature, equals_any
from automations.connectors.sources.shopify_customers import consent_of, customer_parts
from automations.connectors.sources.shopify_extras import refunded_by
from automations.connectors.sources.shopify_orders import order_of

#: The order of "Send test notification". The header that marks it is not signed, so the id counts too.
MADE_UP = "820982911946154508"
_ABOUT = ("orders", "refunds", "customers")


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether the body was signed with one of `keys`."""
    expected = [base64_signature(key, request.body) for key in keys if key]
    return equals_any(_header(request, "hmac-sha256"), expected)


def read(request: ShopRequest) -> Message:
    """Return what a webhook says. Raises NotUnderstood."""
    data = json_object(request.body)
    if _header(request, "test").lower() == "true" or identity(data, "id") == MADE_UP:
        return TestDelivery()
    if identity(data, "customer_id") and isinstance(data.get("email_marketing_consent"), dict):
        return consent_of(data)
    if not identity(data, "id"):
        raise NotUnderstood("Shopify sent an object without an id.")
    if data.keys() == {"id"}:
        return _deleted(data, topic(request))
    if "line_items" in data and "financial_status" in data:
        return order_of(data)
    if "order_id" in data and "transactions" in data:
        return _refund(data)
    if "email_marketing_consent" in data or "accepts_marketing" in data or "verified_email" in data:
        times = (moment(data, "updated_at"), moment(data, "created_at"))
        return ShopCustomer(identity(data, "id"), customer_parts(data), *times)
    about = topic(request) or "this message"
    if about.partition("/")[0] in _ABOUT:
        return NotTaken(f"“{about}” is ignored: what it holds is no order, refund or customer.")
    return NotTaken(f"“{about}” is ignored: only orders, refunds and customers are accepted.")


def delivery_id(request: ShopRequest) -> str:
    """Return the id of one delivery of one subscription."""
    return one_line(_header(request, "webhook-id"), 200)


def topic(request: ShopRequest) -> str:
    """Return the topic, such as "orders/create". It is not signed."""
    return one_line(_header(request, "topic"), 60)


def _header(request: ShopRequest, name: str) -> str:
    # Newer deliveries leave the “X-” out.
    return request.headers.get(f"x-shopify-{name}", "") or request.headers.get(f"shopify-{name}", "")


def _deleted(data: dict[str, Any], about: str) -> Message:
    kind = about.partition("/")[0]
    if kind not in ("", "orders"):
        return NotTaken(f"“{about}” is ignored: only orders can be deleted from outside.")
    return Deleted(identity(data, "id"))


def _refund(data: dict[str, Any]) -> Message:
    at = moment(data, "processed_at") or moment(data, "created_at")
    return Refunded(identity(data, "order_id"), identity(data, "id"), refunded_by(data), at)


SOURCE = ShopSource(
    "shopify",
    "Shopify",
    "store",
    (
        "In Shopify, open Settings → Notifications → Webhooks and choose “Create webhook” with the event"
        " “Order creation” and the format JSON.",
        "Paste this address as the URL, save, and do the same for “Order update” and “Order deletion”:"
        " {address}",
        "The key that signs all of them is at the foot of that page: copy it and paste it here. {secret}",
    ),
    "Key that signs the webhooks",
    makes_secret=False,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    api=SHOPIFY,
)
