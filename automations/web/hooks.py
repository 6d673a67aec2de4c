"""Addresses that other services call. Each call carries a signature; no browser makes one."""

from __future__ import annotations

import datetime as dt
import hmac

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session

from automations.connectors import easypost as carrier
from automations.connectors.secrets import SecretUnreadable
from automations.models import providers
from automations.models.base import db, in_write
from automations.models.store import Connection
from automations.pipeline import trackers
from automations.pipeline.intake_once import Answer
from automations.web.chain import in_chain
from automations.web.email_settings import box
from automations.web.scope import LARGEST_ID

bp = Blueprint("hooks", __name__, url_prefix="/hooks")


@bp.post("/easypost/<token>")
def easypost(token: str) -> Response:
    connection, body = _connection_or_404(token), request.get_data()
    secret, store_id = _secret_of(connection), connection.store_id
    if not carrier.is_genuine(body, request.headers.get(carrier.HEADER, ""), secret):
        abort(401, "The signature does not fit. Check that both sides have the same secret.")
    try:
        event = carrier.read(body)
    except carrier.NotAnEvent as error:
        abort(400, str(error))
    now = dt.datetime.now(dt.UTC)

    def work(session: Session) -> Answer:
        return trackers.take(session, store_id, event, in_chain(session, trackers.CAUSE, store_id, now), now)

    answer = in_write(work)
    return Response(answer.body, answer.status, mimetype="application/json")


def _secret_of(connection: Connection) -> str:
    try:
        return box().decrypt(connection.secret or "")
    except SecretUnreadable:
        abort(503, "The secret cannot be read. Type it again in the settings.")


def _connection_or_404(token: str) -> Connection:
    """The store's connection, if this is its whole token."""
    number = token.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        abort(404)
    found = providers.find(db.session(), min(int(number), LARGEST_ID), providers.EASYPOST)
    known = str(found.settings.get("token", "")) if found and found.secret else ""
    if found is None or not known or not hmac.compare_digest(known.encode(), token.encode()):
        abort(404)
    return found
