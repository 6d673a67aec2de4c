"""The stretch of the recorded past that is asked about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from automations.engine.rules.calendar import local_instant
from automations.models.tables.store import Store

#: The choices by their key; None is all that is kept.
PERIODS: dict[str, int | None] = {"30": 30, "90": 90, "all": None}
DEFAULT = "90"
#: Before anything can have been recorded.
BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open stretch of time, in aware UTC."""

    since: dt.datetime
    until: dt.datetime
    #: None: all that is kept.
    days: int | None


def period_of(key: str, store: Store, now: dt.datetime) -> Period:
    """Return the period with this key: whole days of the store, the last one being today. Raises KeyError."""
    days, zone = PERIODS[key], ZoneInfo(store.timezone)
    today = now.astimezone(zone).date()
    until = _begin_of(today + dt.timedelta(days=1), zone)
    if days is None:
        return Period(BEGINNING, until, None)
    return Period(_begin_of(today - dt.timedelta(days=days - 1), zone), until, days)


def days_between(since: dt.datetime, until: dt.datetime, zone: ZoneInfo) -> list[dt.date]:
    """Return the local days that a stretch of time touches."""
    first, last = (moment.astimezone(zone).date() for moment in (since, until - dt.timedelta.resolution))
    return [first + dt.timedelta(days=place) for place in range((last - first).days + 1)]


def begins_of(days: list[dt.date], zone: ZoneInfo) -> list[dt.datetime]:
    """Return the instants at which these local days begin."""
    return [_begin_of(day, zone) for day in days]


def _begin_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return local_instant(dt.datetime.combine(day, dt.time()), zone)
