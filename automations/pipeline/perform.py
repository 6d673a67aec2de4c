"""The outside effects, each behind its own committed attempt. Before: guard. After: record.

Returns outcomes and raises for nothing a provider says. Run again after a crash, it leaves alone
what was sent, tries again what has a key, and calls uncertain what else was begun without an answer.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.base import INSIDE, Prepared, Skipped
from automations.connectors.delivery import Gone, Receipt, Refused, TryAgain, Uncertain
from automations.connectors.registry import Connectors
from automations.connectors.secrets import SecretBox
from automations.faults import crash
from automations.models.base import db, in_read, in_write
from automations.models.callers import store_now
from automations.models.choices import StoreWords
from automations.models.store import Store
from automations.pipeline import attempts, guard, job, may_send
from automations.pipeline.answers import NotYet, answers_for
from automations.pipeline.attempts import Notes, Opened, Said
from automations.pipeline.connections import connectors_for
from automations.pipeline.consent import MARKETING, with_consent
from automations.pipeline.intake_words import words_of
from automations.pipeline.job import Earlier, Job, Part, RunOutcome
from automations.pipeline.situation import Team, situation_for, team_of

#: Seconds one workflow may take, so that a slow provider does not hold its workflow-mates.
BUDGET = 60.0
UNANSWERED = "The program stopped after this was handed over and before an answer came."
STOPPED = "The program was stopped before this left; it is tried again."

Clock = Callable[[], dt.datetime]
#: Whether there is time to begin something more.
GoOn = Callable[[], bool]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Store:
    store: Store
    words: StoreWords
    team: Team
    connectors: Connectors


def perform(
    run_ids: Sequence[int], workflow_id: str, box: SecretBox, clock: Clock, go_on: GoOn = _always
) -> list[RunOutcome]:
    """Do what is still to be done of these runs. Needs an application context.

    When `go_on` says no, what is begun comes to its end and everything else is given back.
    """
    jobs = in_write(lambda session: guard.claim(session, run_ids, workflow_id, clock()), repeatable=True)
    crash.at("claim.committed")
    ends = time.monotonic() + BUDGET
    found = in_read(lambda session: _open_all(session, jobs, box, clock))
    attempts.begin_all([one for one in found if isinstance(one, Opened) and one.keyed], clock())
    notes = Notes(clock)
    outcomes = []
    for one in found:
        if isinstance(one, RunOutcome):
            outcomes.append(one)
        elif time.monotonic() > ends or not go_on():
            notes.forget(one)
            outcomes.append(job.released(one.job))
        else:
            outcomes.append(_perform(one, notes, clock, go_on))
    notes.write()
    db.session.rollback()
    crash.at("perform.done")
    return outcomes


def _open_all(
    session: Session, jobs: Sequence[Job], box: SecretBox, clock: Clock
) -> list[Opened | RunOutcome]:
    stores: dict[int, _Store] = {}
    return [_open(session, one, stores, box, clock) for one in jobs]


def _open(
    session: Session, one: Job, stores: dict[int, _Store], box: SecretBox, clock: Clock
) -> Opened | RunOutcome:
    """The run as it is to be sent, or what became of it already."""
    if one.kind not in ACTIONS:
        return job.failed(one, f"This version of the program does not know the action “{one.kind}”.")
    try:
        if one.store_id not in stores:
            stores[one.store_id] = _store(session, one.store_id, box, clock())
        around = stores[one.store_id]
        may_send.is_wanted(session, one)
        prepared = enumerate(_prepare(session, one, around, clock))
        earlier, connectors = one.earlier, around.connectors
        parts = [_part(place, message, connectors, earlier.get(place)) for place, message in prepared]
        return Opened(one, parts, connectors)
    except Skipped as skipped:
        return job.skipped(one, skipped.reason)
    except NotYet as not_yet:
        return job.released(one, not_yet.seconds, not_yet.reason)


def _perform(one: Opened, notes: Notes, clock: Clock, go_on: GoOn) -> RunOutcome:
    """Send it, unless its host or address is not to be called any more."""
    try:
        if notes.alarm:
            notes.forget(one)
        if not one.begun:
            # What came of the ones before says whether this one may leave.
            notes.write()
            if not attempts.begin(one, clock()):
                return job.released(one.job)
    except Skipped as skipped:
        return job.skipped(one.job, skipped.reason)
    except NotYet as not_yet:
        return job.released(one.job, not_yet.seconds, not_yet.reason)
    return _send_all(one, notes, go_on)


def _store(session: Session, store_id: int, box: SecretBox, now: dt.datetime) -> _Store:
    # Belongs to no session: each attempt is a transaction of its own, and after each the store was read anew.
    store = store_now(session, store_id)
    connectors = connectors_for(session, store_id, box, now)
    return _Store(store, words_of(session, store), team_of(session, store_id), connectors)


def _prepare(session: Session, one: Job, around: _Store, clock: Clock) -> list[Prepared]:
    """The messages as they were rendered at the first try, else as they render now."""
    if one.earlier:
        return [Prepared.from_data(one.earlier[part].prepared) for part in sorted(one.earlier)]
    if one.prepared:
        return [Prepared.from_data(message) for message in one.prepared]
    answers = answers_for(session, one.evaluation_id, one.settings, clock())
    record = (one.subject, one.snapshot, answers, around.team)
    situation = situation_for(session, around.store, around.words, *record)
    if one.kind in MARKETING:
        situation = with_consent(session, situation, around.store, one.snapshot)
    return ACTIONS[one.kind].prepare(one.settings, situation)


def _send_all(one: Opened, notes: Notes, go_on: GoOn) -> RunOutcome:
    after = None
    for part in one.to_send:
        crash.at("send.begun")
        said = _send(one.job, part, one.connectors, go_on)
        crash.at("send.ended")
        after = max(after or 0, said.after) if said.after else after
        if part in one.outside:
            notes.add(one, part, said)
    return job.outcome_of(one.job, one.parts, after)


def _part(place: int, message: Prepared, connectors: Connectors, earlier: Earlier | None) -> Part:
    """Sent is sent; begun and never answered is uncertain, unless its key makes a second try safe.

    What stays inside counts as sent here: `record` writes it, or says why it could not.
    """
    data = message.to_data()
    connector = INSIDE if message.channel == INSIDE else connectors.of(message.channel).key
    if earlier and earlier.result == job.SENT:
        return Part(place, job.SENT, earlier.detail, data, connector, earlier.provider_id, kept=True)
    if message.channel == INSIDE:
        return Part(place, job.SENT, "", data, connector)
    begun = earlier is not None and earlier.result in (job.STARTED, job.UNCERTAIN)
    if earlier and begun and not connectors.of(message.channel).keyed:
        return Part(place, job.UNCERTAIN, earlier.detail or UNANSWERED, data, connector, kept=True)
    return Part(place, job.STARTED, "", data, connector)


def _send(one: Job, part: Part, connectors: Connectors, go_on: GoOn) -> Said:
    """Try to send; the result is in the part, what else was said is returned."""
    if not go_on():
        part.result, part.detail = job.TRY_AGAIN, STOPPED
        return Said()
    try:
        key = job.key_of(one.run_id, part.part)
        receipt: Receipt = ACTIONS[one.kind].perform(job.prepared_of(part), connectors, key)
    except TryAgain as error:
        part.result, part.detail, part.answer = job.TRY_AGAIN, str(error), error.answer
        return Said(error.after, error.down, answered=error.answer is not None and not error.down)
    except Refused as error:
        part.result, part.detail, part.answer = job.REFUSED, str(error), error.answer
        return Said(gone=isinstance(error, Gone), answered=error.answer is not None)
    except Uncertain as error:
        part.result, part.detail = job.UNCERTAIN, str(error)
        return Said()
    part.result, part.detail, part.provider_id = job.SENT, receipt.detail, receipt.provider_id
    part.answer = receipt.answer
    return Said(answered=True)
