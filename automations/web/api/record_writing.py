"""Create and update through the API: one transaction from the idempotency key to the answer."""

from __future__ import annotations

import msgspec
from flask import Response
from flask.globals import app_ctx
from sqlalchemy.orm import Session

from automations.models.tables.store import Store
from automations.pipeline.intake import joint_intake, representation
from automations.pipeline.intake.idempotency import KeyUsed, RequestKey, StoredAnswer
from automations.pipeline.intake.intake_task import IntakeTask, NotThere, Say
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause, Received
from automations.web.api.problem_details import JSON, refuse
from automations.web.kit.request_causation import chain_of_request

REPLAYED = "Idempotency-Replayed"


def write(
    subject: str, items: list[Item], say: Say, key: RequestKey | None, existing: str | None = None
) -> Response:
    """Write items of one subject, once per key, and return the answer.

    `existing` is the number of a record that must exist.
    """
    found = app_ctx.g
    cause, chain = Cause("api", found.api_key.name), chain_of_request(found.store.id)
    caller = found.api_key if found.unconfirmed else None
    task = IntakeTask(found.store.id, subject, items, say, cause, key, existing, chain=chain, caller=caller)
    try:
        answer = joint_intake.take(task)
        found.unconfirmed = False
        return response_of(answer)
    except KeyUsed as error:
        found.unconfirmed = False
        refuse(409, "Key already used", str(error))
    except NotThere:
        found.unconfirmed = False
        refuse(404, "Not found", f"This store has no such {subject}.")


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
