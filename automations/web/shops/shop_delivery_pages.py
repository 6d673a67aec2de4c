"""One delivery of a shop: what came in, what was understood, and trying it again."""

from __future__ import annotations

import datetime as dt
import logging

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.connectors.sources.all_sources import SOURCES
from automations.models.db.base import db, is_unavailable, run_in_write
from automations.models.settings.choices import StoreWords
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery
from automations.pipeline.sources import delivery_intake
from automations.pipeline.sources.retaking import note_retake
from automations.web.kit.scope import by_id_or_404
from automations.web.shops import shown_deliveries

log = logging.getLogger("automations.shops")
bp = Blueprint("shop_delivery_pages", __name__, url_prefix="/settings/shop-deliveries")


@bp.get("/<int:delivery_id>")
def show(delivery_id: int) -> str:
    delivery = by_id_or_404(ShopDelivery, delivery_id)
    connection = by_id_or_404(ShopConnection, delivery.connection_id)
    return render_template(
        "shops/delivery.html",
        connection=connection,
        source=SOURCES[connection.kind],
        latest=shown_deliveries.shown(delivery, StoreWords(db.session(), g.store)),
    )


@bp.post("/<int:delivery_id>/retakes")
def create(delivery_id: int) -> Response:
    delivery = by_id_or_404(ShopDelivery, delivery_id)
    if not delivery.payload:
        abort(409, "The message is no longer kept, so it cannot be tried again.")
    now = dt.datetime.now(dt.UTC)
    user_id = g.user.id

    def work(session: Session) -> str:
        kept = session.get_one(ShopDelivery, delivery_id)
        note_retake(session, kept.connection_id, kept.store_id, user_id, 1, now)
        return delivery_intake.again(session, kept, now).sentence

    try:
        flash(run_in_write(work))
    except Exception as error:
        if is_unavailable(error):
            raise
        log.exception("Delivery %s of a shop was not taken again.", delivery_id)
        flash(delivery_intake.OUR_ERROR.format(type(error).__name__), "error")
    return redirect(url_for(".show", delivery_id=delivery_id), 303)
