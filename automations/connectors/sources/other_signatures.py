"""The ways in which any program may prove that a message is its own."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from automations.connectors import standard_webhooks
from automations.connectors.sources.shop_messages import ShopRequest
from automations.connectors.sources.shop_source import base64_signature, equals_any, hex_signature
from automations.connectors.webhook_signing import secret_problem

NONE, HEX, BASE64, STANDARD, HEADER_TEXT, BASIC = "none", "hex", "base64", "standard", "token", "basic"
#: Ways -> what they are called.
LABELS: Mapping[str, str] = {
    STANDARD: "Standard Webhooks (webhook-id or svix-id headers)",
    HEX: "A signature in a header: HMAC-SHA256 of the body, in hexadecimal",
    BASE64: "A signature in a header: HMAC-SHA256 of the body, in base64",
    HEADER_TEXT: "A secret text in a header",
    BASIC: "A name and a password (basic authentication)",
    NONE: "Not at all: whoever knows the address may send",
}
#: Ways for which a header has to be named, and what it mostly is.
IN_HEADER: Mapping[str, str] = {HEX: "X-Signature", BASE64: "X-Signature", HEADER_TEXT: "Authorization"}
SHORTEST = 8
_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,59}", re.ASCII)
#: What may stand before a signature or a text.
_BEFORE = re.compile(r"(?:sha256=|hmac-sha256=|bearer |token )", re.ASCII | re.IGNORECASE)


def is_genuine(request: ShopRequest, keys: Sequence[str], settings: Mapping[str, Any]) -> bool:
    """Whether a message proves itself by one of `keys` in the chosen way; with none chosen, it does not."""
    way = settings.get("way")
    if way == NONE:
        return True
    if way == STANDARD:
        return standard_webhooks.is_genuine(request.body, request.headers, keys)
    if way == BASIC:
        return equals_any(_basic(request.headers.get("authorization", "")), [key for key in keys if key])
    sent = _BEFORE.sub("", request.headers.get(str(settings.get("header", "")).lower(), "").strip(), count=1)
    if way == HEX:
        return equals_any(sent.lower(), [hex_signature(key, request.body) for key in keys if key])
    if way == BASE64:
        return equals_any(sent, [base64_signature(key, request.body) for key in keys if key])
    return way == HEADER_TEXT and equals_any(sent, [_BEFORE.sub("", key, count=1) for key in keys if key])


def problem(way: str, header: str, secret: str, has_secret: bool) -> str:
    """Return why a way cannot be used so, as a sentence; "" if it can."""
    if way not in LABELS:
        return "Choose how its messages are authenticated."
    if way in IN_HEADER and not _HEADER.fullmatch(header):
        return f"Name the header, such as {IN_HEADER[way]}: letters, digits and hyphens."
    if way == NONE or (has_secret and not secret):
        return ""
    if way == STANDARD:
        return secret_problem(secret) or ""
    if way == BASIC and not (":" in secret and all(secret.split(":", 1))):
        return "Enter the name, a colon and the password."
    return (
        "" if len(secret) >= SHORTEST else f"Paste the whole secret: it has at least {SHORTEST} characters."
    )


def _basic(header: str) -> str:
    """Return “name:password” of an Authorization header; "" for anything else."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
