"""The phrases of the log: what happened to a record, and the state of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording.formats import joined
from automations.features.figures import outcomes
from automations.features.figures.outcomes import DELAYED, KEPT, RETRIED, Badge
from automations.features.history.log_entries import (
    CAPPED,
    ERROR,
    HELD,
    NOT_APPLICABLE,
    LogEntry,
    RunLine,
    VerdictLine,
)
from automations.models.settings.choices import StoreWords
from automations.models.tables.occurrence import IMPORTED, LATE, Occurrence
from automations.models.tables.run import (
    CANCELLED,
    FAILED,
    QUEUED,
    RUNNING,
    SKIPPED,
    SUCCEEDED,
    UNKNOWN,
    WAITING,
)
from automations.models.tables.run import (
    HELD as HELD_RUN,
)
from automations.models.tables.shadow import SHADOW, SHADOW_CAPPED, SHADOW_ERROR
from automations.pipeline.records.evaluation_context import NAMED

#: The badges of runs, by their standing.
RUN_BADGES: Mapping[str, Badge] = {
    FAILED: Badge("Failed, needs you", "red", "alert"),
    UNKNOWN: Badge("Unknown, needs you", "red", "alert"),
    RETRIED: Badge("Failing", "red", "alert"),
    HELD_RUN: Badge("Held, needs you", "orange", "hand-stop"),
    KEPT: Badge("Held", "orange", "pause"),
    DELAYED: Badge("Delayed", "orange", "clock"),
    RUNNING: Badge("Sending", "azure", "send"),
    QUEUED: Badge("Sending", "azure", "send"),
    WAITING: Badge("Waiting", "azure", "clock"),
    SKIPPED: Badge("Skipped", "orange", "dash-circle"),
    CANCELLED: Badge("Cancelled", "secondary", "x"),
    SUCCEEDED: outcomes.WORDS[outcomes.SENT],
}
OTHER_BADGES: Mapping[str, Badge] = {
    ERROR: outcomes.WORDS[outcomes.ERROR],
    HELD: Badge("Stopped as a loop", "orange", "pause"),
    CAPPED: Badge("Over its cap", "orange", "pause"),
    NOT_APPLICABLE: Badge("Not applicable", "secondary", "dash-circle"),
    SHADOW: Badge("Would have run (shadow)", "shadow", "ghost"),
    SHADOW_CAPPED: Badge("Would have been over its cap (shadow)", "shadow", "ghost"),
    SHADOW_ERROR: Badge("Could not be checked (shadow)", "shadow", "ghost"),
}
#: What happened, where no trigger says it.
_LABELS = {"created": "Created", LATE: "Came late, not taken", IMPORTED: "Imported, nothing fired"}
_OLD = "From before the shop was connected, nothing fired"
_OTHER_NAMES = {"customer_id": "Customer", "account_id": "Account", "lines": "Items", "guests": "Guests"}


def fired_badge(lines: Sequence[RunLine]) -> Badge:
    """Return the badge of an evaluation that fired: the word of its outcome, the worst of its runs'."""
    return outcomes.WORDS[outcomes.worst(line.outcome for line in lines)]


def entry_of(
    occurrence: Occurrence, words: StoreWords, verdicts: tuple[VerdictLine, ...] = (), more: int = 0
) -> LogEntry:
    """Return the occurrence in words, with these of its verdicts, and how many more there are."""
    subject = SUBJECTS[occurrence.subject]
    kind = subject.triggers.get(occurrence.trigger)
    label = kind.label if kind else _LABELS.get(occurrence.trigger, "Changed")
    if occurrence.trigger == IMPORTED and not is_of_import(occurrence):
        label = _OLD
    # Status and payment status each have an entry of their own.
    said = {LATE: occurrence.changed or (), IMPORTED: ()}
    named = said.get(occurrence.trigger, NAMED.values())
    also = [name for name in occurrence.changed or () if name not in named]
    return LogEntry(
        id=occurrence.id,
        subject=occurrence.subject,
        record_id=occurrence.record_id,
        record=record_words(occurrence.subject, occurrence.snapshot),
        number=str(occurrence.snapshot.get("number", "")),
        trigger=label,
        change=_change(occurrence, words),
        also=tuple(field_words(occurrence.subject, name) for name in also),
        cause=occurrence.cause,
        cause_kind=occurrence.cause_kind,
        at=occurrence.at,
        verdicts=verdicts,
        more=more,
    )


def is_of_import(occurrence: Occurrence) -> bool:
    """Return whether what was taken in quietly came from a file, and not from a shop that is connected."""
    return occurrence.cause_kind == "import"


def record_words(subject: str, snapshot: Mapping[str, Any]) -> str:
    """Return a record's name: "Order 10482", "Event E-7", "Anna Petrova"."""
    if subject == "customer":
        return str(snapshot.get("name") or f"Customer {snapshot.get('number', '')}")
    return f"{SUBJECTS[subject].label} {snapshot.get('number', '')}"


def field_words(subject: str, name: str) -> str:
    """Return the label of a changed column."""
    field = SUBJECTS[subject].fields.get(name)
    return field.label if field else _OTHER_NAMES.get(name, name.replace("_", " ").capitalize())


def _change(occurrence: Occurrence, words: StoreWords) -> str:
    kind = SUBJECTS[occurrence.subject].triggers.get(occurrence.trigger)
    if kind and kind.choices:
        before, after = occurrence.from_value, occurrence.to_value
        shown = [words.choice(kind.choices, key) if key else "nothing" for key in (before, after)]
        return " → ".join(shown)
    if occurrence.trigger == LATE:
        return _late(occurrence, words)
    if occurrence.trigger in ("created", IMPORTED) and "status" in occurrence.snapshot:
        status = words.choice(f"{occurrence.subject}_status", occurrence.snapshot["status"])
        return f"{status}, {words.choice('payment_status', occurrence.snapshot['payment_status'])}"
    return ""


def _late(occurrence: Occurrence, words: StoreWords) -> str:
    """Return what a late message said, and the time it is from: "Delivery status, from 26 Nov 2026 …"."""
    parts = [field_words(occurrence.subject, name) for name in occurrence.changed or ()]
    if occurrence.to_value:
        field = SUBJECTS[occurrence.subject].columns[occurrence.changed[0]]
        parts = [f"{parts[0]} “{words.choice(field.choices or '', occurrence.to_value)}”"]
    text = joined(parts)
    if not occurrence.from_value:
        return text
    moment = dt.datetime.fromisoformat(occurrence.from_value).astimezone(ZoneInfo(occurrence.moment["zone"]))
    return f"{text}, from {words.formats.moment(moment)}"
