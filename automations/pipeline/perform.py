"""The outside effects, each behind its own committed attempt. Before: guard. After: record.

Returns outcomes and raises for nothing a provider says. Run again after a crash, it leaves alone
what was sent, tries again what has a key, and calls uncertain what else was begun without an answer.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.base import HTTP, INSIDE, Prepared, Skipped
from automations.connectors.allowed import host_of
from automations.connectors.delivery import Gone, Receipt, Refused, TryAgain, Uncertain
from automations.connectors.registry import Connectors
from automations.connectors.secrets import SecretBox
from automations.models.base import db, in_write
from automations.models.callers import store_now
from automations.models.choices import StoreWords
from automations.models.run import Attempt
from automations.models.store import Store
from automations.pipeline import breaker, endpoints, guard, job
from automations.pipeline.answers import NotYet, answers_for
from automations.pipeline.connections import connectors_for
from automations.pipeline.consent import MARKETING, with_consent
from automations.pipeline.intake_words import words_of
from automations.pipeline.job import Earlier, Job, Outcome, Part
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
) -> list[Outcome]:
    """Do what is still to be done of these runs. Needs an application context.

    When `go_on` says no, what is begun comes to its end and everything else is given back.
    """
    jobs = in_write(lambda session: guard.claim(session, run_ids, workflow_id, clock()))
    ends = time.monotonic() + BUDGET
    stores: dict[int, _Store] = {}
    outcomes = []
    for one in jobs:
        if time.monotonic() > ends or not go_on():
            outcomes.append(job.released(one))
            continue
        outcomes.append(_perform(one, stores, box, clock, go_on))
    db.session.rollback()
    return outcomes


def _perform(one: Job, stores: dict[int, _Store], box: SecretBox, clock: Clock, go_on: GoOn) -> Outcome:
    if one.kind not in ACTIONS:
        return job.failed(one, f"This version of the program does not know the action “{one.kind}”.")
    try:
        if one.store_id not in stores:
            stores[one.store_id] = _store(one.store_id, box, clock())
        around = stores[one.store_id]
        endpoints.skip_if_closed(db.session(), one)
        return _send_all(one, _prepare(one, around, clock), around.connectors, clock, go_on)
    except Skipped as skipped:
        return job.skipped(one, skipped.reason)
    except NotYet as not_yet:
        return job.released(one, not_yet.seconds, not_yet.reason)


def _store(store_id: int, box: SecretBox, now: dt.datetime) -> _Store:
    session = db.session()
    # Belongs to no session: each attempt is a transaction of its own, and after each the store was read anew.
    store = store_now(session, store_id)
    connectors = connectors_for(session, store_id, box, now)
    return _Store(store, words_of(session, store), team_of(session, store_id), connectors)


def _prepare(one: Job, around: _Store, clock: Clock) -> list[Prepared]:
    """The messages as they were rendered at the first try, else as they render now."""
    if one.earlier:
        return [Prepared.from_data(one.earlier[part].prepared) for part in sorted(one.earlier)]
    if one.prepared:
        return [Prepared.from_data(message) for message in one.prepared]
    answers = answers_for(db.session(), one.evaluation_id, one.settings, clock())
    record = (one.subject, one.snapshot, answers, around.team)
    situation = situation_for(db.session(), around.store, around.words, *record)
    if one.kind in MARKETING:
        situation = with_consent(db.session(), situation, around.store, one.snapshot)
    return ACTIONS[one.kind].prepare(one.settings, situation)


def _send_all(
    one: Job, prepared: list[Prepared], connectors: Connectors, clock: Clock, go_on: GoOn
) -> Outcome:
    parts = [
        _part(place, message, connectors, one.earlier.get(place)) for place, message in enumerate(prepared)
    ]
    open_parts = [part for part in parts if part.result == job.STARTED]
    outside = [part for part in open_parts if connectors.of(part.channel).outside]
    if outside:
        in_write(lambda session: _begin(session, one, outside, connectors, clock()))
    after = None
    for part in open_parts:
        said = _send(one, part, connectors, go_on)
        after = max(after or 0, said.after) if said.after else after
        if part in outside:
            _note(one, part, said, host_called(part, connectors), clock())
    return job.outcome_of(one, parts, after)


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


def _begin(session: Session, one: Job, parts: list[Part], connectors: Connectors, now: dt.datetime) -> None:
    """Write the attempts down, unless one of the hosts is not to be called now. Raises NotYet."""
    for host in filter(None, {host_called(part, connectors) for part in parts}):
        until = breaker.wait_for(session, one.store_id, host, now)
        if until:
            raise NotYet(math.ceil((until - now).total_seconds()), breaker.sentence(host))
    session.execute(sa.insert(Attempt), _attempts(one, parts, now))


def host_called(part: Part, connectors: Connectors) -> str:
    """The host that gets this part: of its URL, or the one of its connector."""
    url = str((part.prepared.get("extra") or {}).get("url") or "")
    return host_of(url) if part.channel == HTTP else connectors.of(part.channel).host


def _attempts(one: Job, parts: list[Part], now: dt.datetime) -> list[dict[str, object]]:
    return [
        {"run_id": one.run_id, "part": part.part, "number": one.number, "result": job.STARTED}
        | {"prepared": part.prepared, "started_at": now}
        for part in parts
    ]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a provider let us know beside the result of the part."""

    after: int | None = None
    down: bool = False
    gone: bool = False
    answered: bool = False


def _send(one: Job, part: Part, connectors: Connectors, go_on: GoOn) -> _Said:
    """Try to send; the result is in the part, what else was said is returned."""
    if not go_on():
        part.result, part.detail = job.TRY_AGAIN, STOPPED
        return _Said()
    try:
        key = f"run-{one.run_id}-{part.part}"
        receipt: Receipt = ACTIONS[one.kind].perform(job.prepared_of(part), connectors, key)
    except TryAgain as error:
        part.result, part.detail, part.answer = job.TRY_AGAIN, str(error), error.answer
        return _Said(error.after, error.down, answered=error.answer is not None and not error.down)
    except Refused as error:
        part.result, part.detail, part.answer = job.REFUSED, str(error), error.answer
        return _Said(gone=isinstance(error, Gone), answered=error.answer is not None)
    except Uncertain as error:
        part.result, part.detail = job.UNCERTAIN, str(error)
        return _Said()
    part.result, part.detail, part.provider_id = job.SENT, receipt.detail, receipt.provider_id
    part.answer = receipt.answer
    return _Said(answered=True)


def _note(one: Job, part: Part, said: _Said, host: str, now: dt.datetime) -> None:
    told: dict[str, object] = {"result": part.result, "detail": part.detail, "answer": part.answer}
    values = told | {"provider_id": part.provider_id, "finished_at": now}
    mine = sa.and_(Attempt.run_id == one.run_id, Attempt.part == part.part, Attempt.number == one.number)

    def work(session: Session) -> None:
        session.execute(sa.update(Attempt).where(mine).values(**values))
        if host and said.down:
            breaker.failed(session, one.store_id, host, part.detail, now)
        elif host and said.answered:
            breaker.answered(session, one.store_id, host, now)
        if said.gone:
            endpoints.close(session, one, now)

    in_write(work)
    part.kept, part.answer = True, None
