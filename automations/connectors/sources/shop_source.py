"""The little that the parts of the program need to know about any source."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from automations.connectors.sources.shop_api import Asking, Proof
from automations.connectors.sources.shop_messages import Fetched, Message, ShopRequest, ToFetch

#: How far the clock of a signed time may be from ours.
SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of orders as the source writes them, where the next one begins ("" after the last), and what
    a message with such an order is about.
    """

    orders: Sequence[dict[str, Any]]
    next: str
    topic: str


@dataclass(frozen=True, slots=True)
class ShopApi:
    """How the API of a source is asked for what its messages leave out."""

    #: Where it is; "" if each shop has an address of its own.
    site: str
    #: What the token is called there, and where it is found.
    token_label: str
    help: str
    #: Returns the headers that prove who asks.
    headers: Proof
    #: What belongs to the token, such as the key to a secret; "" if nothing does.
    name_label: str = ""
    #: Returns what a message is about. Raises what `Asking.ask` raises, and NotUnderstood.
    fetch: Callable[[Asking, ToFetch, ShopRequest], Fetched] | None = None
    #: Returns a page of the orders that were changed since some time; the first one for the cursor "".
    page: Callable[[Asking, dt.datetime, str], OrderPage] | None = None
    #: What is missing without a token, as a sentence; "" if nothing is.
    without: str = ""


@dataclass(frozen=True, slots=True)
class ShopSource:
    """One kind of shop, till or carrier."""

    key: str
    label: str
    icon: str
    #: What to do there, in three sentences. {address} and {secret} become something to copy.
    steps: tuple[str, ...]
    #: What the secret is called there.
    secret_label: str
    #: Whether we make the secret, so that it is to be copied from here.
    makes_secret: bool
    is_genuine: Callable[[ShopRequest, Sequence[str], dt.datetime], bool]
    #: Raises NotUnderstood.
    read: Callable[[ShopRequest], Message]
    #: The id of the delivery, or "".
    delivery_id: Callable[[ShopRequest], str]
    #: What the message is about, for lists.
    topic: Callable[[ShopRequest], str]
    #: Whether it is the unsigned message that greets a new address.
    is_greeting: Callable[[ShopRequest], bool] = lambda _: False
    is_carrier: bool = False
    #: Whether its address alone will do as long as there is no secret.
    address_is_enough: bool = False
    #: Whether a person says how it signs and which value of its payloads is what.
    is_mapped: bool = False
    api: ShopApi | None = None


def base64_signature(key: str, signed: bytes) -> str:
    """Return HMAC-SHA256 in base64; the key is taken as text."""
    return base64.b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest()).decode()


def hex_signature(key: str, signed: bytes) -> str:
    """Return HMAC-SHA256 in hexadecimal digits; the key is taken as text."""
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def equals_any(sent: str, expected: Sequence[str]) -> bool:
    """Whether `sent` is one of the signatures. An empty one never is; takes the same time for all."""
    matches = [hmac.compare_digest(sent.encode("utf-8", "replace"), one.encode()) for one in expected]
    return bool(sent) and any(matches)


def timed_signature(header: str, body: bytes, keys: Sequence[str], now: dt.datetime) -> bool:
    """Whether "t=…,v1=<hex>" signs "t.body" by one of the keys, not more than SKEW away from `now`."""
    parts = [part.partition("=")[::2] for part in header.split(",")]
    seconds = next((value.strip() for name, value in parts if name.strip() == "t"), "")
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 12):
        return False
    if abs(now.timestamp() - int(seconds)) > SKEW.total_seconds():
        return False
    expected = [hex_signature(key, seconds.encode() + b"." + body) for key in keys if key]
    signatures = [value.strip() for name, value in parts if name.strip() == "v1"]
    return any(equals_any(signature, expected) for signature in signatures)
