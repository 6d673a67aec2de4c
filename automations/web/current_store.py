"""Which of her stores a person works in."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.models.base import write
from automations.models.people import SignIn
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
        session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(store_id=store_id))
    flash(f"You are now in {name}.")
    return redirect(url_for("home.show"), 303)
