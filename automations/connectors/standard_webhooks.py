"""Verify and read the Standard Webhooks that other services send."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from automations.connectors.event_times import moment_of

#: The library refuses timestamps more than five minutes in the past or the future.
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
#: How the names begin, and how they began before there was a standard. The two are never mixed.
_BEGINNINGS = ("webhook-", "svix-")
ID = re.compile(r"[!-~]{1,200}", re.ASCII)
SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_KINDS = ("order", "event", "customer")
#: The version of a type, which CloudEvents puts into its name: "v1", "2", "v1beta2", "2026-11-01".
_VERSION = re.compile(
    r"v?[0-9]{1,9}(?:[-_]?(?:alpha|beta|rc|[0-9]{1,3})[0-9]{0,3})?|[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?",
    re.ASCII | re.IGNORECASE,
)
#: A kind and what happened to it in one word: "OrderCreated".
_IN_ONE = re.compile(r"(Order|Event|Customer)([A-Z][a-z]+)", re.ASCII)
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
    data_base64: str | None = None
    #: How version 0.3 of CloudEvents says that `data` is in base64.
    datacontentencoding: str | None = None
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


def signature_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the three headers of a signature by the standard's names, also if they were sent as “svix-…”."""
    names = [name.removeprefix("webhook-") for name in HEADERS]
    for beginning in _BEGINNINGS:
        sent = {f"webhook-{name}": headers.get(beginning + name, "") for name in names}
        if any(sent.values()):
            return sent
    return dict.fromkeys(HEADERS, "")


def is_genuine(body: bytes, headers: Mapping[str, str], keys: Sequence[str]) -> bool:
    """Whether the body was signed with one of `keys`, within five minutes, and is unchanged."""
    sent = signature_of(headers)
    if not ID.fullmatch(sent["webhook-id"]) or not SECONDS.fullmatch(sent["webhook-timestamp"]):
        return False
    # The library decodes base64 leniently; only the canonical spelling of a signature counts here.
    sent["webhook-signature"] = " ".join(filter(_is_plain, sent["webhook-signature"].split(" ")))
    return any(_fits(body, sent, key) for key in keys)


def read(body: bytes) -> WebhookEvent:
    """Return the event in a body {"type", "data"}, CloudEvents included. Raises NotAWebhookEvent."""
    try:
        envelope = _read(body)
    except msgspec.ValidationError:
        raise NotAWebhookEvent("Send an object with “type”, such as order.created, and “data”.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotAWebhookEvent("Send JSON.") from None
    return event_of(envelope.type, _data(envelope), lambda: _at(envelope))


def event_of(type_name: str, record: bytes, at: Callable[[], dt.datetime | None]) -> WebhookEvent:
    """Return the event of a type with its record; `at` is asked for its time if it is taken.

    Raises NotAWebhookEvent.
    """
    subject, verb = about(type_name)
    if not subject or verb not in TAKEN:
        return WebhookEvent(subject, verb, b"", _number(record) if subject else "")
    # Byte for byte as sent: the record is read as strictly as one sent to the API.
    if not record.startswith(b"{"):
        raise NotAWebhookEvent("“data” has to be an object: the record, as the API takes it.")
    return WebhookEvent(subject, verb, record, _number(record), at())


def about(type_name: str) -> tuple[str, str]:
    """Return ("order", "created") for "order.created" or "OrderCreated", with a domain in front and versions.

    Both are "" for what is about nothing we take: "example.shop.invoice.v2.paid".
    """
    names = [name for name in re.split(r"[./:]", type_name) if not _VERSION.fullmatch(name)]
    in_one = _IN_ONE.fullmatch(names[-1]) if names else None
    kind, verb = in_one.groups() if in_one else names[-2:] if len(names) > 1 else ("", "")
    kind = kind.lower()
    return (kind, verb.lower()) if kind in _KINDS and verb else ("", "")


def _data(envelope: _Envelope) -> bytes:
    """Return the record in an envelope: as JSON, or as CloudEvents wraps bytes in base64."""
    written: str | bytes | None = envelope.data_base64
    if written is None:
        data = bytes(envelope.data)
        if (envelope.datacontentencoding or "").lower() != "base64" or not data.startswith(b'"'):
            return data
        written = data.strip(b'"')
    try:
        return base64.b64decode(written, validate=True).strip()
    except (binascii.Error, ValueError):
        raise NotAWebhookEvent("“data_base64” has to be the record in base64.") from None


def _number(data: bytes) -> str:
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
