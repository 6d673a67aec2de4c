"""Read the times of day between which something is delivered, in the ways apps and plugins write them."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from zoneinfo import ZoneInfo

#: Names under which the time is sent, compared without case, spaces, hyphens and underscores.
NAMES = frozenset(
    {
        "deliverytime",
        "deliveryslot",
        "deliverytimeslot",
        "deliverywindow",
        "deliverytimewindow",
        "localdeliverytime",
        "pickuptime",
        "pickupslot",
        "pickuptimeslot",
        "storepickuptime",
        "collectiontime",
        "collectionslot",
        "timeslot",
        "ordddtimeslot",
    }
)
_LONGEST = 80
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d{2}(?!\d))?", re.ASCII)
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})(?:[:.h](\d{2})(?!\d))?(?::\d{2}(?!\d))?\s*(am\b|pm\b|a\.m\.?|p\.m\.?|uhr\b|h\b)?(?!\d)",
    re.ASCII,
)
_TO = re.compile(r"\s*(?:-|–|—|to|until|till|and|bis|und|à|a|et|tot)\s*", re.ASCII)
_LATEST = re.compile(r"\b(?:before|by|until|till|latest|bis|vor|avant|tot)\s*$", re.ASCII)
_Found = re.Match[str]


def is_delivery_time(name: str) -> bool:
    """Whether an attribute of this name usually holds the time of delivery."""
    return re.sub(r"[\W_]+", "", name.casefold()) in NAMES


def times_of(written: str, zone: ZoneInfo) -> tuple[str, str] | None:
    """Return from when and until when, such as ("10:00", "12:00"), with "" for what is not said.

    None if it is no time that can be read, or one that ends before it begins. A moment with an offset is
    told by the store's clock.
    """
    value = written.strip()[:_LONGEST].casefold()
    moment = _moment(value)
    if moment is not None:
        return f"{moment.astimezone(zone):%H:%M}", ""
    value = _DAY.sub(" ", value)
    found = _TIME.finditer(value)
    pair = _pair(value, list(found))
    if pair is None:
        return None
    begin, end = pair
    from_, until = _clock(begin, end), _clock(end, None)
    if (begin and not from_) or (end and not until) or (from_ and until and until < from_):
        return None
    return from_, until


def _pair(value: str, found: list[_Found]) -> tuple[_Found | None, _Found | None] | None:
    """Return the begin and the end; a bare number is an hour only beside another time."""
    sure = [one for one in found if one[2] or one[3]]
    if len(sure) == 2:
        return sure[0], sure[1]
    neighbours = [
        (one, other)
        for one, other in itertools.pairwise(found)
        if _TO.fullmatch(value[one.end() : other.start()]) and (not sure or sure[0] in (one, other))
    ]
    if len(neighbours) == 1 and len(sure) < 2 and (sure or len(found) == 2):
        return neighbours[0]
    if len(sure) != 1:
        return None
    is_end = _LATEST.search(value[: sure[0].start()]) is not None
    return (None, sure[0]) if is_end else (sure[0], None)


def _clock(time: _Found | None, end: _Found | None) -> str:
    """Return 24-hour text, "" for none; “1–3 pm” begins in the afternoon and “11–1 pm” in the morning."""
    if time is None:
        return ""
    half = _half(time)
    if end is not None and not half and int(time[1]) <= 12:
        half = _half(end)
        if half == "p" and int(time[1]) % 12 > int(end[1]) % 12:
            half = "a"
    hour, minute = int(time[1]), int(time[2] or 0)
    if half and not 1 <= hour <= 12:
        return ""
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""


def _half(time: _Found) -> str:
    return time[3][0] if time[3] and time[3][0] in "ap" else ""


def _moment(value: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    return moment if moment.tzinfo else None
