"""Settings: the token with which a shop's own API is asked for what its messages leave out."""

from __future__ import annotations

import datetime as dt
import re

from flask import Blueprint, abort, flash, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.connectors import egress
from automations.connectors.sources.all_sources import SOURCES
from automations.connectors.sources.shop_api import ShopAccess
from automations.connectors.sources.shop_source import ShopApi
from automations.models.db.base import write
from automations.models.settings import shop_connections
from automations.models.tables.shop_connection import ShopConnection
from automations.pipeline.sources import fetch_queue
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.secret_box import secret_box
from automations.web.shops import connecting

LONGEST = 500
bp = Blueprint("shop_access", __name__, url_prefix="/settings/shops")


@bp.post("/<int:shop_id>/access")
def update(shop_id: int) -> Response:
    connection = by_id_or_404(ShopConnection, shop_id)
    api = _api_of(connection)
    typed = {name: request.form.get(name, "").strip()[:LONGEST] for name in ("site", "account", "token")}
    access = ShopAccess(_address(typed["site"]) or api.site, typed["token"], typed["account"])
    problem = _problem(connection, api, access)
    if problem:
        return make_response(connecting.page(connection, access_problem=problem, typed=typed), 422)
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        shop_connections.set_access(session, connection, g.user, access, secret_box(), now)
        fetch_queue.hurry(session, shop_id, now)
    flash("The access token is saved. What waits for it is fetched now.")
    return redirect(url_for("shops.show", shop_id=shop_id), 303)


@bp.post("/<int:shop_id>/access/removal")
def destroy(shop_id: int) -> Response:
    connection = by_id_or_404(ShopConnection, shop_id)
    with write() as session:
        shop_connections.forget_access(session, connection, g.user, dt.datetime.now(dt.UTC))
    flash("The access token is deleted. Nothing is fetched any more.")
    return redirect(url_for("shops.show", shop_id=shop_id), 303)


def _api_of(connection: ShopConnection) -> ShopApi:
    return SOURCES[connection.kind].api or abort(404)


def _address(typed: str) -> str:
    if not typed:
        return ""
    address = (typed if "://" in typed else f"https://{typed}").rstrip("/")
    # As BigCommerce shows it, with the version of one half of its API.
    return re.sub(r"/v[23]$", "", address)


def _problem(connection: ShopConnection, api: ShopApi, access: ShopAccess) -> str:
    if not access.site:
        return "Enter the address of the shop."
    refused = egress.problem_of(access.site)
    if refused:
        return refused
    if api.name_label and not access.name:
        return f"Enter the {api.name_label[:1].lower()}{api.name_label[1:]} as well."
    before = connection.options
    moved = (before.get("site") or api.site, before.get("account") or "") != (access.site, access.name)
    if not access.token and (connection.access is None or moved):
        return (
            f"Paste the {api.token_label[:1].lower()}{api.token_label[1:]}. It is sent to this address only,"
            " so another address needs it anew."
        )
    return ""
