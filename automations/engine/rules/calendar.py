"""When time triggers are due: calendar arithmetic in a store's time zone, across changes to summer time.

Days, weeks, months and years are counted on the local calendar, minutes and hours in UTC; where a month has
no such day, its last day counts. A local time skipped by a change of the clock is moved forward by the width
of the gap; of a local time that occurs twice, the first counts. Zones are tzinfo objects; instants are aware
datetimes in UTC.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, takewhile

from automations.engine.operators.distances import in_year
from automations.engine.rules.time_units import CALENDAR, later, months_of, span
from automations.engine.rules.trigger_schedule import LAST, DateReached, Scheduled, StaysInStatus

#: A date of a record: a date, or an aware datetime.
Anchor = date | datetime

_MIDNIGHT = time(0)
_DAY = timedelta(days=1)


def local_instant(shown: datetime, zone: tzinfo) -> datetime:
    """Return the instant of a naive local time. Raises OverflowError at the ends of the calendar."""
    # fold=0 uses the offset before the change: the first of two, or moved past a gap by its width.
    return shown.replace(tzinfo=zone, fold=0).astimezone(UTC)


def local_time(instant: datetime, zone: tzinfo) -> datetime:
    """Return the naive local time in the zone at an instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def moved(anchor: Anchor, amount: int, unit: str, at: time | None, zone: tzinfo) -> datetime:
    """Return the instant `amount` units after the anchor, or before it if negative.

    A date starts at the local time `at`, or at midnight. A datetime keeps its own time of day, except that
    days or longer units counted from it end at `at` if that is given. Raises OverflowError at the ends of
    the calendar.
    """
    return _counted(anchor, amount, unit, at, zone)[0]


def due_at(schedule: DateReached, anchor: Anchor, turn: int, zone: tzinfo) -> datetime:
    """Return when a record with this date is due: `turn` 0 is the first time, 1 the first repeat.

    Raises OverflowError at the ends of the calendar.
    """
    amount, unit = signed_amount(schedule), schedule.unit
    if schedule.yearly:
        return _counted(_in_a_later_year(anchor, turn), amount, unit, schedule.at, zone)[0]
    every, again = (schedule.repeat_every or 0) * turn, schedule.repeat_unit
    first_months, more_months = months_of(amount, unit), months_of(every, again)
    if first_months is not None and more_months is not None:
        # All from the date itself: a month and another are two months after the 31st, not after the 30th.
        return _counted(anchor, first_months + more_months, "months", schedule.at, zone)[0]
    first, shown = _counted(anchor, amount, unit, schedule.at, zone)
    if not turn:
        return first
    if again in CALENDAR:
        return local_instant(later(shown, every, again), zone)
    return first + span(every, again)


def due_instants(schedule: DateReached, anchor: Anchor, zone: tzinfo) -> Iterator[datetime]:
    """Yield the first due instant and every repeat in ascending order, up to the end of the calendar."""
    return _due(schedule, anchor, _turns(schedule, anchor), zone)


def _due(schedule: DateReached, anchor: Anchor, turns: range, zone: tzinfo) -> Iterator[datetime]:
    for turn in turns:
        try:
            yield due_at(schedule, anchor, turn, zone)
        except OverflowError:
            return


def due_between(
    schedule: DateReached, anchor: Anchor, low: datetime, high: datetime, zone: tzinfo
) -> list[datetime]:
    """Return the distinct instants in (`low`, `high`] at which a record with this date is due, sorted."""
    turns = _turns(schedule, anchor)
    if schedule.yearly:
        # A year less, since the day that counts may lie on the other side of the New Year.
        turns = turns[max(0, _year_before(schedule, low) - anchor.year - 1) :]
    instants = takewhile(lambda instant: instant <= high, _due(schedule, anchor, turns, zone))
    return sorted({instant for instant in instants if instant > low})


def lasted_at(schedule: StaysInStatus, since: datetime, zone: tzinfo) -> datetime:
    """Return when a status entered at `since` has lasted long enough. Raises OverflowError."""
    return moved(since, schedule.amount, schedule.unit, None, zone)


def next_times(schedule: Scheduled, after: datetime, zone: tzinfo, count: int) -> list[datetime]:
    """Return the next `count` instants of a daily, weekly or monthly schedule after `after`."""
    return list(islice(times(schedule, after, zone), count))


def times(schedule: Scheduled, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield every instant of a daily, weekly or monthly schedule after `after`, ascending."""
    day = local_time(after, zone).date()
    try:
        while True:
            if _falls_on(schedule, day):
                instant = local_instant(datetime.combine(day, schedule.at), zone)
                if instant > after:
                    yield instant
            day += _DAY
    except OverflowError:
        return


def signed_amount(schedule: DateReached) -> int:
    """Return how much later than its date a schedule is due, negative if before."""
    return -schedule.amount if schedule.direction == "before" else schedule.amount


def _year_before(schedule: DateReached, instant: datetime) -> int:
    try:
        return (instant - span(signed_amount(schedule), schedule.unit)).year
    except OverflowError:
        return date.min.year


def _turns(schedule: DateReached, anchor: Anchor) -> range:
    if schedule.yearly:
        return range(date.max.year - anchor.year + 1)
    return range(1 + (schedule.repeat_times if schedule.repeat_every else 0))


def _in_a_later_year(anchor: Anchor, years: int) -> Anchor:
    if isinstance(anchor, datetime):
        return later(anchor, years, "years")
    return in_year(anchor, anchor.year + years)


def _falls_on(schedule: Scheduled, day: date) -> bool:
    if schedule.every == "week":
        return day.weekday() == schedule.weekday
    if schedule.every != "month":
        return True
    length = monthrange(day.year, day.month)[1]
    if schedule.nth is None:
        return day.day == min(schedule.day or 1, length)
    week = (length - day.day) // 7 if schedule.nth == LAST else (day.day - 1) // 7 + 1
    return day.weekday() == schedule.weekday and week == schedule.nth


def _counted(
    anchor: Anchor, amount: int, unit: str, at: time | None, zone: tzinfo
) -> tuple[datetime, datetime]:
    """Return the instant, and the local time it was meant for."""
    if isinstance(anchor, datetime):
        shown = local_time(anchor, zone)
    else:
        shown = datetime.combine(anchor, at or _MIDNIGHT)
    if unit not in CALENDAR:
        start = anchor.astimezone(UTC) if isinstance(anchor, datetime) else local_instant(shown, zone)
        instant = start + span(amount, unit)
        return instant, local_time(instant, zone)
    if at is not None:
        shown = datetime.combine(shown.date(), at)
    # A datetime within a repeated hour must stay that instant if nothing is added.
    if not amount and at is None and isinstance(anchor, datetime):
        return anchor.astimezone(UTC), shown
    shown = later(shown, amount, unit)
    return local_instant(shown, zone), shown
