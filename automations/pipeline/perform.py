"""The outside effects, each behind its own committed attempt. Before: guard. After: record.

Returns outcomes and raises for nothing a provider says. Run again after a crash, it leaves alone
what was sent, and calls uncertain what was begun without an answer.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from automations.actions import ACTIONS
from automations.actions.base import Prepared, Skipped
from automations.connectors.email import Receipt, Refused, TryAgain, Uncertain
from automations.connectors.registry import Connectors
from automations.connectors.secrets import SecretBox, SecretUnreadable
from automations.models.base import db, in_write
from automations.models.choices import StoreWords
from automations.models.run import Attempt
from automations.models.store import Store
from automations.pipeline import guard, job
from automations.pipeline.connections import connectors_for
from automations.pipeline.job import Earlier, Job, Outcome, Part
from automations.pipeline.situation import situation_for

#: Seconds one workflow may take, so that a slow provider does not hold its workflow-mates.
BUDGET = 60.0
UNANSWERED = "The program stopped after this was handed over and before an answer came."

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class _Store:
    store: Store
    words: StoreWords
    connectors: Connectors


def perform(run_ids: Sequence[int], workflow_id: str, box: SecretBox, clock: Clock) -> list[Outcome]:
    """Do what is still to be done of these runs. Needs an application context."""
    jobs = in_write(lambda session: guard.claim(session, run_ids, workflow_id))
    ends = time.monotonic() + BUDGET
    stores: dict[int, _Store] = {}
    outcomes = []
    for one in jobs:
        if time.monotonic() > ends:
            outcomes.append(job.released(one))
            continue
        outcomes.append(_perform(one, stores, box, clock))
    db.session.rollback()
    return outcomes


def _perform(one: Job, stores: dict[int, _Store], box: SecretBox, clock: Clock) -> Outcome:
    if one.kind not in ACTIONS:
        return job.failed(one, f"This version of the program does not know the action “{one.kind}”.")
    try:
        if one.store_id not in stores:
            stores[one.store_id] = _store(one.store_id, box)
        around = stores[one.store_id]
        return _send_all(one, _prepare(one, around), around.connectors, clock)
    except Skipped as skipped:
        return job.skipped(one, skipped.reason)
    except SecretUnreadable as error:
        return job.failed(one, f"{error} See the email settings.")


def _store(store_id: int, box: SecretBox) -> _Store:
    store = db.session.get_one(Store, store_id)
    words = StoreWords(db.session(), store)
    return _Store(store, words, connectors_for(db.session(), store_id, box))


def _prepare(one: Job, around: _Store) -> list[Prepared]:
    """The messages as they were rendered at the first try, else as they render now."""
    if one.earlier:
        return [Prepared.from_data(one.earlier[part].prepared) for part in sorted(one.earlier)]
    situation = situation_for(db.session(), around.store, around.words, one.subject, one.snapshot)
    return ACTIONS[one.kind].prepare(one.settings, situation)


def _send_all(one: Job, prepared: list[Prepared], connectors: Connectors, clock: Clock) -> Outcome:
    connector, outside = connectors.email.key, connectors.email.outside
    parts = [
        _part(place, message, connector, one.earlier.get(place)) for place, message in enumerate(prepared)
    ]
    open_parts = [part for part in parts if part.result == job.STARTED]
    if outside and open_parts:
        in_write(lambda session: session.execute(sa.insert(Attempt), _attempts(one, open_parts, clock())))
    after = None
    for part in open_parts:
        waits = _send(one, part, connectors)
        after = max(after or 0, waits) if waits else after
        if outside:
            _note(one, part, clock())
    return job.outcome_of(one, parts, after)


def _part(place: int, message: Prepared, connector: str, earlier: Earlier | None) -> Part:
    """Sent is sent; begun and never answered is uncertain; anything else is still to be done."""
    data = dict(message.to_data())
    if earlier and earlier.result == job.SENT:
        return Part(place, job.SENT, earlier.detail, data, connector, earlier.provider_id, kept=True)
    if earlier and earlier.result in (job.STARTED, job.UNCERTAIN):
        return Part(place, job.UNCERTAIN, earlier.detail or UNANSWERED, data, connector, kept=True)
    return Part(place, job.STARTED, "", data, connector)


def _attempts(one: Job, parts: list[Part], now: dt.datetime) -> list[dict[str, object]]:
    return [
        {"run_id": one.run_id, "part": part.part, "number": one.number, "result": job.STARTED}
        | {"prepared": part.prepared, "started_at": now}
        for part in parts
    ]


def _send(one: Job, part: Part, connectors: Connectors) -> int | None:
    """Try to send; returns the seconds the provider asked us to wait."""
    try:
        key = f"run-{one.run_id}-{part.part}"
        receipt: Receipt = ACTIONS[one.kind].perform(job.prepared_of(part), connectors, key)
    except TryAgain as error:
        part.result, part.detail = job.TRY_AGAIN, str(error)
        return error.after
    except (Refused, Uncertain) as error:
        part.result = job.REFUSED if isinstance(error, Refused) else job.UNCERTAIN
        part.detail = str(error)
        return None
    part.result, part.detail, part.provider_id = job.SENT, receipt.detail, receipt.provider_id
    return None


def _note(one: Job, part: Part, now: dt.datetime) -> None:
    values = {"result": part.result, "detail": part.detail, "provider_id": part.provider_id}
    mine = sa.and_(Attempt.run_id == one.run_id, Attempt.part == part.part, Attempt.number == one.number)
    in_write(
        lambda session: session.execute(sa.update(Attempt).where(mine).values(finished_at=now, **values))
    )
    part.kept = True
