"""Amounts, numbers, dates and times in sentences: what writes them, and the British way.

The engine knows no other country. A store's own way comes along as a value, `Formats`, with its words. A day
of the week that a sentence names by itself, "every Tuesday", is a word of the sentence and stays English.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from automations.engine.fields.currencies import in_full

_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}
#: The minus of typography. The alphabet of text messages has only the hyphen of the keyboard.
MINUS = "−"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Formats(Protocol):
    """Writes the values inside of a sentence as people do where a store is."""

    def money(self, amount: Decimal, currency: str) -> str:
        """Return an amount of an ISO currency, never rounded."""

    def number(self, number: Decimal | int) -> str:
        """Return a number without trailing zeros."""

    def date(self, day: date) -> str:
        """Return a day with its year."""

    def moment(self, moment: datetime) -> str:
        """Return an aware datetime with the name of its zone."""

    def clock(self, moment: time | datetime) -> str:
        """Return a time of day, to the minute."""


class BritishFormats:
    """Writes them in British English."""

    def money(self, amount: Decimal, currency: str) -> str:
        return money_words(amount, currency)

    def number(self, number: Decimal | int) -> str:
        return number_words(Decimal(number))

    def date(self, day: date) -> str:
        return date_words(day)

    def moment(self, moment: datetime) -> str:
        return datetime_words(moment)

    def clock(self, moment: time | datetime) -> str:
        return time_words(moment)


#: For text that belongs to no store, such as that of a command line.
BRITISH: Formats = BritishFormats()


def money_words(amount: Decimal, currency: str, minus: str = MINUS) -> str:
    """Return an amount of an ISO currency: "£1,086.50", "86.50 CHF", "¥1,200"; it is never rounded."""
    exact = in_full(amount, currency)
    sign, digits = minus if exact < 0 else "", f"{abs(exact):,f}"
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {currency}".rstrip()


def number_words(number: Decimal) -> str:
    """Return a number without trailing zeros: "12", "1,200.5"."""
    digits = f"{abs(number):,f}"
    stripped = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{MINUS}{stripped}" if number < 0 else stripped


def date_words(day: date) -> str:
    """Return a date as "24 Nov 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def datetime_words(moment: datetime) -> str:
    """Return an aware datetime with the name of its zone: "24 Nov 2026 09:30 GMT"."""
    return f"{date_words(moment)} {moment:%H:%M %Z}"


def time_words(moment: time | datetime) -> str:
    """Return a time of day as "09:30"."""
    return f"{moment:%H:%M}"


def clock_words(text: str, formats: Formats) -> str:
    """Return a stored time of day, "09:00", as the store writes it; unreadable text unchanged."""
    try:
        return formats.clock(time.fromisoformat(text))
    except ValueError:
        return text


def count_words(count: int, unit: str, formats: Formats) -> str:
    """Return a count with its unit, which is given in the plural: "1 day", "1,200 minutes"."""
    return f"{formats.number(count)} {unit.removesuffix('s') if count == 1 else unit}"


def joined(parts: list[str], last: str = "and") -> str:
    """Return the parts as a list in prose: "a, b and c"."""
    return f" {last} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
