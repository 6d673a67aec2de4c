"""Where shops, tills and carriers send what happens: one address for each connection."""

from __future__ import annotations

import datetime as dt
import logging

from flask import Blueprint, Response, abort, jsonify, request

from automations.connectors.secret_encryption import SecretUnreadable
from automations.connectors.sources.all_sources import SOURCES
from automations.connectors.sources.shop_messages import ShopRequest
from automations.models.db.base import db, is_unavailable, run_in_write
from automations.models.settings import shop_connections
from automations.models.tables.shop_connection import ShopConnection
from automations.pipeline.sources import delivery_intake
from automations.pipeline.sources.outcome import Outcome
from automations.web.api import shop_refusals
from automations.web.kit.secret_box import secret_box
from automations.web.kit.site_address import site_address
from automations.web.request import denied_log

log = logging.getLogger("automations.shops")
bp = Blueprint("shop_deliveries", __name__, url_prefix="/hooks")


@bp.post("/<kind>/<token>")
def create(kind: str, token: str) -> Response:
    """Take one delivery. Whatever is understood or kept is answered 200: a refusal switches webhooks off."""
    connection = (shop_connections.find(db.session(), kind, token) if kind in SOURCES else None) or abort(404)
    source, now = SOURCES[kind], dt.datetime.now(dt.UTC)
    sent = ShopRequest(
        request.get_data(),
        {name.lower(): value for name, value in request.headers.items()},
        site_address() + request.path,
        request.args.to_dict(),
        connection.options,
    )
    if source.is_greeting(sent):
        return jsonify(detail="Hello.")
    keys = _keys_of(connection, now)
    is_open = source.address_is_enough and not keys
    if not is_open and not ((keys or source.is_mapped) and source.is_genuine(sent, keys, now)):
        return _refused(connection.id, shop_refusals.why(sent, source, has_keys=bool(keys)), now)
    connection_id = connection.id
    outcome = _taken(connection_id, sent, now)
    return jsonify(outcome=outcome.state, detail=outcome.sentence)


def _taken(connection_id: int, sent: ShopRequest, now: dt.datetime) -> Outcome:
    """Take it; after an error of our own keep it as it came, because some shops never send again."""
    try:
        return run_in_write(lambda session: delivery_intake.take(session, connection_id, sent, now))
    except Exception as error:
        if is_unavailable(error):
            raise
        log.exception("A delivery of shop connection %s was not taken, and is kept.", connection_id)
        why = error
    return run_in_write(lambda session: delivery_intake.keep_failed(session, connection_id, sent, why, now))


def _refused(connection_id: int, why: str, now: dt.datetime) -> Response:
    denied_log.log("signature", f"shop connection {connection_id}")
    run_in_write(lambda session: delivery_intake.refuse(session, connection_id, why, now))
    abort(401, why)


def _keys_of(connection: ShopConnection, now: dt.datetime) -> list[str]:
    try:
        return shop_connections.valid_secrets(connection, secret_box(), now)
    except SecretUnreadable:
        abort(503, "The secret cannot be read. Enter it again in the settings.")
