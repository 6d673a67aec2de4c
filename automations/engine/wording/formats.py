"""Amounts, numbers, dates and times in British format."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from automations.engine.fields.currencies import in_full

_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}
#: The minus of typography. The alphabet of text messages has only the hyphen of the keyboard.
MINUS = "−"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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


def time_words(moment: time) -> str:
    """Return a time of day as "09:30"."""
    return f"{moment:%H:%M}"


def count_words(count: int, unit: str) -> str:
    """Return a count with its unit, which is given in the plural: "1 day", "1,200 minutes"."""
    return f"{count:,} {unit.removesuffix('s') if count == 1 else unit}"


def joined(parts: list[str], last: str = "and") -> str:
    """Return the parts as a list in prose: "a, b and c"."""
    return f" {last} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
