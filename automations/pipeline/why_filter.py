"""Which part of the log is wanted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from automations.models.occurrence import Occurrence
from automations.pipeline.why_entries import Entry

FIRED, FAILING, SKIPPED, NOT_APPLICABLE, ERROR = "fired", "failing", "skipped", "not_applicable", "error"
HELD, CAPPED = "held", "capped"

#: The outcomes a reader may filter by, with their words.
OUTCOME_LABELS = {
    FIRED: "Fired",
    FAILING: "Failing, needs you",
    SKIPPED: "Skipped",
    NOT_APPLICABLE: "Not applicable",
    ERROR: "Could not be judged",
    HELD: "Held back",
    CAPPED: "Over its cap",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the reader asked for; empty means all. `since` and `until` are instants, since <= at < until."""

    automation_id: int | None = None
    number: str = ""
    subject: str = ""
    outcome: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Entries newest first. `looked_to` is set when the search stopped early, though more may be found."""

    entries: tuple[Entry, ...]
    next: int | None
    looked_to: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Occurrences in order, and the key to go on from."""

    occurrences: tuple[Occurrence, ...]
    next: int | None
