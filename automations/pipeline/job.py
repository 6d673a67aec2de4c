"""What the worker knows about a run while it does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from automations.actions.base import EMAIL, INSIDE, Prepared
from automations.models.run import FAILED, QUEUED, SKIPPED, SUCCEEDED, UNKNOWN, WAITING

SENT = "sent"
STARTED = "started"
REFUSED = "refused"
TRY_AGAIN = "try_again"
UNCERTAIN = "uncertain"

STATE_AFTER = {SENT: SUCCEEDED, REFUSED: FAILED, TRY_AGAIN: WAITING, UNCERTAIN: UNKNOWN}
#: A run's state is the worst of its parts.
WORST_FIRST = (UNCERTAIN, REFUSED, TRY_AGAIN, SENT)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The latest attempt at one part, from a try before this one."""

    result: str
    detail: str
    prepared: Mapping[str, Any]
    provider_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed run. `number` is this try's number; with the workflow it proves the claim to be ours."""

    run_id: int
    workflow_id: str
    store_id: int
    number: int
    kind: str
    settings: Mapping[str, Any]
    subject: str
    snapshot: Mapping[str, Any]
    earlier: Mapping[int, Earlier]
    evaluation_id: int = 0
    #: What is sent as it is, where no action of the version asks for it.
    prepared: Sequence[Mapping[str, Any]] = ()


@dataclass(slots=True)
class Part:
    """What became of one recipient's message, or of one thing to be written by ourselves."""

    part: int
    result: str
    detail: str
    prepared: dict[str, Any]
    connector: str
    provider_id: str = ""
    #: Whether its attempt row is written already.
    kept: bool = False
    #: What an API said back, until its attempt row has it.
    answer: dict[str, Any] | None = None

    @property
    def channel(self) -> str:
        return str(self.prepared.get("channel") or EMAIL)

    @property
    def to_write(self) -> bool:
        """Whether `record` still has to write its effect."""
        return self.channel == INSIDE and self.result == SENT and not self.kept


@dataclass(slots=True)
class RunOutcome:
    """What became of one run; plain enough to be kept by the workflow."""

    run_id: int
    workflow_id: str
    number: int
    state: str
    reason: str | None = None
    after: int | None = None
    parts: list[Part] = field(default_factory=list)


def outcome_of(job: Job, parts: list[Part], after: int | None) -> RunOutcome:
    """The run's outcome out of its parts'."""
    return with_parts(_outcome(job, QUEUED, after=after), parts)


def with_parts(outcome: RunOutcome, parts: list[Part]) -> RunOutcome:
    """The outcome as these parts make it."""
    worst = min(parts, key=lambda part: WORST_FIRST.index(part.result))
    reason = None if worst.result == SENT else worst.detail
    return replace(outcome, state=STATE_AFTER[worst.result], reason=reason, parts=parts)


def skipped(job: Job, reason: str) -> RunOutcome:
    """Not doing is a result with a reason."""
    return _outcome(job, SKIPPED, reason)


def failed(job: Job, reason: str) -> RunOutcome:
    """It cannot be done, and another try would not help."""
    return _outcome(job, FAILED, reason)


def released(job: Job, after: int = 0, reason: str = "") -> RunOutcome:
    """Nothing was begun: a later workflow takes it, `after` seconds from now."""
    return _outcome(job, QUEUED, reason or None, after)


def _outcome(job: Job, state: str, reason: str | None = None, after: int | None = None) -> RunOutcome:
    return RunOutcome(job.run_id, job.workflow_id, job.number, state, reason, after)


def key_of(run_id: int, part: int) -> str:
    """What one message is known by outside: the same at every try, and no other's."""
    return f"run-{run_id}-{part}"


def prepared_of(part: Part) -> Prepared:
    """The message of a part."""
    return Prepared.from_data(part.prepared)
