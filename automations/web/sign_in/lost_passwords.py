"""Asking for a link to set a new password. The answer does not reveal whether the email has an account."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, make_response, render_template, request
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import InputRequired

from automations.models.access import audit, password_tokens, sign_in_throttle
from automations.models.db.base import write
from automations.web.kit.short_enough import ShortEnough

bp = Blueprint("lost_passwords", __name__, url_prefix="/lost-password")


class LostForm(FlaskForm):
    email = EmailField("Email", [InputRequired("Enter your email address."), ShortEnough(254)])


@bp.get("")
def new() -> str:
    return render_template("sign_ins/lost.html", form=LostForm())


@bp.post("")
def create() -> Response:
    form = LostForm()
    if not form.validate():
        return _again(form, 422)
    try:
        _ask(form.email.data.strip().lower())
    except sign_in_throttle.SignInThrottled as error:
        form.form_errors.append(str(error))
        return _again(form, 429)
    return make_response(render_template("sign_ins/lost.html", form=form, asked=True))


def _ask(email: str) -> None:
    now, address = dt.datetime.now(dt.UTC), request.remote_addr or ""
    with write() as session:
        # Counted apart from wrong passwords, but together with everything from this network address.
        sign_in_throttle.count_try(session, f"lost password of {email}", address, now)
        password_tokens.request_link(session, password_tokens.RESET, email, now)
        audit.note(
            session, action="was asked for a new password", about=email, after={"from": address}, at=now
        )


def _again(form: LostForm, status: int) -> Response:
    return make_response(render_template("sign_ins/lost.html", form=form), status)
