"""Test the builder's draft on a record, and send one of its messages to the signed-in person."""

from __future__ import annotations

import datetime as dt
import secrets

from flask import Blueprint, Response, g, request

from automations.actions.base import Prepared
from automations.connectors.contacts import InvalidContact
from automations.connectors.email import Refused, TryAgain, Uncertain
from automations.connectors.secrets import SecretUnreadable
from automations.models import rates
from automations.models.automation import Automation
from automations.models.base import db, write
from automations.pipeline.connections import email_connector
from automations.pipeline.send_test import keep, own_copy
from automations.web import builder_saving
from automations.web.builder_try import TryCard, try_card
from automations.web.email_settings import box
from automations.web.scope import automation_or_404

bp = Blueprint("automation_test_fires", __name__, url_prefix="/automations/<int:automation_id>")

TRY = "automations/_try_answer.html"
NOTHING = "There is no message to send: with this record the automation would send nothing."
FAILURES = (InvalidContact, Refused, TryAgain, Uncertain, SecretUnreadable)


@bp.post("/test-fires")
def create(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    words = builder_saving.words_of_store()
    sent = builder_saving.sent_form(words)
    if sent.refusal:
        return builder_saving.over_limit(automation, sent)
    action = rates.SENT if request.form.get("send") else rates.TRIED
    refusal = rates.refusal(db.session(), g.user.id, action, dt.datetime.now(dt.UTC))
    if refusal:
        return builder_saving.page(automation, sent, 429, fragment=TRY, told=refusal, went=False)
    told, went = "", True
    if action == rates.SENT:
        told, went = _send(automation, try_card(g.store, words, sent.data, sent.record))
    else:
        _note_trial(automation, sent.record)
    return builder_saving.page(automation, sent, fragment=TRY, told=told, went=went)


def _note_trial(automation: Automation, record: str) -> None:
    with write():
        builder_saving.note_change(rates.TRIED, automation, dt.datetime.now(dt.UTC), after={"on": record})


def _send(automation: Automation, trial: TryCard | None) -> tuple[str, bool]:
    """Send the chosen message. Return what became of it as a sentence, and whether it was sent."""
    messages = trial.messages if trial else []
    place = request.form.get("send", "1")
    by_place = {str(number): message for number, message in enumerate(messages, start=1)}
    return _send_one(automation, by_place[place]) if place in by_place else (NOTHING, False)


def _send_one(automation: Automation, message: Prepared) -> tuple[str, bool]:
    user_id = g.user.id
    try:
        email = own_copy(message, g.user, f"test-{secrets.token_hex(8)}")
        connector = email_connector(db.session(), g.store.id, box())
        # A mail server may be slow to answer, and no transaction may stay open meanwhile.
        db.session.rollback()
        receipt = connector.send(email)
    except FAILURES as error:
        with write():
            builder_saving.note_change(rates.SENT, automation, dt.datetime.now(dt.UTC), after=str(error))
        return f"The test did not go out. {error}", False
    with write() as session:
        keep(session, automation, email, connector, receipt, user_id, dt.datetime.now(dt.UTC))
    return f"Sent to {email.to.address}: {receipt.detail}.", True
