"""What other services send by the Standard Webhooks: whether it is genuine, and what it says."""

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

#: The library refuses what is more than five minutes old, or of the future.
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
ID = re.compile(r"[!-~]{1,200}", re.ASCII)
SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
#: "order.created", and with a reversed name in front as CloudEvents has it: "example.shop.order.created".
ABOUT = re.compile(r"(?:^|\.)(order|event|customer)\.\w+$", re.ASCII)


class NotAnEvent(ValueError):
    """The body says nothing that can be taken; `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What an event says: which kind of record, and the record as JSON text. No subject: nothing for us."""

    subject: str
    record: bytes


class _Envelope(msgspec.Struct):
    type: str
    data: msgspec.Raw = msgspec.Raw()


_read = msgspec.json.Decoder(_Envelope).decode


def new_secret() -> str:
    """A secret as the standard writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def is_genuine(body: bytes, headers: Mapping[str, str], keys: Sequence[str]) -> bool:
    """Whether it was signed with one of the secrets, lately, and not a byte was changed."""
    given = {name: headers.get(name, "") for name in HEADERS}
    if not ID.fullmatch(given["webhook-id"]) or not SECONDS.fullmatch(given["webhook-timestamp"]):
        return False
    # The library reads base64 leniently: other letters would pass for the same signature.
    given["webhook-signature"] = " ".join(filter(_is_plain, given["webhook-signature"].split(" ")))
    return any(_fits(body, given, key) for key in keys)


def read(body: bytes) -> Sent:
    """What the body says: {"type", "data"}, also in the envelope of CloudEvents. Raises NotAnEvent."""
    try:
        found = _read(body)
    except msgspec.ValidationError:
        raise NotAnEvent("Send an object with “type”, such as order.created, and “data”.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotAnEvent("Send JSON.") from None
    about = ABOUT.search(found.type)
    if about is None:
        return Sent("", b"")
    # As it was sent, letter by letter: the record is read as strictly as one of the API.
    record = bytes(found.data)
    if not record.startswith(b"{"):
        raise NotAnEvent("“data” has to be an object: the record, as the API takes it.")
    return Sent(about[1], record)


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
