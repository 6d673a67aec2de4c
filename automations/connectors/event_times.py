"""The time of an event as its sender wrote it: what tells a late event from a new one."""

from __future__ import annotations

import datetime as dt

#: Numbers from here on count milliseconds, smaller ones seconds; both since 1970.
_MILLISECONDS = 100_000_000_000


def moment_of(value: object) -> dt.datetime | None:
    """Return the time in UTC that a text (ISO 8601) or number says; None for anything else.

    A text without an offset is read as UTC.
    """
    try:
        if isinstance(value, str):
            moment = dt.datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS else value, dt.UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
