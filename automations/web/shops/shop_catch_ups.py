"""Settings: fetching the orders that a shop's messages did not bring."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.models.db.base import write
from automations.models.tables.shop_connection import ShopConnection
from automations.pipeline.sources import missed_orders
from automations.web.kit.scope import by_id_or_404

#: How far back, in days; 0 for since the shop was last heard.
DAYS = (0, 1, 7, 30)
NO_ACCESS = "The shop’s API cannot be used yet. An admin can set up access on this page."

bp = Blueprint("shop_catch_ups", __name__, url_prefix="/settings/shops")


@bp.post("/<int:shop_id>/catch-ups")
def create(shop_id: int) -> Response:
    connection = by_id_or_404(ShopConnection, shop_id)
    if not missed_orders.can_start(connection):
        abort(409, NO_ACCESS)
    days, now = request.form.get("days", ""), dt.datetime.now(dt.UTC)
    back = int(days) if days in map(str, DAYS) else 0
    heard = connection.heard_at or connection.created_at
    since = now - dt.timedelta(days=back) if back else heard - missed_orders.BEFORE
    with write() as session:
        begun = missed_orders.start(session, session.get_one(ShopConnection, shop_id), since, g.user, now)
    flash("What was missed is fetched now." if begun else "What was missed is being fetched already.")
    return redirect(url_for("shops.show", shop_id=shop_id), 303)


@bp.post("/<int:shop_id>/catch-ups/stop")
def stop(shop_id: int) -> Response:
    by_id_or_404(ShopConnection, shop_id)
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        stopped = missed_orders.stop(session, session.get_one(ShopConnection, shop_id), g.user, now)
    flash("Fetching is stopped. What was taken stays." if stopped else "Nothing is being fetched any more.")
    return redirect(url_for("shops.show", shop_id=shop_id), 303)


@bp.post("/<int:shop_id>/catch-ups/go-on")
def go_on(shop_id: int) -> Response:
    connection = by_id_or_404(ShopConnection, shop_id)
    if not missed_orders.can_start(connection):
        abort(409, NO_ACCESS)
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        goes_on = missed_orders.go_on(session, session.get_one(ShopConnection, shop_id), g.user, now)
    flash("Fetching continues." if goes_on else "There is nothing to continue.")
    return redirect(url_for("shops.show", shop_id=shop_id), 303)
