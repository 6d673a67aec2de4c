"""The filter of the log, and the pages it yields."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from automations.features.figures import outcomes
from automations.features.history.log_entries import LogEntry
from automations.models.tables.occurrence import Occurrence

FIRED, NOT_APPLICABLE, ERROR = "fired", "not_applicable", "error"
HELD, CAPPED = "held", "capped"
SHADOWED = "shadow"

#: Of what fired: the outcomes that are read through the runs, each by the word of its badge.
OF_FIRED = {
    outcomes.SENT: "Sent",
    outcomes.STAYED: "Kept here, not sent",
    outcomes.DONE: "Done, not a message",
    outcomes.WAITING: "Waiting",
    outcomes.SKIPPED: "Skipped",
    outcomes.HELD: "Held",
    outcomes.WRONG: "Went wrong: any of these",
    outcomes.FAILING: "Failing",
    outcomes.FAILED: "Failed",
    outcomes.UNKNOWN: "Unknown",
    outcomes.DROPPED: "Nothing done",
}
#: The outcomes to filter by, with their labels.
OUTCOME_LABELS = {
    FIRED: "Fired, whatever came of it",
    **OF_FIRED,
    NOT_APPLICABLE: "Not applicable",
    ERROR: "Could not be checked",
    HELD: "Stopped as a loop",
    CAPPED: "Over its cap",
    SHADOWED: "Would have run (shadow)",
}


@dataclass(frozen=True, slots=True)
class LogFilter:
    """The reader's filter; an empty value means all. `since` and `until` are instants: since <= at <
    until.
    """

    automation_id: int | None = None
    number: str = ""
    subject: str = ""
    outcome: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Entries, newest first. `looked_to` is set when the search stopped early and more may follow."""

    entries: tuple[LogEntry, ...]
    next: int | None
    looked_to: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class OccurrencePage:
    """Occurrences in order, and the key to continue from; `looked_to` as of ActivityPage."""

    occurrences: tuple[Occurrence, ...]
    next: int | None
    looked_to: dt.datetime | None = None
