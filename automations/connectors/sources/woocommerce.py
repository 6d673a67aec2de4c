"""WooCommerce's webhooks: signed over the body, greeted by an unsigned form, never sent twice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from automations.connectors.plain_text import one_line
from automations.connectors.sources.missed_order_pages import WOOCOMMERCE
from automations.connectors.sources.payload import NotUnderstood, identity, json_object, moment, text
from automations.connectors.sources.shop_messages import (
    Deleted,
    Message,
    NotTaken,
    ShopCustomer,
    ShopRequest,
)
from automations.connectors.sources.shop_source import ShopSource, base64_signature, equals_any
from automations.connectors.sources.woocommerce_orders import customer_parts, order_of

_GREETING = re.compile(rb"webhook_id=[0-9]{1,18}")
#: Carts that someone is still typing, and what staff have not finished.
_UNFINISHED = frozenset({"checkout-draft", "auto-draft", "draft", "new"})


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether the body was signed with one of `keys`."""
    expected = [base64_signature(key, request.body) for key in keys if key]
    return equals_any(request.headers.get("x-wc-webhook-signature", ""), expected)


def is_greeting(request: ShopRequest) -> bool:
    """Whether it is the form that a webhook sends when it is first saved."""
    names = any(name.startswith("x-wc-webhook-") for name in request.headers)
    return not names and _GREETING.fullmatch(request.body.strip()) is not None


def read(request: ShopRequest) -> Message:
    """Return what a webhook says. Raises NotUnderstood."""
    data, about = json_object(request.body), topic(request)
    if not identity(data, "id"):
        why = text(data, "message") or "no id"
        raise NotUnderstood(
            f"WooCommerce sent an error in place of the record: {why}. The person who made the webhook there"
            " may have lost the right to see it."
        )
    if data.keys() == {"id"}:
        return _deleted(data, about)
    if "billing_period" in data and "billing_interval" in data:
        return NotTaken("A subscription is no order: each of its orders comes by itself.")
    if "line_items" in data and "status" in data and "billing" in data:
        return _order(data)
    if "billing" in data and "role" in data:
        times = (moment(data, "date_modified_gmt"), moment(data, "date_created_gmt"))
        return ShopCustomer(identity(data, "id"), customer_parts(data), *times)
    if about.partition(".")[0] in ("order", "customer"):
        return NotTaken(f"“{about}” is ignored: what it holds is no order or customer.")
    return NotTaken(f"“{about or 'this message'}” is ignored: only orders and customers are accepted.")


def delivery_id(request: ShopRequest) -> str:
    """Return the id of the delivery, which two orders of the same second share."""
    return one_line(request.headers.get("x-wc-webhook-delivery-id", ""), 200)


def topic(request: ShopRequest) -> str:
    """Return the topic, such as "order.updated". It is not signed."""
    return one_line(request.headers.get("x-wc-webhook-topic", ""), 60)


def _deleted(data: dict[str, Any], about: str) -> Message:
    kind = about.partition(".")[0]
    if kind not in ("", "order"):
        return NotTaken(f"“{about}” is ignored: only orders can be deleted from outside.")
    return Deleted(identity(data, "id"))


def _order(data: dict[str, Any]) -> Message:
    status = text(data, "status").removeprefix("wc-")
    if status in _UNFINISHED:
        return NotTaken(f"“{status}” is a cart or a draft, not an order yet.")
    if status == "trash":
        return Deleted(identity(data, "id"), moment(data, "date_modified_gmt"))
    return order_of(data)


SOURCE = ShopSource(
    "woocommerce",
    "WooCommerce",
    "store",
    (
        "In WooCommerce, open Settings → Advanced → Webhooks → “Add webhook”, and choose the status Active,"
        " the topic “Order created” and the API version 3.",
        "Paste this address as the delivery URL: {address}",
        "Paste this secret, save, and do the same for “Order updated”, “Order deleted” and “Order restored”."
        " {secret}",
    ),
    "Secret of the webhooks",
    makes_secret=True,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    is_greeting=is_greeting,
    api=WOOCOMMERCE,
)
