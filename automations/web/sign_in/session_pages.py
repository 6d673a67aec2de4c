"""A person's sessions. Ending one elsewhere needs their password again, unless they have just signed in."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired

from automations.models.access import audit, browser_sessions
from automations.models.db.base import db, write
from automations.web.kit.scope import LARGEST_ID
from automations.web.sign_in import password_confirmation

#: Nobody who signed in this recently has to type a password again; with a provider there is none to type.
FRESH = dt.timedelta(minutes=10)

bp = Blueprint("sessions", __name__, url_prefix="/sessions")


class EndForm(FlaskForm):
    current = PasswordField(
        "Your password", [InputRequired("Enter your password to end a session elsewhere.")]
    )

    def validate_current(self, field: PasswordField) -> None:
        password_confirmation.check(field)


@bp.get("")
def index() -> str:
    return _page(EndForm())


@bp.post("/<int:sign_in_id>/end")
def destroy(sign_in_id: int) -> Response:
    form, user_id, store_id, name = EndForm(), g.user.id, g.store.id, g.user.name
    if not _is_fresh() and not form.validate():
        return make_response(_page(form), 422)
    with write() as session:
        ended = browser_sessions.end(session, user_id, _now(), only=min(sign_in_id, LARGEST_ID))
        if ended:
            by = {"store_id": store_id, "user_id": user_id}
            audit.note(session, action="ended a session of", about=name, **by)
    if not ended:
        abort(404)
    flash("That session has been signed out.")
    return redirect(url_for("sessions.index"), 303)


def _page(form: EndForm) -> str:
    live = browser_sessions.active_sign_ins(db.session(), g.user.id, _now())
    return render_template("sessions/index.html", sessions=live, form=None if _is_fresh() else form)


def _is_fresh() -> bool:
    return bool(_now() - g.sign_in.created_at < FRESH)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
