"""Where a person is signed in."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from automations.models import sign_ins
from automations.models.base import db, write

bp = Blueprint("sessions", __name__, url_prefix="/sessions")


@bp.get("")
def index() -> str:
    found = sign_ins.live_ones(db.session(), g.user.id, dt.datetime.now(dt.UTC))
    return render_template("sessions/index.html", sessions=found)


@bp.post("/<int:sign_in_id>/end")
def destroy(sign_in_id: int) -> Response:
    user_id = g.user.id
    with write() as session:
        ended = sign_ins.end(session, user_id, dt.datetime.now(dt.UTC), only=min(sign_in_id, 2**63 - 1))
    if not ended:
        abort(404)
    flash("Signed out there.")
    return redirect(url_for("sessions.index"), 303)
