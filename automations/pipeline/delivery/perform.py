"""Does the effects in other systems, each after its committed attempt. Before: claim. After: settle.

Returns outcomes; no answer of a provider makes it raise. Repeated after a crash, it skips what was sent,
repeats what has an idempotency key, and marks anything else that was begun without an answer as uncertain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import Skipped
from automations.connectors.connector_set import Connectors
from automations.connectors.receipts import Gone, Receipt, Refused, TryAgain, Uncertain
from automations.connectors.secret_encryption import SecretBox
from automations.faults import crash
from automations.models.db.base import CommitUnknown, db, run_in_read, run_in_write
from automations.pipeline.delivery import attempts, claim, last_look, side_by_side
from automations.pipeline.delivery.attempts import Begun, Notes, OpenedRun, Reply
from automations.pipeline.delivery.opening import Clock, Opener
from automations.pipeline.delivery.passed_copies import pass_copies_on
from automations.pipeline.delivery.previous_responses import NotYet
from automations.pipeline.delivery.still_missing import NOT_SENT
from automations.pipeline.runs import claimed_run
from automations.pipeline.runs.claimed_run import ClaimedRun, Part, RunOutcome

#: Seconds one workflow may take, so that a slow provider does not hold its workflow-mates.
BUDGET = 60.0
STOPPED = "The program was stopped before this left; it is tried again."

#: The kind of action whose runs are begun in the transaction that claims them.
HTTP_REQUEST = "http_request"

#: The claimed runs, and the same opened; None where they still have to be.
_Claimed = tuple[list[ClaimedRun], list[OpenedRun | RunOutcome] | None]
#: Returns whether more work may be begun.
GoOn = Callable[[], bool]


def _always() -> bool:
    return True


@dataclass(slots=True)
class _Desk:
    """What the runs of one workflow share."""

    opener: Opener
    clock: Clock
    go_on: GoOn
    notes: Notes
    #: When it was last asked whether something stops a run, on the monotonic clock.
    looked: float = field(default_factory=time.monotonic)
    #: When to begin no more, on the same clock.
    ends: float = field(default_factory=lambda: time.monotonic() + BUDGET)

    def has_to_look(self, opened: OpenedRun) -> bool:
        """Return whether to look once more; for a run that stays inside, only when time has passed."""
        return bool(opened.outside) or time.monotonic() - self.looked > attempts.TOGETHER

    def may_begin(self) -> bool:
        return time.monotonic() <= self.ends and self.go_on()

    def ready(self, runs: Sequence[OpenedRun]) -> list[OpenedRun | RunOutcome]:
        # Others are looked at in the transaction that begins them.
        begun = [opened for opened in runs if opened.begun or not opened.outside]
        to_look_at = [opened.run for opened in begun if self.has_to_look(opened)]
        stopped = _stopped(to_look_at, self) if to_look_at else set()
        ready = [_ready(opened, opened.run.run_id in stopped, self) for opened in runs]
        for run in ready:
            if isinstance(run, OpenedRun):
                run.left_at = self.clock()
        return ready

    def call(self, opened: OpenedRun) -> side_by_side.Replies:
        return [(part, _send(opened, part, self.go_on)) for part in opened.to_send]

    def at_once(self, runs: Sequence[OpenedRun | RunOutcome]) -> int:
        """Return how many of these runs may call at the same time."""
        limits = [
            self.opener.stores[opened.run.store_id].limits.share(host)
            for opened in runs
            if isinstance(opened, OpenedRun)
            for host in opened.hosts()
        ]
        return min(limits, default=1)


@dataclass(frozen=True, slots=True)
class Performed:
    """What became of the runs of a workflow, and the results of their attempts that are not written yet."""

    outcomes: list[RunOutcome]
    notes: Notes


def perform(
    run_ids: Sequence[int],
    workflow_id: str,
    box: SecretBox,
    clock: Clock,
    go_on: GoOn = _always,
    *,
    first_time: bool = False,
) -> Performed:
    """Do what is left to do of these runs; return the outcomes of those that are still ours.

    Needs an application context. When `go_on` says no, runs already begun are finished, the others released.
    `first_time` says that no worker had this workflow before.
    """
    desk = _Desk(Opener(box, clock), clock, go_on, Notes(clock))
    opened_runs = _begun(run_ids, workflow_id, desk, first_time)
    done = side_by_side.send(opened_runs, desk.at_once(opened_runs), desk)
    outcomes = []
    for place, opened in enumerate(opened_runs):
        if place in done:
            outcomes.append(done[place])
        elif isinstance(opened, RunOutcome):
            outcomes.append(opened)
        elif not desk.may_begin():
            desk.notes.forget(opened)
            outcomes.append(claimed_run.released(opened.run))
        else:
            outcomes.append(_perform(opened, desk))
    db.session.rollback()
    crash.at("perform.done")
    return Performed(outcomes, desk.notes)


def _begun(
    run_ids: Sequence[int], workflow_id: str, desk: _Desk, first_time: bool
) -> list[OpenedRun | RunOutcome]:
    """Claim the runs, open them and begin those with a key: in one transaction if nothing speaks against it.

    If a worker dies of rendering one of them, that transaction leaves no trace of it. So whatever has been
    begun before, or goes wrong there, is claimed first, and rendered when that is written.
    """

    def claimed(session: Session, at_once: bool) -> _Claimed:
        now = desk.clock()
        runs = claim.claim(session, run_ids, workflow_id, now)
        if not at_once or not all(_may_begin_at_once(run) for run in runs):
            return runs, None
        opened_runs = desk.opener.open_all(session, runs)
        attempts.begin_claimed(session, _keyed(opened_runs), now)
        return runs, opened_runs

    def in_write(at_once: bool) -> _Claimed:
        return run_in_write(lambda session: claimed(session, at_once), repeatable=True)

    try:
        runs, opened_runs = in_write(at_once=first_time)
    except (sa.exc.DBAPIError, CommitUnknown):
        raise
    except Exception:
        if not first_time:
            raise
        runs, opened_runs = in_write(at_once=False)
    crash.at("claim.committed")
    if opened_runs is None:
        opened_runs = run_in_read(lambda session: desk.opener.open_all(session, runs))
        attempts.begin_all(_keyed(opened_runs), desk.clock())
    return opened_runs


def _may_begin_at_once(run: ClaimedRun) -> bool:
    return run.kind == HTTP_REQUEST and run.number == 1 and not run.earlier


def _keyed(opened_runs: Sequence[OpenedRun | RunOutcome]) -> list[OpenedRun]:
    return [run for run in opened_runs if isinstance(run, OpenedRun) and run.keyed]


def _perform(opened: OpenedRun, desk: _Desk) -> RunOutcome:
    """Send the run, unless something stops it by now."""
    (ready,) = desk.ready([opened])
    return ready if isinstance(ready, RunOutcome) else _send_all(ready, desk.notes, desk.go_on)


def _ready(opened: OpenedRun, may_be_stopped: bool, desk: _Desk) -> OpenedRun | RunOutcome:
    """Return the run with its attempt written, or its outcome if something stops it by now."""
    notes = desk.notes
    if may_be_stopped or notes.alarm:
        notes.forget(opened)
    try:
        begun = Begun.STOPPED if may_be_stopped else attempts.begin(opened, desk.clock(), notes)
        if begun is Begun.STOPPED:
            notes.write()
            anew = _open_again(opened.run, desk)
            if isinstance(anew, RunOutcome):
                return anew
            opened = anew
            # All was asked when it was claimed anew; the last look would say yes too often once more.
            begun = attempts.begin(opened, desk.clock(), notes, looks=False)
    except Skipped as skipped:
        return claimed_run.skipped(opened.run, skipped.reason)
    except NotYet as not_yet:
        return claimed_run.released(opened.run, not_yet.seconds, not_yet.reason)
    return opened if begun is Begun.YES else claimed_run.released(opened.run)


def _stopped(runs: Sequence[ClaimedRun], desk: _Desk) -> set[int]:
    # SQLite shows a transaction that reads the database as it was when it began.
    db.session.rollback()
    desk.looked = time.monotonic()
    return run_in_read(lambda session: last_look.may_be_stopped(session, runs, desk.clock()))


def _open_again(run: ClaimedRun, desk: _Desk) -> OpenedRun | RunOutcome:
    """Claim the run anew; return it ready to be sent, or its outcome if something stops it by now."""
    claimed = run_in_write(lambda session: claim.claim_again(session, run, desk.clock()), repeatable=True)
    if claimed is None:
        # What stopped it has written why; this outcome is not recorded any more.
        return claimed_run.released(run)
    return run_in_read(lambda session: desk.opener.open_all(session, [claimed])[0])


def _send_all(opened: OpenedRun, notes: Notes, go_on: GoOn) -> RunOutcome:
    after = None
    for place, part in enumerate(opened.to_send, 1):
        reply = _send(opened, part, go_on)
        for following in opened.to_send[place : place + 1]:
            if part.result in NOT_SENT and pass_copies_on(part, following):
                notes.rewrite(opened, [part, following])
        after = max(after or 0, reply.after) if reply.after else after
        if part in opened.outside:
            notes.add(opened, part, reply, is_last=part is opened.outside[-1])
    return claimed_run.outcome_of(opened.run, opened.parts, after)


def _send(opened: OpenedRun, part: Part, go_on: GoOn) -> Reply:
    """Try to send a part and store the result in it; return what else the provider's answer says."""
    crash.at("send.begun")
    reply = _sent(opened.run, part, opened.connectors, go_on)
    crash.at("send.ended")
    return reply


def _sent(run: ClaimedRun, part: Part, connectors: Connectors, go_on: GoOn) -> Reply:
    if not go_on():
        part.result, part.detail = claimed_run.TRY_AGAIN, STOPPED
        return Reply()
    try:
        key = claimed_run.key_of(run.run_id, part.part)
        receipt: Receipt = ACTIONS[run.kind].perform(claimed_run.prepared_of(part), connectors, key)
    except TryAgain as error:
        part.result, part.detail, part.answer = claimed_run.TRY_AGAIN, str(error), error.answer
        return Reply(error.after, error.down, answered=error.answer is not None and not error.down)
    except Refused as error:
        part.result, part.detail, part.answer = claimed_run.REFUSED, str(error), error.answer
        return Reply(gone=isinstance(error, Gone), answered=error.answer is not None)
    except Uncertain as error:
        part.result, part.detail = claimed_run.UNCERTAIN, str(error)
        return Reply()
    part.result, part.detail = claimed_run.left_with(receipt)
    part.provider_id, part.answer = receipt.provider_id, claimed_run.answer_of(receipt)
    return Reply(answered=True)
