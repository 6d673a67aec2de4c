"""Create and update through the API: one transaction from the idempotency key to the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from flask import Response, g
from sqlalchemy.orm import Session

from automations.faults import crash
from automations.models.access.api_authentication import current_store
from automations.models.db.base import run_in_write
from automations.models.tables.store import Store
from automations.pipeline.intake import representation, take_records, vocabulary_cache
from automations.pipeline.intake.idempotency import KeyUsed, RequestKey, StoredAnswer, answer_once
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause, Received
from automations.web.api.problem_details import JSON, refuse
from automations.web.kit.request_causation import in_chain

REPLAYED = "Idempotency-Replayed"
Say = Callable[[Session, Store, list[Received]], StoredAnswer]


class NotThere(Exception):
    """The record to be changed is not in this store."""


@dataclass(frozen=True)
class WriteTask:
    """Items of one subject to write; `existing` is the number of a record that must exist."""

    subject: str
    items: list[Item]
    say: Say
    existing: str | None = None


def write(task: WriteTask, key: RequestKey | None) -> Response:
    """Perform the task, once per key, and return the answer."""
    store_id, told = g.store.id, Cause("api", g.api_key.name)
    now = dt.datetime.now(dt.UTC)

    def work(session: Session) -> StoredAnswer:
        store, cause = current_store(session, store_id), in_chain(session, told, store_id, now)
        return answer_once(session, store_id, key, now, lambda: _take(session, store, task, cause, now))

    try:
        answer = run_in_write(work)
        crash.at("api.stored")
        return response_of(answer)
    except KeyUsed as error:
        refuse(409, "Key already used", str(error))
    except NotThere:
        refuse(404, "Not found", f"This store has no such {task.subject}.")


def say_one(subject: str) -> Say:
    """Return a function that answers with the whole record and the outcome of the change."""

    def say(session: Session, store: Store, received: list[Received]) -> StoredAnswer:
        record = representation.of_received(session, store, subject, received[0])
        body = {"record": record} | _outcome(received[0])
        return _answer(body, 201 if received[0].created else 200)

    return say


def say_many(session: Session, store: Store, received: list[Received]) -> StoredAnswer:
    """Answer with the outcome of each change, in the order of the list."""
    return _answer(
        {"results": [{"id": change.id, "number": change.number} | _outcome(change) for change in received]},
        200,
    )


def _take(session: Session, store: Store, task: WriteTask, cause: Cause, now: dt.datetime) -> StoredAnswer:
    if task.existing and not representation.exists(session, store, task.subject, task.existing):
        raise NotThere
    words = vocabulary_cache.words_of(session, store)
    received = take_records.take(session, store, task.subject, task.items, cause, now, words)
    return task.say(session, store, received)


def _outcome(received: Received) -> dict[str, object]:
    outcome: dict[str, object] = {"created": received.created, "revision": received.revision}
    return outcome | {"triggers": received.triggers, "fired": received.fired}


def _answer(body: object, status: int) -> StoredAnswer:
    return StoredAnswer(status, msgspec.json.encode(body).decode())


def response_of(answer: StoredAnswer) -> Response:
    """Return the answer as a response, marked if it is replayed."""
    response = Response(answer.body, answer.status, mimetype=JSON)
    if answer.replayed:
        response.headers[REPLAYED] = "true"
    return response
