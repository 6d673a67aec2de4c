"""Lightspeed Retail X (Vend): sales of a till, sent as a form with JSON in it, and signed only by an app."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from automations.connectors.plain_text import one_line
from automations.connectors.sources.lightspeed_sales import (
    customer_of,
    fetch,
    is_sale,
    names_are_missing,
    order_of,
)
from automations.connectors.sources.payload import NotUnderstood, identity, json_object, text
from automations.connectors.sources.shop_api import ShopAccess
from automations.connectors.sources.shop_messages import (
    Deleted,
    Message,
    NotTaken,
    ShopRequest,
    ToFetch,
)
from automations.connectors.sources.shop_source import ShopApi, ShopSource, equals_any, hex_signature


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether the form, as it was sent, was signed with one of `keys`."""
    header = request.headers.get("x-signature", "")
    parts = [part.strip().partition("=")[::2] for part in header.split(",")]
    sent = next((value for name, value in parts if name == "signature"), "")
    return equals_any(sent, [hex_signature(key, request.body) for key in keys if key])


def read(request: ShopRequest) -> Message:
    """Return what a webhook says. Raises NotUnderstood."""
    data = payload_of(request.body)
    if is_sale(data) and text(data, "deleted_at"):
        return Deleted(identity(data, "id"))
    if is_sale(data):
        order = order_of(data)
        return ToFetch("sale", order.id, order) if names_are_missing(data) else order
    customer = customer_of(data)
    if customer is not None and customer.id:
        return customer
    return NotTaken(
        f"“{topic(request) or 'this message'}” is ignored: only sales and customers are accepted."
    )


def payload_of(body: bytes) -> dict[str, Any]:
    """Return the JSON in the form. Raises NotUnderstood."""
    form = _form(body)
    if "payload" not in form:
        raise NotUnderstood("The message is not a form with a field “payload”.")
    data = json_object(form["payload"].encode())
    if not identity(data, "id"):
        raise NotUnderstood("Lightspeed sent an object without an id.")
    return data


def delivery_id(request: ShopRequest) -> str:
    """Return "": its messages have no ids, and the same body is the same message."""
    return ""


def topic(request: ShopRequest) -> str:
    """Return the type in the form, such as "sale.update"."""
    return one_line(_form(request.body).get("type", ""), 60)


def _form(body: bytes) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=50).items()}
    except ValueError:
        return {}


def _proof(access: ShopAccess) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}"}


SOURCE = ShopSource(
    "lightspeed",
    "Lightspeed Retail (Vend)",
    "store",
    (
        "In Lightspeed Retail, open the page /setup/api of your store and add webhooks for sale.update and"
        " customer.update.",
        "Paste this address as their URL, and keep it to yourself: {address}",
        "If an app of yours makes the webhooks, paste its client secret here; webhooks that are made by hand"
        " are not signed. {secret}",
    ),
    "Client secret of the app",
    makes_secret=False,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    address_is_enough=True,
    api=ShopApi(
        "",
        "Personal token",
        "Lightspeed sends the ids of what was sold, and not their names. With a personal token, from Setup →"
        " Personal tokens, and the address of your store, https://….retail.lightspeed.app, they are fetched.",
        _proof,
        fetch=fetch,
        without="Lightspeed sends the ids of what was sold, and not their names.",
    ),
)
