"""Settings: EasyPost reports where parcels are, to an address of ours and signed with a shared secret."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from automations.models.db.base import db, write
from automations.models.settings import providers
from automations.web.kit.secret_box import secret_box
from automations.web.kit.site_address import site_address

SHORTEST, LONGEST = 16, 500
TOO_SHORT = f"Enter the secret of the webhook: at least {SHORTEST} characters, the same as at EasyPost."

bp = Blueprint("easypost_settings", __name__, url_prefix="/settings/connections/easypost")


@bp.get("")
def edit() -> str:
    return _page()


@bp.post("")
def update() -> ResponseReturnValue:
    secret = request.form.get("secret", "").strip()[:LONGEST]
    if len(secret) < SHORTEST:
        return _page(TOO_SHORT), 422
    connection = providers.find(db.session(), g.store.id, providers.EASYPOST)
    token = connection.settings.get("token") if connection else None
    # The token begins with the store's id, so a call needs to be checked against one store's secret only.
    settings = {"token": token or f"{g.store.id}-{secrets.token_urlsafe(24)}"}
    with write() as session:
        providers.save(session, g.store, g.user, providers.EASYPOST, settings, secret, secret_box())
    flash("Saved. Give the address below to EasyPost as a webhook, with the same secret.")
    return redirect(url_for(".edit"), 303)


@bp.post("/removal")
def destroy() -> Response:
    with write() as session:
        providers.remove(session, g.store, g.user, providers.EASYPOST)
    flash("EasyPost is disconnected. Its address no longer answers.")
    return redirect(url_for(".edit"), 303)


def _page(problem: str = "") -> str:
    connection = providers.find(db.session(), g.store.id, providers.EASYPOST)
    token = connection.settings.get("token") if connection and connection.secret else None
    address = site_address() + url_for("hooks.easypost", token=token) if token else ""
    return render_template(
        "connections/easypost.html", connection=connection, address=address, problem=problem
    )
