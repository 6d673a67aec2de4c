"""Switching between the stores that a person belongs to."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.models.db.base import write
from automations.models.settings import store_creation

bp = Blueprint("current_store", __name__, url_prefix="/current-store")


@bp.post("")
def update() -> Response:
    chosen = request.form.get("store", "")
    store = next((other for other in g.other_stores if str(other.id) == chosen), None)
    if store is None:
        abort(404)
    sign_in_id = g.sign_in.id
    with write() as session:
        store_creation.switch(session, sign_in_id, store.id)
    flash(f"You are now in {store.name}.")
    # Only pages that exist in every store: a record's page would be a 404 in the other one.
    opens = "store_settings.edit" if request.form.get("open") == "settings" else "home.show"
    return redirect(url_for(opens), 303)
