"""Stripe's webhooks about payments of Checkout: a session is an order, whose items have to be fetched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from automations.connectors.sources.payload import Data, at, identity, in_body, json_object, moment, text
from automations.connectors.sources.shop_api import ShopAccess
from automations.connectors.sources.shop_messages import (
    Message,
    NotTaken,
    PaymentNews,
    Refunded,
    ShopRequest,
    ToFetch,
    Word,
)
from automations.connectors.sources.shop_source import ShopApi, ShopSource, timed_signature
from automations.connectors.sources.stripe_sessions import amount, fetch, order_of, payment_of

#: The sessions whose payment has come, is under way, or has failed after all.
_SESSIONS = frozenset(
    f"checkout.session.{name}" for name in ("completed", "async_payment_succeeded", "async_payment_failed")
)


def is_genuine(request: ShopRequest, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether the body was signed with one of `keys`, taken as text, less than five minutes ago."""
    return timed_signature(request.headers.get("stripe-signature", ""), request.body, keys, now)


def read(request: ShopRequest) -> Message:
    """Return what a webhook says. Raises NotUnderstood."""
    data = json_object(request.body)
    about, what = text(data, "type"), at(data, "data", "object")
    if about in _SESSIONS and text(what, "mode") == "setup":
        return NotTaken("The session keeps a card for later: nothing was bought.")
    if about in _SESSIONS and isinstance(what, dict) and identity(what, "id"):
        return ToFetch("session", identity(what, "id"), order_of(what, moment(data, "created")))
    if about == "checkout.session.expired":
        return NotTaken("The session ended before anybody paid: it is not an order.")
    if about in _OF_CHARGES and isinstance(what, dict):
        return _OF_CHARGES[about](what, data)
    return NotTaken(f"“{about or 'this message'}” is ignored: only sessions and their payments are accepted.")


def delivery_id(request: ShopRequest) -> str:
    """Return the id of the event, which a repeated message has again."""
    return in_body(request.body, "id")


def topic(request: ShopRequest) -> str:
    """Return the type of the event, such as "checkout.session.completed"."""
    return in_body(request.body, "type", longest=60)


def _refund(charge: Data, event: Data) -> Message:
    """Return what was given back now; the charge tells what was given back in all."""
    order_id = payment_of(charge)
    if not order_id:
        return NotTaken("It is a refund of a payment that belongs to no session.")
    before = amount(at(event, "data", "previous_attributes"), "amount_refunded", text(charge, "currency"))
    whole = amount(charge, "amount_refunded", text(charge, "currency"))
    given_back = whole - (before or Decimal(0))
    return Refunded(order_id, f"{identity(charge, 'id')} {whole}", given_back, moment(event, "created"), True)


def _capture(charge: Data, event: Data) -> Message:
    """Return what was taken of money that was only reserved."""
    return _payment(charge, event, amount(charge, "amount_captured", text(charge, "currency")))


def _expiry(charge: Data, event: Data) -> Message:
    """Return that reserved money was not taken in time."""
    return _payment(charge, event, Decimal(0), "expired")


def _payment(charge: Data, event: Data, taken: Decimal, said: str = "") -> Message:
    order_id = payment_of(charge)
    if not order_id:
        return NotTaken("It is about a payment that belongs to no session.")
    word = Word("payment_status", said, (f"payment_status={said}",)) if said else None
    return PaymentNews(order_id, taken, word, moment(event, "created"))


def _release(intent: Data, event: Data) -> Message:
    """Return that reserved money was let go."""
    word = Word("payment_status", "canceled", ("payment_status=void",))
    return PaymentNews(identity(intent, "id"), Decimal(0), word, moment(event, "created"))


#: What is told of a payment by itself.
_OF_CHARGES: Mapping[str, Callable[[Data, Data], Message]] = {
    "charge.refunded": _refund,
    "charge.captured": _capture,
    "charge.expired": _expiry,
    "payment_intent.canceled": _release,
}


def _proof(access: ShopAccess) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}"}


SOURCE = ShopSource(
    "stripe",
    "Stripe Checkout",
    "store",
    (
        "In Stripe, open Developers → Webhooks and add an endpoint for checkout.session.completed,"
        " checkout.session.async_payment_succeeded, checkout.session.async_payment_failed and"
        " charge.refunded; if you only reserve money at first, also for charge.captured, charge.expired and"
        " payment_intent.canceled.",
        "Paste this address as the endpoint URL: {address}",
        "Copy its signing secret, which begins with whsec_, and paste it here. {secret}",
    ),
    "Signing secret",
    makes_secret=False,
    is_genuine=is_genuine,
    read=read,
    delivery_id=delivery_id,
    topic=topic,
    api=ShopApi(
        "https://api.stripe.com",
        "Restricted key",
        "Stripe sends a payment without its items. With a restricted key that may read Checkout Sessions and"
        " Payment Intents, the items are fetched.",
        _proof,
        fetch=fetch,
        without="Stripe sends no items.",
    ),
)
