"""Settings: a test email to the signed-in person through the mail server."""

from __future__ import annotations

import datetime as dt
import secrets

from flask import Blueprint, flash, g, redirect, url_for
from werkzeug.wrappers import Response

from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import EmailConnector, OutgoingEmail, Refused, TryAgain, Uncertain
from automations.connectors.secret_encryption import SecretUnreadable
from automations.models.access import action_rate_limit, audit
from automations.models.db.base import db, write
from automations.models.settings import email_server
from automations.pipeline.providers.store_connectors import email_connector, sender_of
from automations.pipeline.providers.test_message import mailbox_row
from automations.web.kit.secret_box import secret_box
from automations.web.settings import provider_tests

bp = Blueprint("email_tests", __name__, url_prefix="/settings/email/tests")


@bp.post("")
def create() -> Response:
    store_id, user_id = g.store.id, g.user.id
    if provider_tests.too_often():
        return redirect(url_for("email_settings.edit"), 303)
    try:
        connector = email_connector(db.session(), store_id, secret_box())
        email = _email()
        # A mail server may take long to answer; an open transaction would block others meanwhile.
        db.session.rollback()
        result, sent = _send(connector, email)
    except SecretUnreadable as error:
        connector, email, result, sent = None, None, str(error), False
    with write() as session:
        now = dt.datetime.now(dt.UTC)
        if connector and connector.key == email_server.KIND:
            email_server.keep_result(session, store_id, result, now)
        if connector and email and sent:
            session.add(mailbox_row(store_id, connector, email, now))
        about = {"store_id": store_id, "user_id": user_id, "after": result}
        audit.note(session, action=action_rate_limit.TESTED, about="email server", **about)
    flash(result, "success" if sent else "error")
    return redirect(url_for("email_settings.edit"), 303)


def _email() -> OutgoingEmail:
    return OutgoingEmail(
        to=EmailContact.parse(g.user.email, g.user.name),
        sender=sender_of(g.store),
        subject=f"A test from {g.store.name}",
        text=f"Hello {g.user.name},\n\nthis is a test. The email settings of {g.store.name} work.\n",
        key=f"test-{secrets.token_hex(8)}",
    )


def _send(connector: EmailConnector, email: OutgoingEmail) -> tuple[str, bool]:
    try:
        receipt = connector.send(email)
    except (Refused, TryAgain, Uncertain) as error:
        return f"The test was not sent. {error}", False
    return receipt.told("The test", email.to.address), True
