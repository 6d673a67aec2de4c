"""Time zones are those of the pinned tzdata package, whatever the machine knows."""

from __future__ import annotations

import zoneinfo


def use_pinned() -> None:
    """Read every time zone from now on from the tzdata package.

    Python prefers the files of the machine. They may be a year older, and where a country changed its clocks
    since, every message of its shops would leave an hour late.
    """
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()


def offered() -> list[str]:
    """Return the time zones that a store can choose, in order."""
    return sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")
