"""What became of one time an automation fired: the worst outcome of its actions, under one word everywhere.

The same rule stands here for runs that were read, and in `standings` as SQL for counting many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from automations.models.tables import run
from automations.models.tables.run import KEPT_WORD

#: Of a run that waits: it is tried again; for a reason outside it, such as a host that does not answer; until
#: a person switches the automation on or takes it over.
RETRIED, DELAYED, KEPT = "failing", "delayed", "kept"

DROPPED, SENT, WAITING, SKIPPED = "dropped", "sent", "waiting", "skipped"
#: Done by an action that is no message: a task, changed data, a call to another program.
DONE = "done"
#: Of what would be sent if a server or gateway were set up: it stayed here, and nobody got it.
STAYED = "kept_here"
HELD, FAILING, FAILED, UNKNOWN = "kept_back", "failing", "failed", "unknown"
#: It did not fire: a condition could not be evaluated.
ERROR = "error"

#: The order of badness, worst last. What went out says more than what was cancelled or done beside it, and
#: nothing that stayed here hides behind it; what nobody knows is worse than what surely failed, as the parts
#: of a run have it.
WORST_LAST = (DROPPED, DONE, SENT, STAYED, WAITING, SKIPPED, HELD, FAILING, FAILED, UNKNOWN)

#: The outcome of one run by its standing; of what succeeded it is SENT, STAYED or DONE.
OF_RUN: Mapping[str, str] = {
    run.CANCELLED: DROPPED,
    run.SUCCEEDED: SENT,
    run.WAITING: WAITING,
    run.QUEUED: WAITING,
    run.RUNNING: WAITING,
    DELAYED: WAITING,
    run.SKIPPED: SKIPPED,
    run.HELD: HELD,
    KEPT: HELD,
    RETRIED: FAILING,
    run.FAILED: FAILED,
    run.UNKNOWN: UNKNOWN,
}

#: Failing, failed and unknown together, as charts and figures show them.
WRONG = "wrong"
GOES_WRONG = (FAILING, FAILED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in the manager's words; the icon tells it apart without colour."""

    word: str
    tone: str
    icon: str


WORDS: Mapping[str, Badge] = {
    DONE: Badge("Done", "teal", "check"),
    SENT: Badge("Sent", "teal", "check"),
    STAYED: Badge("Kept here", "secondary", "inbox"),
    WAITING: Badge("Waiting", "azure", "clock"),
    SKIPPED: Badge("Skipped", "orange", "dash-circle"),
    HELD: Badge("Held", "orange", "hand-stop"),
    FAILING: Badge("Failing", "red", "refresh"),
    FAILED: Badge("Failed", "red", "alert"),
    UNKNOWN: Badge("Unknown", "red", "help-circle"),
    DROPPED: Badge("Nothing done", "secondary", "x"),
    ERROR: Badge("Could not be checked", "red", "alert"),
}

#: What charts and figures draw, each with its label.
SERIES: Mapping[str, str] = {
    SENT: "Sent",
    STAYED: "Kept here",
    DONE: "Done",
    WAITING: "Waiting",
    SKIPPED: "Skipped",
    WRONG: "Went wrong",
    HELD: "Held",
    ERROR: "Could not be checked",
}
#: The series that are shown only where there are any.
RARE = (STAYED, DONE, HELD, ERROR)


def standing_of_run(state: str, reason: str | None, tries: int) -> str:
    """Return a run's state as the log shows it: a waiting run with a reason is failing, or delayed if never
    tried.
    """
    if state != run.WAITING or not reason:
        return state
    if tries:
        return RETRIED
    return KEPT if reason.startswith(KEPT_WORD) else DELAYED


def worst(outcomes: Iterable[str]) -> str:
    """Return the outcome of an evaluation that fired, by the outcomes of its runs: the worst of theirs."""
    return max(outcomes, key=WORST_LAST.index, default=DROPPED)


def series_of(outcome: str) -> str:
    """Return what an outcome is drawn as; a key of SERIES, or the outcome itself if it is not drawn."""
    return WRONG if outcome in GOES_WRONG else outcome
