"""When a draft is expected to run first, by the rhythm of its own past. Values in, a sentence out."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence

from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.wording.formats import count_words
from automations.messages.store_formats import StoreFormats

#: The weeks whose same weekday is asked, and the fewest answers that make a rhythm.
WEEKS, FEWEST = 12, 3
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def first_time(
    past: Sequence[dt.datetime],
    coming: Sequence[dt.datetime] | None,
    noun: str,
    now: dt.datetime,
    formats: StoreFormats,
) -> tuple[str, str]:
    """Return when it is expected first, and on what that rests.

    `past` is when it would have fired, oldest first. `coming` is when a time trigger is due next, and None
    for a trigger that follows a change. `now` is in the store's zone.
    """
    if coming is not None:
        if not coming:
            return "Not known.", f"No {noun} has a date it waits for yet."
        return (
            f"{_day(coming[0], now, formats)} at {formats.clock(coming[0].astimezone(now.tzinfo))}.",
            "That is when it is due next.",
        )
    if not past:
        return "Not known.", "It would not have run in the last 90 days, so its past does not say."
    waits = _waits(past, now)
    if len(waits) < FEWEST:
        # A month in short may end with a full stop of its own.
        last = _date(past[-1], now, formats).removesuffix(".")
        return "Not known.", f"It would have run too rarely to tell; the last time was {last}."
    low, middle, high = (waits[len(waits) * part // 4] for part in (1, 2, 3))
    about = (now.astimezone(dt.UTC) + middle).astimezone(now.tzinfo)
    rhythm = f"{_hours(now, formats)} the next {noun} that fits came {_within(low, high, formats)}."
    if middle >= 2 * DAY:
        return f"In about {count_words(round(middle / DAY), 'days', formats)}.", rhythm
    rounded = about.replace(minute=about.minute // 10 * 10)
    return f"{_day(about, now, formats)}, about {formats.clock(rounded)}.", rhythm


def _hours(now: dt.datetime, formats: StoreFormats) -> str:
    weekday = tuple(WEEKDAYS.values())[now.weekday()]
    return f"On {weekday}s after {formats.clock(dt.time(now.hour))}"


def _waits(past: Sequence[dt.datetime], now: dt.datetime) -> list[dt.timedelta]:
    """Return, shortest first, how long it took on the same weekday from this time of day on."""
    waits = []
    for week in range(1, WEEKS + 1):
        # The same time on the clock, whatever the clocks were put to in between.
        day = now.date() - dt.timedelta(weeks=week)
        then = dt.datetime.combine(day, now.time(), now.tzinfo).astimezone(dt.UTC)
        place = bisect_right(past, then)
        if then >= past[0] - DAY and place < len(past):
            waits.append(past[place] - then)
    return sorted(waits)


def _within(low: dt.timedelta, high: dt.timedelta, formats: StoreFormats) -> str:
    if high < HOUR:
        return "within an hour"
    unit, name = (DAY, "days") if high >= 2 * DAY else (HOUR, "hours")
    least, most = int(low / unit), -int(-high // unit)
    if least == most or least == 0:
        return f"within {count_words(most, name, formats)}"
    return f"within {least} to {count_words(most, name, formats)}"


def _day(at: dt.datetime, now: dt.datetime, formats: StoreFormats) -> str:
    days = (at.astimezone(now.tzinfo).date() - now.date()).days
    return {0: "Today", 1: "Tomorrow"}.get(days, f"On {_date(at, now, formats)}")


def _date(at: dt.datetime, now: dt.datetime, formats: StoreFormats) -> str:
    local = at.astimezone(now.tzinfo)
    return formats.date(local) if local.year != now.year else formats.short_date(local)
