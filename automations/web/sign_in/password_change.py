"""A person's own password."""

from __future__ import annotations

import datetime as dt

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask_wtf import FlaskForm
from wtforms import PasswordField, ValidationError
from wtforms.validators import InputRequired

from automations.models.access import audit, browser_sessions, password_tokens
from automations.models.access.password_hashing import Passwords, refusal_reason
from automations.models.db.base import write
from automations.models.tables.people import User
from automations.web.kit import cookies
from automations.web.sign_in import password_confirmation

bp = Blueprint("passwords", __name__, url_prefix="/password")


class PasswordForm(FlaskForm):
    current = PasswordField("Current password", [InputRequired("Enter your current password.")])
    new = PasswordField("New password", [InputRequired("Enter a new password.")])

    def validate_current(self, field: PasswordField) -> None:
        password_confirmation.check(field)

    def validate_new(self, field: PasswordField) -> None:
        problem = refusal_reason(field.data, (g.user.email, g.user.name, g.store.name))
        if problem:
            raise ValidationError(problem)


@bp.get("")
def edit() -> str:
    return render_template("sessions/password.html", form=PasswordForm())


@bp.post("")
def update() -> Response:
    form = PasswordForm()
    if not form.validate():
        return make_response(render_template("sessions/password.html", form=form), 422)
    # Someone who had to replace a password made for them goes on to the start page.
    next_endpoint = "home.show" if g.user.password_given_at else "sessions.index"
    token = _change(g.user.id, g.sign_in.id, _passwords().hash(form.new.data))
    flash("Your password is changed. You are signed out everywhere else.")
    response = make_response(redirect(url_for(next_endpoint), 303))
    cookies.put(response, cookies.SIGN_IN, token, int(browser_sessions.LONGEST.total_seconds()))
    return response


def _change(user_id: int, sign_in_id: int, password_hash: str) -> str:
    """Store the password, end all other sessions, and return the new token of this one."""
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        password_tokens.void_all(session, user_id, now)
        user = session.get_one(User, user_id)
        user.password_hash, user.password_given_at = password_hash, None
        for other in browser_sessions.active_sign_ins(session, user_id, now):
            if other.id != sign_in_id:
                other.ended_at = now
        token = browser_sessions.renew(session, sign_in_id)
        audit.note(session, action="changed", about="own password", store_id=g.store.id, user_id=user_id)
        return token


def _passwords() -> Passwords:
    return Passwords(current_app.config["ARGON2"])
