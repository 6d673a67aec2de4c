"""Dates in messages, with the few strftime directives that work the same on every platform."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from automations.messages.locale_formats import BRITISH, STYLES, date_in, localized_pattern

LONGEST_FORMAT = 100
_PART = re.compile(r"%(-?)(.?)", re.DOTALL)
_KNOWN = frozenset("aAbBdHIjmMpSyY%")


def format_problem(pattern: str) -> str:
    """Return the problem with a date format as a sentence; "" if there is none."""
    if pattern in STYLES:
        return ""
    if len(pattern) > LONGEST_FORMAT:
        return f"A date format has at most {LONGEST_FORMAT} characters."
    unknown = [
        match.group()
        for match in _PART.finditer(pattern)
        if match.group(2) not in _KNOWN or not match.group(2)
    ]
    if unknown:
        return f"A date format cannot have “{unknown[0]}”. Use %A, %-d, %B, %Y, %H and %M."
    return ""


def moment(text: str, zone: str) -> datetime | None:
    """Return the ISO date or datetime in `text`, converted to `zone` if it has an offset; None if invalid."""
    try:
        if is_day(text):
            return datetime.combine(date.fromisoformat(text), time.min)
        instant = datetime.fromisoformat(text)
        return instant.astimezone(ZoneInfo(zone)) if instant.tzinfo else instant
    except (ValueError, OverflowError, LookupError, OSError):
        return None


def is_day(text: str) -> bool:
    """Return whether an ISO text has no time of day: "2026-11-24"."""
    return len(text) <= len("2026-11-24")


def formatted(when: datetime, pattern: str, language: str = BRITISH) -> str:
    """Return `when` in a valid format, in the words of a language; "-" after a % drops leading zeros."""
    if pattern in STYLES:
        return date_in(language, when, pattern)
    return _PART.sub(lambda match: _part(when, match), localized_pattern(language, when, pattern))


def _part(when: datetime, match: re.Match[str]) -> str:
    text = when.strftime(f"%{match.group(2)}")
    return text.lstrip("0") or "0" if match.group(1) else text
