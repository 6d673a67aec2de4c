"""Settings: how the messages of any other source prove where they come from."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.connectors.sources import other_signatures
from automations.connectors.sources.all_sources import SOURCES
from automations.models.db.base import write
from automations.models.settings import shop_connections
from automations.models.tables.shop_connection import ShopConnection
from automations.web.kit.open_twice import combined
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.secret_box import secret_box
from automations.web.shops import connecting
from automations.web.shops.shown_options import signature_values

LONGEST = 500
CHANGED = "How messages are authenticated was changed after you opened this page. Save again to replace that."
NOT_SIGNED = "Saved. Whoever knows the address may send: keep it to yourself."

bp = Blueprint("shop_signatures", __name__, url_prefix="/settings/shops")


@bp.post("/<int:mapped_id>/signature")
def update(mapped_id: int) -> Response:
    connection = by_id_or_404(ShopConnection, mapped_id)
    opened = combined(request.form, signature_values(connection), secrets=["secret"])
    form = opened.values
    if not SOURCES[connection.kind].is_mapped:
        abort(404)
    way, secret = form.get("way", ""), form.get("secret", "").strip()[:LONGEST]
    header = form.get("header", "").strip() or other_signatures.IN_HEADER.get(way, "")
    is_same = way == (connection.options.get("signature") or {}).get("way")
    problem = other_signatures.problem(way, header, secret, bool(connection.secret) and is_same)
    if opened.clashes and not problem:
        problem = CHANGED
    if problem:
        typed = {"way": way, "header": header}
        page = connecting.page(connection, problem=problem, typed=typed)
        return make_response(page, 409 if problem is CHANGED else 422)
    now = dt.datetime.now(dt.UTC)
    chosen = {"way": way} | ({"header": header} if way in other_signatures.IN_HEADER else {})
    with write() as session:
        shop_connections.set_options(session, connection, g.user, {"signature": chosen}, now)
        if secret and way != other_signatures.NONE:
            shop_connections.set_secret(session, connection, g.user, secret, secret_box(), now)
    flash("Saved. From now on, only authenticated messages are accepted." if way != "none" else NOT_SIGNED)
    return redirect(url_for("shops.show", shop_id=mapped_id), 303)
