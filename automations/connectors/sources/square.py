"""Square's webhooks: signed over the address and the body, and naming orders without telling them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from automations.connectors.sources.payload import Data, at, identity, in_body, json_object, moment, text
from automations.connectors.sources.shop_api import ShopAccess
from automations.connectors.sources.shop_messages import (
    Message,
    NotTaken,
    ShopCustomer,
    ShopRequest,
    ToFetch,
)
from automations.connectors.sources.shop_source import ShopApi, ShopSource, base64_signature, equals_any
from automations.connectors.sources.square_fetching import fetch
from automations.connectors.sources.square_payments import order_of_payment
from automations.connectors.sources.square_people import customer_parts


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether the address, as it was registered, and the body were signed with one of `keys`."""
    signed = request.url.encode() + request.body
    expected = [base64_signature(key, signed) for key in keys if key]
    return equals_any(request.headers.get("x-square-hmacsha256-signature", ""), expected)


def read(request: ShopRequest) -> Message:
    """Return what a webhook says. Raises NotUnderstood."""
    data = json_object(request.body)
    about = text(data, "type")
    what = at(data, "data", "object")
    kind = about.partition(".")[0]
    if kind == "order":
        return _order(what, about)
    if kind == "payment":
        return _payment(at(what, "payment") or {})
    if kind == "refund":
        payment_id = identity(what, "refund", "payment_id")
        return ToFetch("payment", payment_id) if payment_id else NotTaken("A refund of no payment.")
    if about in ("customer.created", "customer.updated") and identity(what, "customer", "id"):
        customer = at(what, "customer")
        at_time = moment(customer, "updated_at") or moment(data, "created_at")
        made_at = moment(customer, "created_at")
        return ShopCustomer(identity(customer, "id"), customer_parts(customer), at_time, made_at)
    return NotTaken(f"“{about or 'this message'}” is ignored: only orders and customers are accepted.")


def delivery_id(request: ShopRequest) -> str:
    """Return the id of the event, which a repeated message has again."""
    return in_body(request.body, "event_id")


def topic(request: ShopRequest) -> str:
    """Return the type of the event, such as "order.updated"."""
    return in_body(request.body, "type", longest=60)


def _order(what: object, about: str) -> Message:
    # The object has the name of the event: order_updated, order_fulfillment_updated.
    named = at(what, about.replace(".", "_"))
    order_id = identity(named, "order_id")
    return ToFetch("order", order_id) if order_id else NotTaken(f"“{about}” names no order.")


def _payment(payment: Data) -> Message:
    order_id = identity(payment, "order_id")
    if not order_id:
        return NotTaken("It is a payment that belongs to no order.")
    return ToFetch("order", order_id, order_of_payment(payment))


def _proof(access: ShopAccess) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}", "Square-Version": "2025-08-20"}


SOURCE = ShopSource(
    "square",
    "Square",
    "store",
    (
        "At developer.squareup.com, open your application → Webhooks → Subscriptions and add one for the"
        " events payment.created, payment.updated, order.updated, order.fulfillment.updated, refund.updated"
        " and customer.updated.",
        "Paste this address as its URL, letter by letter, because it is signed too: {address}",
        "Copy the signature key of that subscription, and paste it here. {secret}",
    ),
    "Signature key of the subscription",
    makes_secret=False,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    api=ShopApi(
        "https://connect.squareup.com",
        "Access token",
        "Square sends only the number of an order. With the production access token, which is on the page"
        " Credentials of your application, the order is fetched.",
        _proof,
        fetch=fetch,
        without="Square sends only the number of an order.",
    ),
)
