"""How often a page with entries of the log asks again: while something in it waits; Today always."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from automations.features.history.log_entries import LogEntry, RunLine
from automations.models.tables.run import FINAL, QUEUED, RUNNING

#: Seconds between two looks while something is under way or due within SOON, and while anything else waits.
OFTEN, SELDOM = 5, 60
#: Seconds between two looks at what may begin at any moment: the day as a whole.
OF_THE_DAY = 15
SOON = dt.timedelta(minutes=10)


def seconds_to_next_look(lines: Iterable[RunLine], now: dt.datetime) -> int:
    """Return after how many seconds to look at these runs again; 0 if all are at their end."""
    unfinished = [line for line in lines if line.state not in FINAL]
    if any(_moves(line, now) for line in unfinished):
        return OFTEN
    return SELDOM if unfinished else 0


def seconds_to_next_look_at_day(lines: Iterable[RunLine], now: dt.datetime) -> int:
    """Return after how many seconds to look at a store's day again: it never comes to rest."""
    return OFTEN if seconds_to_next_look(lines, now) == OFTEN else OF_THE_DAY


def runs_of_entries(entries: Iterable[LogEntry]) -> list[RunLine]:
    """Return all runs of some entries."""
    return [line for entry in entries for verdict in entry.verdicts for line in verdict.runs]


def _moves(line: RunLine, now: dt.datetime) -> bool:
    is_due = line.next_try is not None and line.next_try <= now + SOON
    return line.state in (QUEUED, RUNNING) or is_due
