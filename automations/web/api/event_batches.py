"""A batch of CloudEvents in one signed message: all of it can be read, or nothing is written."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import Any

from flask import Response

from automations.connectors import cloud_events, standard_webhooks
from automations.connectors.standard_webhooks import NotAWebhookEvent, WebhookEvent
from automations.engine.rules.rule_check import Problem
from automations.models.db.base import db, run_in_write
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.store import Store
from automations.pipeline.intake import joint_intake, reading, webhook_intake
from automations.pipeline.intake.idempotency import KeyUsed, RequestKey, StoredAnswer
from automations.pipeline.intake.reading import IntakeRefused, Item, RequestNotJson
from automations.pipeline.intake.vocabulary_cache import reader_of
from automations.pipeline.records.change import Cause
from automations.web.api.problem_details import answer, problem
from automations.web.kit.request_causation import chain_of_request

_NOT_ABOUT = "This is not about an order, an event or a customer."
_TWICE = "It is in this batch twice, and is accepted once."


@dataclass(frozen=True)
class _Entry:
    """One event of a batch; `item` is its record if it is one that is taken."""

    id: str
    event: WebhookEvent
    key: RequestKey
    item: Item | None
    is_repeated: bool


def take(hook: InboundHook, message_id: str, body: bytes, now: dt.datetime) -> Response:
    """Take the events in their order, each in a transaction of its own; a repeated one goes on where it was.

    The answer is a list with what became of each.
    """
    store_id, name, source = hook.store_id, hook.name, f"webhook {hook.id}"
    try:
        entries = _entries(hook, message_id, body)
    except NotAWebhookEvent as error:
        return problem(400, "Not a batch", str(error))
    except IntakeRefused as error:
        return problem(422, "Not accepted", "Nothing was written.", error.problems)
    try:
        return answer([_taken(store_id, name, source, entry, now) for entry in entries])
    except KeyUsed:
        return used()


def used() -> Response:
    """Answer a message whose id came before with something else."""
    return problem(409, "Another message", "An earlier message with this id had different content.")


def _entries(hook: InboundHook, message_id: str, body: bytes) -> list[_Entry]:
    """Read all events. Raises NotAWebhookEvent, and IntakeRefused with every problem by its place."""
    entries: list[_Entry] = []
    problems: list[Problem] = []
    store, names = db.session.get_one(Store, hook.store_id), set()
    for place, event in enumerate(cloud_events.read_batch(body)):
        named = cloud_events.name_of(event)
        key = webhook_intake.message(hook.id, f"{message_id} {place}", body)
        is_repeated = bool(named.id) and (named.id, named.source) in names
        names.add((named.id, named.source))
        try:
            sent = standard_webhooks.read(event)
            item = _item(store, sent)
        except (NotAWebhookEvent, RequestNotJson) as error:
            problems.append(Problem(str(place), str(error)))
        except IntakeRefused as error:
            problems += [
                Problem(f"{place}.data.{one.path}".rstrip("."), one.sentence) for one in error.problems
            ]
        else:
            entries.append(_Entry(named.id, sent, key, item, is_repeated))
    if problems:
        raise IntakeRefused(problems)
    return entries


def _item(store: Store, sent: WebhookEvent) -> Item | None:
    if not sent.subject or not sent.is_taken:
        return None
    return reading.read_one(sent.record, reader_of(db.session(), store, sent.subject))


def _taken(store_id: int, name: str, source: str, entry: _Entry, now: dt.datetime) -> dict[str, Any]:
    """Take one event and return what became of it. Raises KeyUsed."""
    if entry.is_repeated:
        return {"id": entry.id, "status": 200, "detail": _TWICE}
    if not entry.event.subject:
        return {"id": entry.id, "status": 202, "detail": _NOT_ABOUT}
    if entry.item is None:
        declined = _decline(store_id, name, entry, now)
        return {"id": entry.id, "status": declined.status, "detail": json.loads(declined.body)}
    task = webhook_intake.task(store_id, Cause("api", name), entry.key, entry.event, entry.item, source)
    done = joint_intake.take(replace(task, chain=chain_of_request(store_id)))
    return {"id": entry.id, "status": done.status, **json.loads(done.body)}


def _decline(store_id: int, name: str, entry: _Entry, now: dt.datetime) -> StoredAnswer:
    return run_in_write(
        lambda session: webhook_intake.decline(session, store_id, name, entry.key, entry.event, now)
    )
