"""The values that templates get: plain ones, without attributes or methods to reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from automations.messages.compared_texts import ComparedText
from automations.messages.lazy_values import LazyValues
from automations.messages.numbers import digits_of

_LONGEST = 20_000
_MOST_ITEMS = 1_000
_DEEPEST = 6


class Items(tuple[object, ...]):
    """A list that reads as "a, b, c" in a message."""

    __slots__ = ()

    def __liquid__(self) -> Items | None:
        """Return None for an empty list, so that {% if order.tags %} means "has tags"."""
        return self or None

    def __str__(self) -> str:
        return ", ".join(filter(None, map(text, self)))


class Records(Items):
    """A list whose items have several fields."""

    __slots__ = ()


class RecordList(list[object]):
    """A list of records in a context, which stays one when it is empty."""


class YesNoValue:
    """A bool that is shown as "yes" or "no" and works in {% if order.custom.gift %}."""

    __slots__ = ("holds",)

    def __init__(self, holds: bool) -> None:
        self.holds = holds

    def __liquid__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        return "yes" if self.holds else "no"


def text(value: object) -> str:
    """Return a value as text in a message; what is empty and what has several fields is ""."""
    if isinstance(value, Decimal):
        return digits_of(value)
    if value is None or isinstance(value, Mapping):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def plain(value: object, depth: int = 0) -> object:
    """Return a copy made of mappings, Items, str, ComparedText, int, bool, YesNoValue, Decimal and None.

    Dates become ISO text. Blank text, anything else, and anything nested too deeply, becomes None. Long texts
    and lists are cut.
    """
    if type(value) in _AS_THEY_ARE or isinstance(value, ComparedText):
        return value
    if isinstance(value, str):
        return str(value[:_LONGEST]) if value.strip() else None
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, float):
        return Decimal(str(value))
    return _nested(value, depth + 1) if depth < _DEEPEST else None


_AS_THEY_ARE = frozenset({type(None), bool, int, Decimal, YesNoValue})


class PlainContext(dict[str, object]):
    """The context of a record made plain, which any number of texts are rendered with."""


def plain_context(context: Mapping[str, object]) -> PlainContext:
    """Return the values of a context by name, made plain."""
    return PlainContext((str(name), plain(value)) for name, value in context.items())


def _nested(value: object, depth: int) -> object:
    if isinstance(value, LazyValues):
        return LazyValues(value, lambda key: plain(value[key], depth))
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        kind = Records if isinstance(value, RecordList) else Items
        return kind(plain(item, depth) for item in list(items)[:_MOST_ITEMS])
    return None
