"""BigCommerce's webhooks: Standard Webhooks that only name an order."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence

from automations.connectors import standard_webhooks
from automations.connectors.sources.bigcommerce_orders import fetch
from automations.connectors.sources.payload import identity, in_body, json_object, text
from automations.connectors.sources.shop_api import ShopAccess
from automations.connectors.sources.shop_messages import Message, NotTaken, ShopRequest, ToFetch
from automations.connectors.sources.shop_source import ShopApi, ShopSource


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether it was signed with one of `keys`: the client secret, whose text is the key."""
    encoded = [base64.b64encode(key.encode()).decode() for key in keys if key]
    return standard_webhooks.is_genuine(request.body, request.headers, encoded)


def read(request: ShopRequest) -> Message:
    """Return what a webhook says. Raises NotUnderstood."""
    data = json_object(request.body)
    about = text(data, "scope")
    if about.startswith("store/order/"):
        order_id = identity(data, "data", "id")
    elif about.startswith("store/shipment/"):
        order_id = identity(data, "data", "orderId")
    else:
        return NotTaken(f"“{about or 'this message'}” is ignored: only orders are accepted.")
    return ToFetch("order", order_id) if order_id else NotTaken(f"“{about}” names no order.")


def delivery_id(request: ShopRequest) -> str:
    """Return the hash of what it says, which a repeated message has again."""
    return in_body(request.body, "hash")


def topic(request: ShopRequest) -> str:
    """Return the scope, such as "store/order/updated"."""
    return in_body(request.body, "scope", longest=60)


def _proof(access: ShopAccess) -> dict[str, str]:
    return {"X-Auth-Token": access.token}


SOURCE = ShopSource(
    "bigcommerce",
    "BigCommerce",
    "store",
    (
        "In BigCommerce, open Settings → API → Store-level API accounts, create one that may read orders and"
        " make webhooks, and paste its access token and API path below.",
        "Have whoever looks after the shop make webhooks for store/order/* and store/shipment/* by the API,"
        " with this address: {address}",
        "Copy the client secret of that account, which signs them, and paste it here. {secret}",
    ),
    "Client secret",
    makes_secret=False,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    api=ShopApi(
        "",
        "Access token",
        "BigCommerce sends only the number of an order. With the access token and the API path of the"
        " account, https://api.bigcommerce.com/stores/…, the order is fetched.",
        _proof,
        fetch=fetch,
        without="BigCommerce sends only the number of an order.",
    ),
)
