"""Which of her stores a person works in."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.models import stores
from automations.models.base import write
from automations.web.navigation import other_memberships

bp = Blueprint("current_store", __name__, url_prefix="/current-store")


@bp.post("")
def update() -> Response:
    wanted = request.form.get("store", "")
    found = next((one for one in other_memberships() if str(one.store_id) == wanted), None)
    if found is None:
        abort(404)
    store_id, name, sign_in_id = found.store_id, found.store.name, g.sign_in.id
    with write() as session:
        stores.switch(session, sign_in_id, store_id)
    flash(f"You are now in {name}.")
    # Only a page that is there in each store: a record belongs to one.
    opens = "store_settings.edit" if request.form.get("open") == "settings" else "home.show"
    return redirect(url_for(opens), 303)
