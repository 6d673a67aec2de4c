"""Test the builder's draft on a record, and send one of its messages to the signed-in person."""

from __future__ import annotations

import datetime as dt
import secrets

from flask import Blueprint, Response, g, request

from automations.actions.shared.action_kind import Prepared
from automations.connectors.contacts import InvalidContact
from automations.connectors.email_message import Refused, TryAgain, Uncertain
from automations.connectors.secret_encryption import SecretUnreadable
from automations.models.access import action_rate_limit
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.pipeline.providers.store_connectors import email_connector
from automations.pipeline.providers.store_files import files_of
from automations.pipeline.providers.test_message import drop_copy, keep_copy, own_copy, record_sent
from automations.web.builder import submit
from automations.web.builder.try_it import TryCard, try_card
from automations.web.kit.scope import automation_or_new
from automations.web.kit.secret_box import secret_box

bp = Blueprint("automation_test_fires", __name__, url_prefix="/automations/<int:automation_id>")

TRY = "automations/_try_answer.html"
NOTHING = "There is no message to send: with this record the automation would send nothing."
FAILURES = (InvalidContact, Refused, TryAgain, Uncertain, SecretUnreadable)


@bp.post("/test-fires")
def create(automation_id: int) -> Response:
    automation = automation_or_new(automation_id)
    words = submit.words_of_store()
    sent = submit.sent_form(words)
    if sent.refusal:
        return submit.over_limit(automation, sent)
    action = action_rate_limit.SENT if request.form.get("send") else action_rate_limit.TRIED
    refusal = action_rate_limit.limit_message(db.session(), g.user.id, action, dt.datetime.now(dt.UTC))
    if refusal:
        return submit.page(automation, sent, 429, fragment=TRY, told=refusal, went=False)
    told, went = "", True
    if action == action_rate_limit.SENT:
        told, went = _send(automation, try_card(g.store, words, sent.data, sent.record))
    else:
        _note_trial(automation, sent.record)
    return submit.page(automation, sent, fragment=TRY, told=told, went=went)


def _note_trial(automation: Automation, record: str) -> None:
    with write():
        submit.note_change(action_rate_limit.TRIED, automation, dt.datetime.now(dt.UTC), after={"on": record})


def _send(automation: Automation, trial: TryCard | None) -> tuple[str, bool]:
    """Send the chosen message. Return what became of it as a sentence, and whether it was sent."""
    messages = trial.messages if trial else []
    place = request.form.get("send", "1")
    by_place = {str(number): message for number, message in enumerate(messages, start=1)}
    return _send_one(automation, by_place[place]) if place in by_place else (NOTHING, False)


def _send_one(automation: Automation, message: Prepared) -> tuple[str, bool]:
    user_id = g.user.id
    try:
        files = files_of(db.session(), g.store.id)
        email = own_copy(message, g.user, files, f"test-{secrets.token_hex(8)}")
        connector = email_connector(db.session(), g.store.id, secret_box())
    except FAILURES as error:
        return _failed(automation, error)
    with write() as session:
        copy_id = keep_copy(session, automation.store_id, connector, email, dt.datetime.now(dt.UTC), message)
    try:
        # A mail server may be slow to answer, and no transaction may stay open meanwhile.
        receipt = connector.send(email)
    except FAILURES as error:
        return _failed(automation, error, copy_id)
    with write() as session:
        record_sent(session, automation, copy_id, receipt, user_id, dt.datetime.now(dt.UTC))
    return receipt.told("The test", email.to.address), True


def _failed(automation: Automation, error: Exception, copy_id: int | None = None) -> tuple[str, bool]:
    with write() as session:
        if copy_id is not None:
            drop_copy(session, copy_id)
        submit.note_change(action_rate_limit.SENT, automation, dt.datetime.now(dt.UTC), after=str(error))
    return f"The test was not sent. {error}", False
