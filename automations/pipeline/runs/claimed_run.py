"""A claimed run, its parts and their outcome, as the worker holds them while it does the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from automations.actions.shared.action_kind import EMAIL, INSIDE, Prepared
from automations.actions.shared.outgoing_email import missed_by
from automations.connectors.receipts import Receipt
from automations.models.tables.run import FAILED, QUEUED, SKIPPED, SUCCEEDED, UNKNOWN, WAITING, Attempt, Run
from automations.pipeline.records.current_records import Present

SENT = "sent"
#: Sent, and some of those who were to get it too did not.
PARTLY = "partly"
STARTED = "started"
REFUSED = "refused"
TRY_AGAIN = "try_again"
UNCERTAIN = "uncertain"

NOT_EVERYONE = "Not everyone got it."
#: What left and is not sent again.
LEFT = (SENT, PARTLY)

STATE_AFTER = {SENT: SUCCEEDED, PARTLY: FAILED, REFUSED: FAILED, TRY_AGAIN: WAITING, UNCERTAIN: UNKNOWN}
#: A run's state is the worst of its parts; what one recipient is refused keeps no other from another try.
WORST_FIRST = (UNCERTAIN, TRY_AGAIN, REFUSED, PARTLY, SENT)


@dataclass(frozen=True, slots=True)
class EarlierAttempt:
    """The latest attempt at one part, from a try before this one."""

    result: str
    detail: str
    prepared: Mapping[str, Any]
    provider_id: str
    #: The copies that the server refused.
    refused: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """One claimed run. `number` counts its tries; with the workflow it proves that the claim is ours."""

    run_id: int
    workflow_id: str
    store_id: int
    number: int
    kind: str
    settings: Mapping[str, Any]
    subject: str
    snapshot: Mapping[str, Any]
    earlier: Mapping[int, EarlierAttempt]
    evaluation_id: int = 0
    #: Whether it is skipped if a field it shows is empty.
    skip_when_empty: bool = False
    #: Messages sent as they are, of a run that belongs to no action of the version.
    prepared: Sequence[Mapping[str, Any]] = ()
    #: Of a run that had to wait: its record as it was when the run was claimed.
    present: Present | None = None
    #: Whether an earlier action of the same automation changes the record.
    follows_change: bool = False
    #: The record it is about, of its subject.
    record_id: int = 0


@dataclass(slots=True)
class Part:
    """One recipient's message, or one effect in our own database, and its outcome."""

    part: int
    result: str
    detail: str
    prepared: dict[str, Any]
    connector: str
    provider_id: str = ""
    #: Whether its attempt row is written already.
    kept: bool = False
    #: What is kept of what was said back, until its attempt row has it.
    answer: dict[str, Any] | None = None

    @property
    def channel(self) -> str:
        return str(self.prepared.get("channel") or EMAIL)

    @property
    def to_write(self) -> bool:
        """Return whether `settle` still has to write its effect."""
        return self.channel == INSIDE and self.result == SENT and not self.kept


@dataclass(slots=True)
class RunOutcome:
    """The outcome of one run, in plain data, so that the workflow can store it as JSON."""

    run_id: int
    workflow_id: str
    number: int
    state: str
    reason: str | None = None
    after: int | None = None
    parts: list[Part] = field(default_factory=list)


def outcome_of(run: ClaimedRun, parts: list[Part], after: int | None) -> RunOutcome:
    """Return the outcome of a run whose parts became `parts`; `after` is the wait a provider asked for."""
    return with_parts(_outcome(run, QUEUED, after=after), parts)


def with_parts(outcome: RunOutcome, parts: list[Part]) -> RunOutcome:
    """Return the outcome with these parts, and the state and reason of the worst of them."""
    worst = min(parts, key=lambda part: WORST_FIRST.index(part.result))
    reason = None if worst.result == SENT else worst.detail
    if worst.result == REFUSED:
        reason = _refused(parts)
    return replace(outcome, state=STATE_AFTER[worst.result], reason=reason, parts=parts)


def _refused(parts: Sequence[Part]) -> str:
    """Return why some were refused, with all who did not get it, and whether others did."""
    refused = [part for part in parts if part.result == REFUSED]
    partly = [part.detail.removeprefix(NOT_EVERYONE).strip() for part in parts if part.result == PARTLY]
    missed = [sentence for part in refused for sentence in missed_by(part.prepared.get("extra") or {})]
    said = list(dict.fromkeys([*(part.detail for part in refused), *partly, *missed]))
    if any(part.result in LEFT for part in parts):
        said = [NOT_EVERYONE, *said]
    return _as_sentences(said)


def _as_sentences(said: Sequence[str]) -> str:
    """Return what was said one after the other; what a server says ends without a full stop."""
    ended = [text if text.endswith((".", "!", "?")) else f"{text}." for text in said[:-1]]
    return " ".join([*ended, *said[-1:]])


def left_with(receipt: Receipt) -> tuple[str, str]:
    """Return the result of a part that the provider accepted, and its sentence."""
    if not receipt.missed:
        return SENT, receipt.detail
    accepted = [f"{receipt.detail[:1].upper()}{receipt.detail[1:]}"] if receipt.detail else []
    return PARTLY, _as_sentences([NOT_EVERYONE, *receipt.missed, *accepted])


def answer_of(receipt: Receipt) -> dict[str, Any] | None:
    """Return what is kept of an answer: that of an API, or the copies that a mail server refused."""
    return receipt.answer or ({REFUSED: list(receipt.refused)} if receipt.refused else None)


def refused_copies(answer: object) -> tuple[str, ...]:
    """Return the addresses of the copies that a mail server refused, from the kept answer."""
    kept = answer.get(REFUSED) if isinstance(answer, Mapping) else None
    return tuple(map(str, kept)) if isinstance(kept, list) else ()


def some_left() -> sa.ColumnElement[bool]:
    """Return whether something of a run left, whatever became of the rest of it, as SQL."""
    return sa.exists().where(Attempt.run_id == Run.id, Attempt.result.in_(LEFT)).correlate(Run)


def skipped(run: ClaimedRun, reason: str) -> RunOutcome:
    """Return the outcome of a run that is not done, for a reason."""
    return _outcome(run, SKIPPED, reason)


def failed(run: ClaimedRun, reason: str) -> RunOutcome:
    """Return the outcome of a run that cannot be done, and for which another try would not help."""
    return _outcome(run, FAILED, reason)


def released(run: ClaimedRun, after: int = 0, reason: str = "") -> RunOutcome:
    """Return the outcome of a run not begun: a later workflow takes it in `after` seconds."""
    return _outcome(run, QUEUED, reason or None, after)


def _outcome(run: ClaimedRun, state: str, reason: str | None = None, after: int | None = None) -> RunOutcome:
    return RunOutcome(run.run_id, run.workflow_id, run.number, state, reason, after)


def key_of(run_id: int, part: int) -> str:
    """Return the idempotency key of one message: the same at every try, and no other message has it."""
    return f"run-{run_id}-{part}"


def prepared_of(part: Part) -> Prepared:
    """Return the message of a part."""
    return Prepared.from_data(part.prepared)
