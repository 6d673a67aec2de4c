"""The filter of the log, and the pages it yields."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from automations.features.history.log_entries import LogEntry
from automations.models.tables.occurrence import Occurrence

FIRED, FAILING, SKIPPED, NOT_APPLICABLE, ERROR = "fired", "failing", "skipped", "not_applicable", "error"
HELD, CAPPED = "held", "capped"
SHADOWED = "shadow"

#: The outcomes to filter by, with their labels.
OUTCOME_LABELS = {
    FIRED: "Fired",
    FAILING: "Failing, needs you",
    SKIPPED: "Skipped",
    NOT_APPLICABLE: "Not applicable",
    ERROR: "Could not be evaluated",
    HELD: "Held back",
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
    """Occurrences in order, and the key to continue from."""

    occurrences: tuple[Occurrence, ...]
    next: int | None
