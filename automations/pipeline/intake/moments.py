"""Days and moments as the API takes them: RFC 3339, within the years that a shop can mean."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from automations.engine.operators.value_types import shown
from automations.pipeline.intake.patterns import YEAR, YEARS

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}):([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_BEGINS = re.compile(r"[0-9]{4}-", re.ASCII)
#: The characters of a fraction of a second, with its point, that are kept.
_FRACTION = 7


@lru_cache(4096)
def day(text: str) -> dt.date:
    """Return the day of "2026-11-24"; raises ValueError with a sentence."""
    _check_year(text)
    try:
        return dt.date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise ValueError(f"Needs a date such as 2026-11-24, not {shown(text)}.") from None


@lru_cache(4096)
def instant(text: str) -> dt.datetime:
    """Return the instant of an RFC 3339 date-time in UTC; raises ValueError with a sentence."""
    _check_year(text)
    try:
        return _read(text)
    except (ValueError, OverflowError):
        needs = "Needs a date and time with its offset, such as 2026-11-22T10:00:00Z"
        raise ValueError(f"{needs}, not {shown(text)}.") from None


def _read(text: str) -> dt.datetime:
    match = _INSTANT.fullmatch(text)
    if not match:
        raise ValueError
    date, minute, second, fraction, offset = match.groups()
    # Python knows no leap second: it counts as the second before it.
    leap = second == "60"
    whole = f"{date}T{minute}:{'59' if leap else second}{(fraction or '')[:_FRACTION]}"
    moment = dt.datetime.fromisoformat(whole + offset.upper()).astimezone(dt.UTC)
    if leap and (moment.hour, moment.minute) != (23, 59):
        raise ValueError
    return moment


def _check_year(text: str) -> None:
    if _BEGINS.match(text) and not re.match(YEAR, text):
        raise ValueError(f"Needs a year from {YEARS.start} to {YEARS.stop - 1}.")
