"""Quiet hours: marketing waits for the morning by the store's own clock. Pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from automations.engine.calendar import local_instant, local_time

#: No marketing is due from the first to the second, over midnight.
FROM, UNTIL = dt.time(20), dt.time(8)


def after_quiet_hours(due_at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """`due_at` itself, or the next morning where that falls into the quiet hours."""
    shown = local_time(due_at, zone)
    if UNTIL <= shown.time() < FROM:
        return due_at
    day = shown.date() + dt.timedelta(days=1 if shown.time() >= FROM else 0)
    return local_instant(dt.datetime.combine(day, UNTIL), zone)
