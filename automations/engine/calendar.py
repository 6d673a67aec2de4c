"""When time triggers are due: calendar arithmetic on a store's own clock, which jumps twice a year.

Days, weeks and months are counted on the calendar, minutes and hours by the clock that never jumps. A local
time that does not exist because the clock goes forward is moved forward by as much as the clock; of a time
that comes twice because it goes back, the first counts. Zones are tzinfo objects, instants aware and in UTC.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, takewhile

from automations.engine.schedule import DateReached, Scheduled, StaysInStatus

#: A date of a record; where it is a moment, an aware one.
Anchor = date | datetime

_MIDNIGHT = time(0)
_DAY = timedelta(days=1)


def local_instant(shown: datetime, zone: tzinfo) -> datetime:
    """The instant at which clocks in the zone show this; raises OverflowError at the ends of the calendar."""
    # fold=0 means the offset before the jump: the first of two, and past a gap by its width.
    return shown.replace(tzinfo=zone, fold=0).astimezone(UTC)


def local_time(instant: datetime, zone: tzinfo) -> datetime:
    """What clocks in the zone show at an instant, without a zone."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def moved(anchor: Anchor, amount: int, unit: str, at: time | None, zone: tzinfo) -> datetime:
    """The instant `amount` minutes, hours or days after the anchor (before it, where negative).

    A date begins at the local time `at`, or at midnight. A moment keeps its own time of day; days counted
    from it go to `at` where that is given. Raises OverflowError at the ends of the calendar.
    """
    return _counted(anchor, amount, unit, at, zone)[0]


def due_at(schedule: DateReached, anchor: Anchor, turn: int, zone: tzinfo) -> datetime:
    """When it is due for a record with this date: `turn` 0 is the first time, 1 the first repeat.

    Raises OverflowError at the ends of the calendar.
    """
    first, shown = _counted(anchor, _amount(schedule), schedule.unit, schedule.at, zone)
    if not turn:
        return first
    again = _again(schedule, turn)
    return local_instant(shown + again, zone) if schedule.repeat_unit == "days" else first + again


def distance(schedule: DateReached, turn: int) -> timedelta:
    """How much later than its date it is due, give or take what clocks do; negative for before."""
    return span(_amount(schedule), schedule.unit) + _again(schedule, turn)


def due_instants(schedule: DateReached, anchor: Anchor, zone: tzinfo) -> Iterator[datetime]:
    """The first instant and every repeat, ascending, up to the end of the calendar; take what is needed."""
    for turn in range(1 + (schedule.repeat_times if schedule.repeat_every else 0)):
        try:
            yield due_at(schedule, anchor, turn, zone)
        except OverflowError:
            return


def due_between(
    schedule: DateReached, anchor: Anchor, low: datetime, high: datetime, zone: tzinfo
) -> list[datetime]:
    """When it is due after `low` and not after `high` for a record with this date; each once, in order."""
    instants = takewhile(lambda instant: instant <= high, due_instants(schedule, anchor, zone))
    return sorted({instant for instant in instants if instant > low})


def lasted_at(schedule: StaysInStatus, since: datetime, zone: tzinfo) -> datetime:
    """When a status entered at `since` has lasted long enough; raises OverflowError."""
    return moved(since, schedule.amount, schedule.unit, None, zone)


def next_times(schedule: Scheduled, after: datetime, zone: tzinfo, count: int) -> list[datetime]:
    """The next `count` instants of a daily, weekly or monthly schedule, later than `after`."""
    return list(islice(times(schedule, after, zone), count))


def times(schedule: Scheduled, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """All instants of a daily, weekly or monthly schedule later than `after`, ascending."""
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


def span(amount: int, unit: str) -> timedelta:
    """So many minutes, hours or days."""
    return timedelta(**{unit: amount})


def _amount(schedule: DateReached) -> int:
    return -schedule.amount if schedule.direction == "before" else schedule.amount


def _again(schedule: DateReached, turn: int) -> timedelta:
    return span((schedule.repeat_every or 0) * turn, schedule.repeat_unit)


def _falls_on(schedule: Scheduled, day: date) -> bool:
    if schedule.every == "week":
        return day.weekday() == schedule.weekday
    if schedule.every == "month":
        return day.day == min(schedule.day or 1, monthrange(day.year, day.month)[1])
    return True


def _counted(
    anchor: Anchor, amount: int, unit: str, at: time | None, zone: tzinfo
) -> tuple[datetime, datetime]:
    """The instant, and what clocks were meant to show then."""
    if isinstance(anchor, datetime):
        shown = local_time(anchor, zone)
    else:
        shown = datetime.combine(anchor, at or _MIDNIGHT)
    if unit != "days":
        start = anchor.astimezone(UTC) if isinstance(anchor, datetime) else local_instant(shown, zone)
        instant = start + span(amount, unit)
        return instant, local_time(instant, zone)
    if at is not None:
        shown = datetime.combine(shown.date(), at)
    # A moment in the hour that comes twice is that very moment as long as no day is counted.
    if not amount and at is None and isinstance(anchor, datetime):
        return anchor.astimezone(UTC), shown
    shown += span(amount, unit)
    return local_instant(shown, zone), shown
