"""Read the day that a shop's app or plugin wrote, in the ways they write it."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

#: Names under which a delivery date is sent, compared without case, spaces, hyphens and underscores.
NAMES = frozenset(
    {
        "deliverydate",
        "pickupdate",
        "collectiondate",
        "deliveryday",
        "requesteddeliverydate",
        "shippingdate",
        "localdeliverydate",
        "storepickupdate",
        "dateofdelivery",
        "orddddeliverydate",
    }
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
_IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]{3})[a-z]*\.?,? (\d{4})", re.ASCII)
_MONTH_FIRST = re.compile(r"([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: place for place, name in enumerate(_MONTH_NAMES, 1)}


def is_delivery_date(name: str) -> bool:
    """Whether an attribute of this name usually holds the day of delivery."""
    return re.sub(r"[\W_]+", "", name.casefold()) in NAMES


def day_of(written: str, zone: ZoneInfo, month_first: bool) -> dt.date | None:
    """Return the day, by the store's clock where a time is given; None if it is no date that can be read.

    With `month_first`, 03/04/2026 is the fourth of March.
    """
    value = written.strip()[:60]
    instant = _instant(value)
    if instant is not None:
        return instant.astimezone(zone).date()
    lower = value.lower()
    if match := _YEAR_FIRST.search(lower):
        return _day(match[1], match[2], match[3])
    if match := _YEAR_LAST.search(lower):
        first, second = int(match[1]), int(match[2])
        swapped = second > 12 or (month_first and first <= 12)
        day, month = (second, first) if swapped else (first, second)
        return _day(match[3], month, day)
    if match := _IN_WORDS.search(lower):
        return _day(match[3], _MONTHS.get(match[2], 0), match[1])
    if match := _MONTH_FIRST.search(lower):
        return _day(match[3], _MONTHS.get(match[1], 0), match[2])
    return None


def _instant(value: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    # A time without an offset is the shop's own clock: then only its day counts.
    return moment if moment.tzinfo else None


def _day(year: str | int, month: str | int, day: str | int) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
