"""Does the effects in other systems, each after its committed attempt. Before: claim. After: settle.

Returns outcomes; no answer of a provider makes it raise. Repeated after a crash, it skips what was sent,
repeats what has an idempotency key, and marks anything else that was begun without an answer as uncertain.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared import empty_fields
from automations.actions.shared.action_kind import INSIDE, Prepared, Skipped
from automations.connectors.connector_set import Connectors
from automations.connectors.receipts import Gone, Receipt, Refused, TryAgain, Uncertain
from automations.connectors.secret_encryption import SecretBox
from automations.faults import crash
from automations.models.access.api_authentication import current_store
from automations.models.db.base import db, run_in_read, run_in_write
from automations.models.settings import call_limits
from automations.models.settings.call_limits import CallLimits
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.delivery import attempts, claim, earlier_changes, last_look, may_send, side_by_side
from automations.pipeline.delivery.attempts import Notes, OpenedRun, Reply
from automations.pipeline.delivery.previous_responses import NotYet, answers_for
from automations.pipeline.evaluation.consent import MARKETING, with_consent
from automations.pipeline.intake.vocabulary_cache import words_of
from automations.pipeline.providers.action_context import Team, situation_for, team_of
from automations.pipeline.providers.store_connectors import connectors_for
from automations.pipeline.runs import claimed_run
from automations.pipeline.runs.claimed_run import ClaimedRun, EarlierAttempt, Part, RunOutcome

#: Seconds one workflow may take, so that a slow provider does not hold its workflow-mates.
BUDGET = 60.0
UNANSWERED = "The program stopped after this was handed over and before an answer came."
STOPPED = "The program was stopped before this left; it is tried again."

Clock = Callable[[], dt.datetime]
#: Returns whether more work may be begun.
GoOn = Callable[[], bool]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Store:
    store: Store
    words: StoreWords
    team: Team
    connectors: Connectors
    limits: CallLimits


@dataclass(slots=True)
class _Desk:
    """What the runs of one workflow share."""

    box: SecretBox
    clock: Clock
    go_on: GoOn
    notes: Notes
    stores: dict[int, _Store] = field(default_factory=dict)
    #: When it was last asked whether something stops a run, on the monotonic clock.
    looked: float = field(default_factory=time.monotonic)
    #: When to begin no more, on the same clock.
    ends: float = field(default_factory=lambda: time.monotonic() + BUDGET)

    def has_to_look(self, opened: OpenedRun) -> bool:
        """Return whether to look once more; for a run that stays inside, only when time has passed."""
        return bool(opened.outside) or time.monotonic() - self.looked > attempts.TOGETHER

    def may_begin(self) -> bool:
        return time.monotonic() <= self.ends and self.go_on()

    def ready(self, opened: OpenedRun) -> OpenedRun | RunOutcome:
        ready = _ready(opened, self)
        if isinstance(ready, OpenedRun):
            ready.left_at = self.clock()
        return ready

    def call(self, opened: OpenedRun) -> side_by_side.Replies:
        return [(part, _send(opened, part, self.go_on)) for part in opened.to_send]

    def at_once(self, runs: Sequence[OpenedRun | RunOutcome]) -> int:
        """Return how many of these runs may call at the same time."""
        limits = [
            self.stores[opened.run.store_id].limits.share(host)
            for opened in runs
            if isinstance(opened, OpenedRun)
            for host in opened.hosts()
        ]
        return min(limits, default=1)


def perform(
    run_ids: Sequence[int], workflow_id: str, box: SecretBox, clock: Clock, go_on: GoOn = _always
) -> list[RunOutcome]:
    """Do what is left to do of these runs; return the outcomes of those that are still ours.

    Needs an application context. When `go_on` says no, runs already begun are finished, the others released.
    """
    runs = run_in_write(lambda session: claim.claim(session, run_ids, workflow_id, clock()), repeatable=True)
    crash.at("claim.committed")
    desk = _Desk(box, clock, go_on, Notes(clock))
    opened_runs = run_in_read(lambda session: [_open(session, run, desk) for run in runs])
    attempts.begin_all([run for run in opened_runs if isinstance(run, OpenedRun) and run.keyed], clock())
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
    desk.notes.write()
    db.session.rollback()
    crash.at("perform.done")
    return outcomes


def _open(session: Session, run: ClaimedRun, desk: _Desk) -> OpenedRun | RunOutcome:
    """Return the run ready to be sent, or its outcome if there is nothing to send."""
    if run.kind not in ACTIONS:
        return claimed_run.failed(run, f"This version of the program does not know the action “{run.kind}”.")
    try:
        if run.store_id not in desk.stores:
            desk.stores[run.store_id] = _store(session, run.store_id, desk.box, desk.clock())
        surroundings = desk.stores[run.store_id]
        may_send.is_wanted(session, run)
        prepared = _prepare(session, run, surroundings, desk.clock)
        earlier, connectors = run.earlier, surroundings.connectors
        parts = [_part(place, message, connectors, earlier.get(place)) for place, message in prepared.items()]
        return OpenedRun(run, parts, connectors)
    except Skipped as skipped:
        return claimed_run.skipped(run, skipped.reason)
    except NotYet as not_yet:
        return claimed_run.released(run, not_yet.seconds, not_yet.reason)


def _perform(opened: OpenedRun, desk: _Desk) -> RunOutcome:
    """Send the run, unless something stops it by now."""
    ready = desk.ready(opened)
    return ready if isinstance(ready, RunOutcome) else _send_all(ready, desk.notes, desk.go_on)


def _ready(opened: OpenedRun, desk: _Desk) -> OpenedRun | RunOutcome:
    """Return the run with its attempt written, or its outcome if something stops it by now."""
    notes = desk.notes
    if desk.has_to_look(opened) and _may_be_stopped(opened.run, desk):
        notes.forget(opened)
        notes.write()
        anew = _open_again(opened.run, desk)
        if isinstance(anew, RunOutcome):
            return anew
        opened = anew
    try:
        if notes.alarm:
            notes.forget(opened)
        if not opened.begun:
            # Whether this run may leave depends on the results of those before.
            notes.write()
            if not attempts.begin(opened, desk.clock()):
                return claimed_run.released(opened.run)
    except Skipped as skipped:
        return claimed_run.skipped(opened.run, skipped.reason)
    except NotYet as not_yet:
        return claimed_run.released(opened.run, not_yet.seconds, not_yet.reason)
    return opened


def _may_be_stopped(run: ClaimedRun, desk: _Desk) -> bool:
    # SQLite shows a transaction that reads the database as it was when it began.
    db.session.rollback()
    desk.looked = time.monotonic()
    return run_in_read(lambda session: last_look.may_be_stopped(session, run, desk.clock()))


def _open_again(run: ClaimedRun, desk: _Desk) -> OpenedRun | RunOutcome:
    """Claim the run anew; return it ready to be sent, or its outcome if something stops it by now."""
    claimed = run_in_write(lambda session: claim.claim_again(session, run, desk.clock()), repeatable=True)
    if claimed is None:
        # What stopped it has written why; this outcome is not recorded any more.
        return claimed_run.released(run)
    return run_in_read(lambda session: _open(session, claimed, desk))


def _store(session: Session, store_id: int, box: SecretBox, now: dt.datetime) -> _Store:
    # A store attached to a session would be read again after the transaction of each attempt.
    store = current_store(session, store_id)
    connectors = connectors_for(session, store_id, box, now)
    limits = call_limits.of_store(session, store_id)
    return _Store(store, words_of(session, store), team_of(session, store_id), connectors, limits)


def _prepare(session: Session, run: ClaimedRun, surroundings: _Store, clock: Clock) -> dict[int, Prepared]:
    """Return the messages by their place: as rendered at the first try, or rendered now."""
    if not run.earlier:
        return dict(enumerate(_render(session, run, surroundings, clock)))
    begun = {place: Prepared.from_data(run.earlier[place].prepared) for place in run.earlier}
    return dict(sorted((_not_begun(session, run, surroundings, clock) | begun).items()))


def _not_begun(session: Session, run: ClaimedRun, surroundings: _Store, clock: Clock) -> dict[int, Prepared]:
    """Return the messages that stay inside and were not stored when a worker died after those that left.

    Only what leaves has an attempt before the run is settled. Counted from those alone, a message that left
    would take the place of another, and with it another key, and leave again. What stays inside comes first.
    """
    if 0 in run.earlier:
        return {}
    try:
        rendered = enumerate(_render(session, run, surroundings, clock))
    except Skipped:
        return {}
    connectors = surroundings.connectors
    return {
        place: message
        for place, message in rendered
        if message.channel == INSIDE or not connectors.of(message.channel).outside
    }


def _render(session: Session, run: ClaimedRun, surroundings: _Store, clock: Clock) -> list[Prepared]:
    if run.prepared:
        return [Prepared.from_data(message) for message in run.prepared]
    answers = answers_for(session, run.evaluation_id, run.settings, clock())
    snapshot = earlier_changes.snapshot_for(session, run, surroundings.store, clock())
    record = (run.subject, snapshot, answers, surroundings.team)
    situation = situation_for(session, surroundings.store, surroundings.words, *record)
    if run.kind in MARKETING:
        situation = with_consent(session, situation, surroundings.store, snapshot)
    prepared, _ = empty_fields.prepare(ACTIONS[run.kind], run.settings, situation, run.skip_when_empty)
    return prepared


def _send_all(opened: OpenedRun, notes: Notes, go_on: GoOn) -> RunOutcome:
    after = None
    for part in opened.to_send:
        reply = _send(opened, part, go_on)
        after = max(after or 0, reply.after) if reply.after else after
        if part in opened.outside:
            notes.add(opened, part, reply)
    return claimed_run.outcome_of(opened.run, opened.parts, after)


def _part(place: int, message: Prepared, connectors: Connectors, earlier: EarlierAttempt | None) -> Part:
    """Return one message as a part: sent at an earlier try, uncertain, or to be sent.

    A part begun and never answered is uncertain, unless its key makes a second try safe. A part inside our
    database counts as sent here: `settle` writes its effect, or the reason why it could not.
    """
    data = message.to_data()
    connector = INSIDE if message.channel == INSIDE else connectors.of(message.channel).key
    if earlier and earlier.result == claimed_run.SENT:
        return Part(place, claimed_run.SENT, earlier.detail, data, connector, earlier.provider_id, kept=True)
    if message.channel == INSIDE:
        return Part(place, claimed_run.SENT, "", data, connector)
    begun = earlier is not None and earlier.result in (claimed_run.STARTED, claimed_run.UNCERTAIN)
    if earlier and begun and not connectors.of(message.channel).keyed:
        return Part(place, claimed_run.UNCERTAIN, earlier.detail or UNANSWERED, data, connector, kept=True)
    return Part(place, claimed_run.STARTED, "", data, connector)


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
    part.result, part.detail, part.provider_id = claimed_run.SENT, receipt.detail, receipt.provider_id
    part.answer = receipt.answer
    return Reply(answered=True)
