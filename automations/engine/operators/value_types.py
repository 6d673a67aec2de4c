"""Field types, and the parsing of text and JSON into typed values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache


class Lines(tuple["Value | None", ...]):
    """The values of one field for each line of an order."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ForeignAmount:
    """An amount with its currency; the amounts of conditions are in `compared_in`, the store's."""

    amount: Decimal
    currency: str
    compared_in: str


Value = str | Decimal | date | datetime | time | frozenset[str] | Lines | ForeignAmount
#: The value a condition compares with: one, several, or the two ends of a range.
Needed = Value | frozenset[Value] | tuple[Value, Value]

#: The key in a snapshot of the store's currency, there only where the record's own `currency` is another.
STORE_CURRENCY = "store_currency"
#: The longest value a user can enter, in characters.
MAX_LENGTH = 500
#: Parsed values of texts up to this length are cached.
_SHORT = 64

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
# NUL, and surrogates, which have no UTF-8 form.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_YES, _NO = frozenset({"yes", "true"}), frozenset({"no", "false"})
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


class CannotCompare(ValueError):
    """Whether a rule fires depends on amounts of two currencies; `str(e)` is a sentence."""


class InvalidValue(ValueError):
    """A value that does not fit its type; `str(e)` ends a sentence: "needs a number such as 40.00, …"."""


def parse(type: str, raw: str) -> Value:
    """Return the typed value of a text from a user or from JSON.

    Number and money become Decimal (plain units, no currency sign), date a date, datetime an aware UTC
    datetime (without an offset it is read as UTC), time a local time of day, bool "yes" or "no", tags a
    frozenset of that one tag.
    Raises InvalidValue with the end of a sentence that says what to change.
    """
    if len(raw) > MAX_LENGTH:
        raise InvalidValue(f"needs at most {MAX_LENGTH} characters, this value has {counted(len(raw))}")
    text = raw.strip()
    if _UNSTORABLE.search(text):
        raise InvalidValue("has a character that can’t be stored; type the value again")
    if not text:
        raise InvalidValue("needs a value")
    return _PARSERS[type](text)


def read(type: str, stored: object) -> Value | None:
    """Return the typed value of a JSON value of a snapshot; None for None, "" and [].

    Raises InvalidValue if it does not fit: an unreadable value must never count as a missing one.
    """
    if stored is None or stored == "" or stored == []:
        return None
    if isinstance(stored, str) and len(stored) <= _SHORT:
        return _read_again(type, stored)
    return _READERS[type](stored)


def missing(value: object) -> bool:
    """Whether a value counts as empty: None, "" and no tags."""
    return value is None or value == "" or value == frozenset()


def compares_amounts(needed: object) -> bool:
    """Whether a condition's value is an amount of some currency: zero is the same in all of them."""
    if isinstance(needed, tuple | frozenset):
        return any(map(compares_amounts, needed))
    return isinstance(needed, Decimal) and needed != 0


@lru_cache(4096)
def _read_again(type: str, stored: str) -> Value | None:
    """Return `_READERS[type](stored)`, cached: values repeat, and parsing costs ten times a lookup."""
    return _READERS[type](stored)


def fold(text: str) -> str:
    """Return the form in which tags and texts are compared, so that "VIP" equals "vip"."""
    return text.casefold()


def shown(raw: object) -> str:
    """Return the value as quoted in a sentence, shortened and safe to store."""
    # Other values may have no text form.
    if not isinstance(raw, str | int | float | None) or (isinstance(raw, int) and raw.bit_length() > 256):
        return "something else"
    text = _UNSTORABLE.sub("�", str(raw))
    return f"“{text[:40]}…”" if len(text) > 41 else f"“{text}”"


def counted(number: Decimal | int) -> str:
    """Return a count or a limit for a sentence, with the separators of whoever reads it: 10,000."""
    return _counted.get()(number)


@contextmanager
def counts_written(write: Callable[[Decimal | int], str]) -> Iterator[None]:
    """Let `counted` write numbers that way inside the block, in this thread."""
    token = _counted.set(write)
    try:
        yield
    finally:
        _counted.reset(token)


def write_counts(
    write: Callable[[Decimal | int], str] | None, typed: Callable[[str], str] | None = None
) -> None:
    """Let `counted` write numbers that way in this thread from now on; None is the British way.

    `typed` is how `as_typed` writes a plain number; None leaves it plain.
    """
    _counted.set(write or _british)
    _typed.set(typed or str)


