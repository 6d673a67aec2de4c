"""Settings: the secret of a shop's messages, and the options of taking them."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, flash, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from automations.models.db.base import write
from automations.models.settings import shop_connections
from automations.models.tables.shop_connection import ShopConnection
from automations.pipeline.sources import old_orders
from automations.web.kit.open_twice import combined
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.secret_box import secret_box
from automations.web.kit.undo_links import flash_undo
from automations.web.shops import connecting
from automations.web.shops.shown_options import option_values

SHORTEST, LONGEST = 8, 500
TOO_SHORT = f"Paste the whole secret: it has at least {SHORTEST} characters."
PREFIX = 10
#: Hours of silence after which someone is told; 0 for never.
SILENCES = (0, 24, 72, 168)

bp = Blueprint("shop_secrets", __name__, url_prefix="/settings/shops")


@bp.post("/<int:shop_id>/secret")
def update(shop_id: int) -> Answer:
    connection = by_id_or_404(ShopConnection, shop_id)
    secret = request.form.get("secret", "").strip()[:LONGEST]
    if len(secret) < SHORTEST:
        return make_response(connecting.page(connection, problem=TOO_SHORT), 422)
    with write() as session:
        shop_connections.set_secret(session, connection, g.user, secret, secret_box(), _now())
    flash("The secret is saved. From now on, only messages signed with it are accepted.")
    return redirect(url_for("shops.show", shop_id=shop_id), 303)


@bp.post("/<int:shop_id>/new-secret")
def create(shop_id: int) -> Response:
    connection = by_id_or_404(ShopConnection, shop_id)
    with write() as session:
        secret = shop_connections.make_secret(session, connection, g.user, secret_box(), _now())
    return make_response(connecting.page(by_id_or_404(ShopConnection, shop_id), secret))


@bp.post("/<int:shop_id>/options")
def options(shop_id: int) -> Answer:
    connection = by_id_or_404(ShopConnection, shop_id)
    form = combined(request.form, option_values(connection)).values
    silence, quiet = form.get("silence", ""), form.get("quiet_after", "")
    chosen = {
        "two_steps": "two_steps" in form,
        "quiet_after": int(quiet) if quiet in map(str, old_orders.CHOICES) else old_orders.USUAL,
        "takes_tests": "takes_tests" in form,
        "month_first": form.get("month_first") == "yes",
        "prefix": "".join(form.get("prefix", "").split())[:PREFIX],
        "silence": int(silence) if silence in map(str, SILENCES) else 0,
    }
    with write() as session:
        step = shop_connections.save_options(session, connection, g.user, chosen, _now())
    flash_undo(
        "The options are saved. They apply to whatever comes in from now on.", step.id if step else None
    )
    return redirect(url_for("shops.show", shop_id=shop_id), 303)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
