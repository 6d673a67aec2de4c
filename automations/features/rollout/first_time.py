"""When a draft is expected to run first, by the rhythm of its own past. Values in, a sentence out."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from automations.engine.wording.formats import count_words

#: The weeks whose same weekday is asked, and the fewest answers that make a rhythm.
WEEKS, FEWEST = 12, 3
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def first_time(
    past: Sequence[dt.datetime],
    coming: Sequence[dt.datetime] | None,
    noun: str,
    now: dt.datetime,
    zone: ZoneInfo,
) -> tuple[str, str]:
    """Return when it is expected first, and on what that rests.

    `past` is when it would have fired, oldest first. `coming` is when a time trigger is due next, and None
    for a trigger that follows a change.
    """
    if coming is not None:
        if not coming:
            return "Not known.", f"No {noun} has a date it waits for yet."
        return (
            f"{_day(coming[0], now, zone)} at {coming[0].astimezone(zone):%H:%M}.",
            "That is when it is due next.",
        )
    if not past:
        return "Not known.", "It would not have run in the last 90 days, so its past does not say."
    waits = _waits(past, now, zone)
    if len(waits) < FEWEST:
        return (
            "Not known.",
            f"It would have run too rarely to tell; the last time was {_date(past[-1], now, zone)}.",
        )
    low, middle, high = (waits[len(waits) * part // 4] for part in (1, 2, 3))
    about = now + middle
    local = now.astimezone(zone)
    rhythm = f"On {local:%A}s after {local:%H}:00 the next {noun} that fits came {_within(low, high)}."
    if middle >= 2 * DAY:
        return f"In about {count_words(round(middle / DAY), 'days')}.", rhythm
    return f"{_day(about, now, zone)}, about {_rounded(about, zone):%H:%M}.", rhythm


def _waits(past: Sequence[dt.datetime], now: dt.datetime, zone: ZoneInfo) -> list[dt.timedelta]:
    """Return, shortest first, how long it took on the same weekday from this time of day on."""
    local, waits = now.astimezone(zone), []
    for week in range(1, WEEKS + 1):
        # The same time on the clock, whatever the clocks were put to in between.
        day = local.date() - dt.timedelta(weeks=week)
        then = dt.datetime.combine(day, local.time(), zone).astimezone(dt.UTC)
        place = bisect_right(past, then)
        if then >= past[0] - DAY and place < len(past):
            waits.append(past[place] - then)
    return sorted(waits)


def _within(low: dt.timedelta, high: dt.timedelta) -> str:
    if high < HOUR:
        return "within an hour"
    unit, name = (DAY, "days") if high >= 2 * DAY else (HOUR, "hours")
    least, most = int(low / unit), -int(-high // unit)
    if least == most or least == 0:
        return f"within {count_words(most, name)}"
    return f"within {least} to {count_words(most, name)}"


def _day(at: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> str:
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return {0: "Today", 1: "Tomorrow"}.get(days, f"On {_date(at, now, zone)}")


def _date(at: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    year = f" {local.year}" if local.year != now.astimezone(zone).year else ""
    return f"{local.day} {MONTHS[local.month - 1]}{year}"


def _rounded(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    local = at.astimezone(zone)
    return local - dt.timedelta(minutes=local.minute % 10)
