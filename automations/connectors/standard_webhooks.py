"""Verify and read the Standard Webhooks that other services send."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

#: The library refuses timestamps more than five minutes in the past or the future.
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
ID = re.compile(r"[!-~]{1,200}", re.ASCII)
SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
#: "order.created", or with a reversed domain in front, as in CloudEvents: "example.shop.order.created".
ABOUT = re.compile(r"(?:^|\.)(order|event|customer)\.\w+$", re.ASCII)


class NotAWebhookEvent(ValueError):
    """The body is not an event we can read; `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """The subject of an event and its record as JSON; `subject` is "" for events we do not handle."""

    subject: str
    record: bytes


class _Envelope(msgspec.Struct):
    type: str
    data: msgspec.Raw = msgspec.Raw()


_read = msgspec.json.Decoder(_Envelope).decode


def new_secret() -> str:
    """Return a new secret in the standard's form."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def is_genuine(body: bytes, headers: Mapping[str, str], keys: Sequence[str]) -> bool:
    """Whether the body was signed with one of `keys`, within five minutes, and is unchanged."""
    sent = {name: headers.get(name, "") for name in HEADERS}
    if not ID.fullmatch(sent["webhook-id"]) or not SECONDS.fullmatch(sent["webhook-timestamp"]):
        return False
    # The library decodes base64 leniently; only the canonical spelling of a signature counts here.
    sent["webhook-signature"] = " ".join(filter(_is_plain, sent["webhook-signature"].split(" ")))
    return any(_fits(body, sent, key) for key in keys)


def read(body: bytes) -> WebhookEvent:
    """Return the event in a body {"type", "data"}, CloudEvents included. Raises NotAnEvent."""
    try:
        envelope = _read(body)
    except msgspec.ValidationError:
        raise NotAWebhookEvent("Send an object with “type”, such as order.created, and “data”.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotAWebhookEvent("Send JSON.") from None
    about = ABOUT.search(envelope.type)
    if about is None:
        return WebhookEvent("", b"")
    # Byte for byte as sent: the record is read as strictly as one sent to the API.
    record = bytes(envelope.data)
    if not record.startswith(b"{"):
        raise NotAWebhookEvent("“data” has to be an object: the record, as the API takes it.")
    return WebhookEvent(about[1], record)


def _is_plain(signature: str) -> bool:
    version, _, text = signature.partition(",")
    try:
        return version == "v1" and base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except (binascii.Error, ValueError):
        return False


def _fits(body: bytes, headers: dict[str, str], key: str) -> bool:
    try:
        Webhook(key).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True