def as_typed(plain: str) -> str:
    """Return a plain number as whoever reads the sentence types it: "0,005" in forms of a German store."""
    return _typed.get()(plain)


def _british(number: Decimal | int) -> str:
    return f"{number:,}"


_counted: ContextVar[Callable[[Decimal | int], str]] = ContextVar("counted", default=_british)
_typed: ContextVar[Callable[[str], str]] = ContextVar("typed", default=str)


def _number(text: str) -> Decimal:
    if _PLAIN_NUMBER.fullmatch(text):
        return Decimal(text)
    if not _NUMBER.fullmatch(text):
        raise InvalidValue(f"needs a number such as {as_typed('40.00')}, not {shown(as_typed(text))}")
    number = Decimal(text)
    places = number.as_tuple().exponent
    if number.adjusted() > 15 or (isinstance(places, int) and places < -12):
        example, said = as_typed("40.00"), shown(as_typed(text))
        raise InvalidValue(f"needs a number of a usual size such as {example}, not {said}")
    return number


def _date(text: str) -> date:
    # fromisoformat alone also accepts 20261124 and week dates.
    try:
        return date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise InvalidValue(f"needs a date such as 2026-11-24, not {shown(text)}") from None


def _datetime(text: str) -> datetime:
    sentence = f"needs a date and time such as 2026-11-24T09:30, not {shown(text)}"
    if not _DATE.fullmatch(text) and not _DATETIME.fullmatch(text):
        raise InvalidValue(sentence)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidValue(sentence) from None


def _time(text: str) -> time:
    if not _TIME.fullmatch(text):
        raise InvalidValue(f"needs a time such as 09:30, not {shown(text)}")
    return time.fromisoformat(text)


def _bool(text: str) -> str:
    if text.lower() in _YES | _NO:
        return "yes" if text.lower() in _YES else "no"
    raise InvalidValue(f"needs yes or no, not {shown(text)}")


def _tags(text: str) -> frozenset[str]:
    return frozenset({text})


def _read_text(stored: object) -> str | None:
    if not isinstance(stored, str):
        raise InvalidValue(f"holds {shown(stored)}, which is not text")
    return stored if stored.strip() else None


def _read_key(stored: object) -> str | None:
    # An id may be a JSON number; a bool is an int in Python but not an id.
    if isinstance(stored, int) and not isinstance(stored, bool):
        return str(stored)
    return _read_text(stored)


def _read_number(stored: object) -> Decimal:
    if isinstance(stored, bool) or not isinstance(stored, str | int | float):
        raise InvalidValue(f"holds {shown(stored)}, which is not a number")
    return _number(str(stored).strip())


def _read_date(stored: object) -> date | None:
    text = _read_text(stored)
    return None if text is None else _date(text.strip())


def _read_datetime(stored: object) -> datetime | None:
    text = _read_text(stored)
    return None if text is None else _datetime(text.strip())


def _read_time(stored: object) -> time | None:
    text = _read_text(stored)
    return None if text is None else _time(text.strip())


def _read_bool(stored: object) -> str | None:
    if isinstance(stored, bool):
        return "yes" if stored else "no"
    text = _read_text(stored)
    return None if text is None else _bool(text.strip())


def _read_tags(stored: object) -> frozenset[str] | None:
    if not isinstance(stored, list | tuple) or not all(isinstance(tag, str) for tag in stored):
        raise InvalidValue(f"holds {shown(stored)}, which is not a list of tags")
    return frozenset(tag.strip() for tag in stored if tag.strip()) or None


_PARSERS: dict[str, Callable[[str], Value]] = {
    "choice": str,
    "text": str,
    "number": _number,
    "money": _number,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "bool": _bool,
    "tags": _tags,
    "reference": str,
}
_READERS: dict[str, Callable[[object], Value | None]] = {
    "choice": _read_key,
    "text": _read_text,
    "number": _read_number,
    "money": _read_number,
    "date": _read_date,
    "datetime": _read_datetime,
    "time": _read_time,
    "bool": _read_bool,
    "tags": _read_tags,
    "reference": _read_key,
}
#: The types of fields.
TYPES: tuple[str, ...] = tuple(_PARSERS)
#: The types whose values have an order.
ORDERED: frozenset[str] = frozenset({"number", "money", "date", "datetime", "time"})
