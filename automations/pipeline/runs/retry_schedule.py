"""Decides when a run that could not be done is tried again."""

from __future__ import annotations

import datetime as dt

#: Waits after the first, second … try, in seconds; after the last one it has failed.
WAITS = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)
JITTER = 0.1
LONGEST_WAIT = 24 * 3600


def next_try(now: dt.datetime, tries: int, asked: int | None, chance: float) -> dt.datetime | None:
    """Return when to try again after `tries` tries, or None if that was the last one.

    `asked` is the wait in seconds that the provider asked for. `chance`, from 0 to 1, spreads the tries,
    so that a provider that comes back does not get all of them at once.
    """
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1] * (1 + JITTER * (2 * chance - 1))
    return now + dt.timedelta(seconds=max(wait, min(asked or 0, LONGEST_WAIT)))
