"""Incoming webhooks: addresses that other services call. Every call carries a signature."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from dataclasses import replace

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session

from automations.connectors import cloud_events, standard_webhooks
from automations.connectors import easypost as carrier
from automations.connectors.secret_encryption import SecretUnreadable
from automations.connectors.standard_webhooks import WebhookEvent
from automations.models.db.base import db, run_in_write
from automations.models.settings import providers
from automations.models.settings import webhook_endpoints as inbound_hooks
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.store import Connection, Store
from automations.pipeline.intake import carrier_updates, joint_intake, reading, webhook_intake
from automations.pipeline.intake.idempotency import KeyUsed, RequestKey, StoredAnswer
from automations.pipeline.intake.vocabulary_cache import reader_of
from automations.pipeline.records.change import Cause
from automations.web.api import event_batches
from automations.web.api.problem_details import problem
from automations.web.kit.request_causation import chain_of_request, in_chain
from automations.web.kit.scope import LARGEST_ID
from automations.web.kit.secret_box import secret_box
from automations.web.request import denied_log

bp = Blueprint("hooks", __name__, url_prefix="/hooks")


@bp.post("/easypost/<token>")
def easypost(token: str) -> Response:
    connection, body = _connection_or_404(token), request.get_data()
    secret, store_id = _secret_of(connection), connection.store_id
    if not carrier.is_genuine(body, request.headers.get(carrier.HEADER, ""), secret):
        denied_log.log("signature", f"carrier of store {store_id}")
        abort(401, "The signature does not match. Check that both sides have the same secret.")
    try:
        event = carrier.read(body)
    except carrier.NotAnEasyPostEvent as error:
        abort(400, str(error))
    now = dt.datetime.now(dt.UTC)

    def work(session: Session) -> StoredAnswer:
        return carrier_updates.take(
            session, store_id, event, in_chain(session, carrier_updates.CAUSE, store_id), now
        )

    answer = run_in_write(work)
    return Response(answer.body, answer.status, mimetype="application/json")


@bp.post("/records/<token>")
def records(token: str) -> Response:
    """Take what is sent as a Standard Webhook or as CloudEvents; the signature is a Standard Webhook's."""
    hook, body, now = inbound_hooks.find(db.session(), token) or abort(404), request.get_data(), _now()
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not standard_webhooks.is_genuine(body, headers, _keys_of(hook, now)):
        denied_log.log("signature", f"hook {hook.id}")
        abort(401, "The signature does not match, or the message is more than five minutes old.")
    message_id = standard_webhooks.signature_of(headers)["webhook-id"]
    if cloud_events.is_batch(headers.get("content-type", "")):
        return event_batches.take(hook, message_id, body, now)
    message = webhook_intake.message(hook.id, message_id, cloud_events.content(body, headers))
    store_id, name, source = hook.store_id, hook.name, f"webhook {hook.id}"
    try:
        sent = cloud_events.read(body, headers)
        if not sent.subject:
            return problem(202, "Not taken", "This is not about an order, an event or a customer.")
        if not sent.is_taken:
            return _declined(store_id, name, message, sent, now)
        store = db.session.get_one(Store, store_id)
        item = reading.read_one(sent.record, reader_of(db.session(), store, sent.subject))
    except (standard_webhooks.NotAWebhookEvent, reading.RequestNotJson) as error:
        return problem(400, "Not an event", str(error))
    except reading.IntakeRefused as error:
        return problem(422, "Not accepted", "Nothing was written.", error.problems)

    task = webhook_intake.task(store_id, Cause("api", name), message, sent, item, source)
    try:
        answer = joint_intake.take(replace(task, chain=chain_of_request(store_id)))
    except KeyUsed:
        return event_batches.used()
    response = Response(answer.body, answer.status, mimetype="application/json")
    return _with_replayed(response, answer)


def _declined(store_id: int, name: str, key: RequestKey, sent: WebhookEvent, now: dt.datetime) -> Response:
    """Answer an event that is not taken, and keep it in the audit."""
    try:
        answer = run_in_write(lambda session: webhook_intake.decline(session, store_id, name, key, sent, now))
    except KeyUsed:
        return event_batches.used()
    return _with_replayed(problem(answer.status, "Not taken", json.loads(answer.body)), answer)


def _with_replayed(response: Response, answer: StoredAnswer) -> Response:
    response.headers["Idempotency-Replayed"] = "true" if answer.replayed else "false"
    return response


def _keys_of(hook: InboundHook, now: dt.datetime) -> list[str]:
    try:
        return inbound_hooks.valid_secrets(hook, secret_box(), now)
    except SecretUnreadable:
        abort(503, "The secret cannot be read. Make a new one in the settings.")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _secret_of(connection: Connection) -> str:
    try:
        return secret_box().decrypt(connection.secret or "")
    except SecretUnreadable:
        abort(503, "The secret cannot be read. Enter it again in the settings.")


def _connection_or_404(token: str) -> Connection:
    """Return the store's connection if `token` is its complete token; abort with 404 otherwise."""
    number = token.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        abort(404)
    connection = providers.find(db.session(), min(int(number), LARGEST_ID), providers.EASYPOST)
    expected = str(connection.settings.get("token", "")) if connection and connection.secret else ""
    if connection is None or not expected or not hmac.compare_digest(expected.encode(), token.encode()):
        abort(404)
    return connection
