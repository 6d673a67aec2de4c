"""Verify and read the Standard Webhooks that other services send."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from automations.connectors.event_times import moment_of

#: The library refuses timestamps more than five minutes in the past or the future.
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
ID = re.compile(r"[!-~]{1,200}", re.ASCII)
SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
#: "order.created", or with a reversed domain in front, as in CloudEvents: "example.shop.order.created".
ABOUT = re.compile(r"(?:^|\.)(order|event|customer)\.([^.]+)$", re.ASCII)
#: What may have happened to a record for it to be taken as it is in `data`.
TAKEN = frozenset({"created", "updated", "changed"})


class NotAWebhookEvent(ValueError):
    """The body is not an event we can read; `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """The subject of an event and its record as JSON; `subject` is "" for events we do not handle."""

    subject: str
    #: What happened to the record, in small letters: "created", "deleted". Only one of TAKEN has a record.
    verb: str
    record: bytes
    #: The record's number, where the sender gave it.
    number: str = ""
    #: When what it says was so, by the sender's clock.
    at: dt.datetime | None = None

    @property
    def is_taken(self) -> bool:
        return self.verb in TAKEN


class _Envelope(msgspec.Struct):
    type: str
    data: msgspec.Raw = msgspec.Raw()
    #: The time of the event: in a Standard Webhook, and in a CloudEvent.
    timestamp: object = None
    time: object = None


class _Numbered(msgspec.Struct):
    number: str = ""


_read = msgspec.json.Decoder(_Envelope).decode
_read_number = msgspec.json.Decoder(_Numbered).decode


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
        return WebhookEvent("", "", b"")
    verb = about[2].lower()
    if verb not in TAKEN:
        return WebhookEvent(about[1], verb, b"", _number(envelope.data))
    # Byte for byte as sent: the record is read as strictly as one sent to the API.
    record = bytes(envelope.data)
    if not record.startswith(b"{"):
        raise NotAWebhookEvent("“data” has to be an object: the record, as the API takes it.")
    return WebhookEvent(about[1], verb, record, _number(envelope.data), _at(envelope))


def _number(data: msgspec.Raw) -> str:
    try:
        return _read_number(data).number
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _at(envelope: _Envelope) -> dt.datetime | None:
    for name, value in (("timestamp", envelope.timestamp), ("time", envelope.time)):
        if value is None:
            continue
        moment = moment_of(value)
        if moment is None:
            raise NotAWebhookEvent(f"“{name}” has to be a time, such as 2026-11-22T10:00:00Z.")
        return moment
    return None


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
