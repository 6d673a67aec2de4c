"""Values of a record as JSON, for the bodies of requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal

from automations.messages.template_values import Items, Records, YesNoValue, text

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,15})(\.\d{1,15})?")
_WORDS = {"true": True, "false": False, "null": None, "": None}


def value_of(value: object) -> object:
    """Return a list of several fields as JSON, and anything else as the number or word it reads as."""
    return plain_json(value) if _has_fields(value) else read(text(value).strip())


def text_or_list_of(value: object) -> object:
    """Return a list of several fields as JSON, and anything else as text."""
    return plain_json(value) if _has_fields(value) else text(value)


def read(text: str) -> object:
    """Return the number, true, false or null that a text reads as exactly, else the text."""
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    number = json.loads(text)
    # Most programs read a JSON number as a binary fraction, which has some sixteen digits: more stay text.
    return number if Decimal(str(number)) == Decimal(text) else text


def only(value: object, names: list[str]) -> object:
    """Return the items of a list with these fields alone, in this order."""
    if not isinstance(value, Items):
        return value
    kind = type(value)
    return kind({name: item.get(name) for name in names} for item in value if isinstance(item, Mapping))


def plain_json(value: object) -> object:
    """Return a value of a template as json.dumps takes it."""
    if isinstance(value, Items):
        return [plain_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, YesNoValue):
        return value.holds
    if isinstance(value, Decimal):
        return read(text(value))
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _has_fields(value: object) -> bool:
    if isinstance(value, Items):
        return isinstance(value, Records) or any(isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping)
