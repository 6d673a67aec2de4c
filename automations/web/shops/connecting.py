"""Settings: the shops, tills and carriers that send to this store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired

from automations.connectors.sources import other_signatures
from automations.connectors.sources.all_sources import SOURCES
from automations.models.db.base import db, write
from automations.models.settings import shop_connections
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery
from automations.pipeline.sources import fetch_queue, kept_payloads, missed_orders, word_choices
from automations.web.kit.form_helpers import collapse_spaces
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.secret_box import secret_box
from automations.web.kit.short_enough import ShortEnough
from automations.web.kit.site_address import site_address
from automations.web.shops.shown_options import option_values, signature_values

#: The latest deliveries that the page shows.
SHOWN = 20

bp = Blueprint("shops", __name__, url_prefix="/settings/shops")


class ShopForm(FlaskForm):
    kind = RadioField("What sends?", choices=[(key, source.label) for key, source in SOURCES.items()])
    name = StringField(
        "What do you call it?",
        [DataRequired("Name it, for example: web shop."), ShortEnough(80)],
        [collapse_spaces],
    )


@bp.get("")
def index() -> str:
    connections = shop_connections.of_store(db.session(), g.store.id)
    waiting = word_choices.waiting(db.session(), [one.id for one in connections])
    return render_template("shops/index.html", connections=connections, sources=SOURCES, waiting=waiting)


@bp.get("/new")
def new() -> str:
    form = ShopForm(data={"kind": request.args.get("kind", "shopify")})
    return render_template("shops/new.html", form=form)


@bp.post("")
def create() -> Answer:
    form = ShopForm()
    if not form.validate():
        return make_response(render_template("shops/new.html", form=form), 422)
    with write() as session:
        connection, secret = shop_connections.create(
            session, g.store, g.user, form.kind.data, form.name.data, secret_box(), _now()
        )
        session.flush()
        shop_id = connection.id
    if secret:
        return make_response(page(by_id_or_404(ShopConnection, shop_id), secret))
    return redirect(url_for(".show", shop_id=shop_id), 303)


@bp.get("/<int:shop_id>")
def show(shop_id: int) -> str:
    return page(by_id_or_404(ShopConnection, shop_id))


@bp.post("/<int:shop_id>/closing")
def destroy(shop_id: int) -> Answer:
    connection = by_id_or_404(ShopConnection, shop_id)
    with write() as session:
        shop_connections.close(session, connection, g.user, _now())
    flash(f"The address of “{connection.name}” no longer answers.")
    return redirect(url_for(".index"), 303)


def page(
    connection: ShopConnection,
    secret: str = "",
    problem: str = "",
    access_problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> str:
    """Render the page of one connection, with what was `typed` and refused; `secret` is shown this once."""
    session = db.session()
    query = sa.select(ShopDelivery).where(ShopDelivery.connection_id == connection.id)
    latest = list(session.scalars(query.order_by(ShopDelivery.id.desc()).limit(SHOWN)))
    counts = sa.select(ShopDelivery.outcome, sa.func.count()).where(
        ShopDelivery.connection_id == connection.id
    )
    path = url_for("shop_deliveries.create", kind=connection.kind, token=connection.token)
    context: dict[str, Any] = {
        "connection": connection,
        "source": SOURCES[connection.kind],
        "address": site_address() + path,
        "secret": secret,
        "problem": problem,
        "ways": other_signatures.LABELS,
        "access_problem": access_problem,
        "typed": typed or {},
        "option_values": option_values,
        "signature_values": signature_values,
        "most_kept": kept_payloads.MOST_KEPT,
        "catch_up": missed_orders.latest(session, connection.id),
        "can_catch_up": missed_orders.can_start(connection),
        "to_fetch": fetch_queue.waiting(session, connection.id),
        "latest": latest,
        "counts": dict(session.execute(counts.group_by(ShopDelivery.outcome)).all()),
        "waiting": word_choices.waiting(session, [connection.id]).get(connection.id, 0),
    }
    return render_template("shops/show.html", **context)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
