"""Setting a password with an emailed link. Opening the link does not use it up: mail filters open it too."""

from __future__ import annotations

import datetime as dt

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask_wtf import FlaskForm
from wtforms import PasswordField, ValidationError
from wtforms.validators import InputRequired

from automations.models.access import password_tokens
from automations.models.access.password_hashing import Passwords, refusal_reason
from automations.models.db.base import db, write
from automations.models.tables.people import User

bp = Blueprint("password_links", __name__, url_prefix="/password-links")

EXPIRED = "This link has been used already or has expired. Ask for a new one on the sign-in page."


class NewPasswordForm(FlaskForm):
    new = PasswordField("New password", [InputRequired("Enter a new password.")])

    def __init__(self, user: User) -> None:
        super().__init__()
        self._about = (user.email, user.name)

    def validate_new(self, field: PasswordField) -> None:
        problem = refusal_reason(field.data, self._about)
        if problem:
            raise ValidationError(problem)


@bp.get("/<token>")
def show(token: str) -> str:
    user = _user_or_404(token)
    return render_template("sign_ins/link.html", form=NewPasswordForm(user), user=user, token=token)


@bp.post("/<token>")
def update(token: str) -> Response:
    user = _user_or_404(token)
    form = NewPasswordForm(user)
    if not form.validate():
        page = render_template("sign_ins/link.html", form=form, user=user, token=token)
        return make_response(page, 422)
    password_hash = Passwords(current_app.config["ARGON2"]).hash(form.new.data)
    with write() as session:
        if password_tokens.redeem(session, token, password_hash, dt.datetime.now(dt.UTC)) is None:
            abort(404, EXPIRED)
    flash("Your password is set. Sign in with it.")
    return make_response(redirect(url_for("sign_ins.new"), 303))


def _user_or_404(token: str) -> User:
    link = password_tokens.find(db.session(), token, dt.datetime.now(dt.UTC))
    if link is None:
        abort(404, EXPIRED)
    return db.session.get_one(User, link.user_id)
