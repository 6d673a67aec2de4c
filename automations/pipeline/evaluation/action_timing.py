"""Computes when a delayed action is due. Pure: no clock, no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from automations.engine.fields.subject import Field
from automations.engine.rules.calendar import local_instant, local_time, moved
from automations.engine.rules.lateness import ALWAYS, NEVER, is_late, late_limit
from automations.engine.wording.formats import Formats
from automations.engine.wording.late_phrases import span_words

#: The usual working time: Monday to Saturday, from OPENS until CLOSES.
WORKING_DAYS = frozenset(range(6))
OPENS, CLOSES = dt.time(9), dt.time(18)
LATER = ("after", "date", "working_hours")

Timing = Mapping[str, Any]
#: Weekday ("0" is Monday) -> when the store opens and closes, as "09:00"; closed on days left out.
Hours = Mapping[str, Sequence[str]]


class NoDate(ValueError):
    """The date to count from is missing; `str(error)` is a sentence."""


class AlreadyOver(NoDate):
    """The time was over before its date was known, by more than the action allows; a sentence too."""


def run_at(
    timing: Timing | None,
    fields: Mapping[str, Field],
    snapshot: Mapping[str, Any],
    now: dt.datetime,
    zone: ZoneInfo,
    formats: Formats,
    hours: Hours | None = None,
) -> dt.datetime:
    """Return when an action is due whose evaluation fires at `now`, never before `now`.

    `fields` are the fields of the subject by key, including the store's own. Raises NoDate, or AlreadyOver,
    whose sentence has dates in the store's `formats`.
    """
    when = (timing or {}).get("when")
    if timing is None or when not in LATER:
        return now
    if when == "after":
        return moved(now, _amount(timing), _unit(timing), _time(timing), zone)
    if when == "working_hours":
        return next_working(now, zone, hours)
    meant = meant_at(timing, fields, snapshot, zone)
    not_too_late(timing, meant, now.astimezone(zone), formats)
    return max(now, meant)


def meant_at(
    timing: Timing, fields: Mapping[str, Field], snapshot: Mapping[str, Any], zone: ZoneInfo
) -> dt.datetime:
    """Return the instant that an action around a date is meant for, past or not. Raises NoDate."""
    field = fields.get(str(timing.get("field")))
    if field is None:
        raise NoDate("The date it waits for does not exist any more; choose another in the automation.")
    value = field.value(snapshot)
    if not isinstance(value, dt.date):
        raise NoDate(f"{field.label} is empty, so there is no date to wait for.")
    amount = _amount(timing)
    signed = -amount if timing.get("direction") == "before" else amount
    return moved(value, signed, _unit(timing), _time(timing), zone)


def at_once_words(
    timing: Timing | None,
    fields: Mapping[str, Field],
    snapshot: Mapping[str, Any],
    now: dt.datetime,
    zone: ZoneInfo,
    formats: Formats,
) -> str:
    """Return why an action around a date was due at once when it fired at `now`, as a sentence, or ""."""
    if timing is None or timing.get("when") != "date":
        return ""
    try:
        meant = meant_at(timing, fields, snapshot, zone)
    except ValueError:
        return ""
    over = f"It was due on {formats.moment(meant.astimezone(zone))}, which was over already: it left at once."
    return over if is_late(now - meant) else ""


def not_too_late(timing: Timing, meant: dt.datetime, now: dt.datetime, formats: Formats) -> None:
    """Raise AlreadyOver if `meant` is further in the past than the action allows.

    `now` is in the store's zone.
    """
    limit = late_limit(timing, unsaid=ALWAYS)
    if not is_late(now - meant) or now - meant <= limit:
        return
    over = f"It was due on {formats.moment(meant.astimezone(now.tzinfo))}, which was over already"
    if limit == NEVER:
        raise AlreadyOver(f"{over}. This action skips what is over.")
    by, most = span_words(now - meant, formats), span_words(limit, formats)
    raise AlreadyOver(f"{over} for {by}. It may be at most {most} late.")


def rechecks(timing: Timing | None) -> bool:
    """Return whether the conditions are checked again when it is due: if it waits, unless switched off."""
    return bool(timing) and (timing or {}).get("when") in LATER and (timing or {}).get("recheck") is not False


def is_working(now: dt.datetime, zone: ZoneInfo, hours: Hours | None = None) -> bool:
    """Return whether `now` is within working hours."""
    shown = local_time(now, zone)
    open_from_to = span_of(shown.weekday(), hours)
    return open_from_to is not None and open_from_to[0] <= shown.time() < open_from_to[1]


def span_of(weekday: int, hours: Hours | None = None) -> tuple[dt.time, dt.time] | None:
    """Return when the store opens and closes on a weekday (0 is Monday); None if it stays closed."""
    if hours is None:
        return (OPENS, CLOSES) if weekday in WORKING_DAYS else None
    span = hours.get(str(weekday))
    return (dt.time.fromisoformat(span[0]), dt.time.fromisoformat(span[1])) if span else None


def next_working(now: dt.datetime, zone: ZoneInfo, hours: Hours | None = None) -> dt.datetime:
    """Return `now` within working hours, or if there are none, else when the store opens next."""
    if is_working(now, zone, hours):
        return now
    day = local_time(now, zone).date()
    days = [day + dt.timedelta(days=n) for n in range(9)]
    spans = [(day, span_of(day.weekday(), hours)) for day in days]
    opens = [local_instant(dt.datetime.combine(day, span[0]), zone) for day, span in spans if span]
    return min((instant for instant in opens if instant > now), default=now)


def _amount(timing: Timing) -> int:
    return int(timing.get("amount") or 0)


def _unit(timing: Timing) -> str:
    return str(timing.get("unit") or "days")


def _time(timing: Timing) -> dt.time | None:
    return dt.time.fromisoformat(timing["time"]) if timing.get("time") else None
