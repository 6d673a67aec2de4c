"""The words for what an audit entry holds as plain data: the names of settings, and their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.engine.wording.formats import joined
from automations.models.access.audit import MASKED

LONGEST = 200
#: What stands for a value that is not kept.
SECRETS = (MASKED, "a new one")
NAMES: Mapping[str, str] = {
    "at_once": "most at once",
    "address": "postal address",
    "colour": "colour",
    "currency": "currency",
    "custom": "store’s own fields",
    "height": "height of the logo",
    "host": "host name",
    "hosts": "most at once to one host",
    "logo": "logo",
    "nothing": "days for what no automation fired on",
    "preset": "gateway",
    "region": "country of phone numbers",
    "security": "encryption",
    "sender_email": "sender address",
    "sent": "days for what was sent or done",
    "timezone": "time zone",
    "unsent": "days for what fired without effect",
    "username": "user name",
    "width": "width of the logo",
}
_VALUES: Mapping[str, str] = {"starttls": "STARTTLS", "tls": "TLS", "ssl": "TLS"}


def is_nothing(value: Any) -> bool:
    """Return whether there is no value."""
    return value is None or value == "" or value == [] or value == {}


def name_of(name: str) -> str:
    """Return what a person calls a setting."""
    return NAMES.get(name, name.replace("_", " "))


def value_of(value: Any) -> str:
    """Return a value as it stands in a sentence, cut if it is long."""
    text = "nothing" if is_nothing(value) else _text(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def counted_as(count: Any, one: str, many: str = "") -> str:
    """Return "1 firing", "3 firings"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return joined([f"{value_of(inner)} for {name_of(str(name))}" for name, inner in value.items()])
    if isinstance(value, list):
        return joined([_text(item) for item in value])
    return _VALUES.get(str(value), str(value))
