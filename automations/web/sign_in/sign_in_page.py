"""Signing in and out."""

from __future__ import annotations

import datetime as dt

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired

from automations.models.access import audit, browser_sessions, sign_in_throttle
from automations.models.access.password_hashing import Passwords
from automations.models.db.base import db, write
from automations.models.tables.people import User
from automations.web.kit import cookies, safe_redirect
from automations.web.kit.short_enough import ShortEnough

WRONG = "That email and password do not match."

bp = Blueprint("sign_ins", __name__)


class SignInForm(FlaskForm):
    email = EmailField("Email", [InputRequired("Enter your email address."), ShortEnough(254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), ShortEnough(500)])
    next = HiddenField()


@bp.get("/sign-in")
def new() -> str | Response:
    if g.user:
        return make_response(redirect(safe_redirect.local_or_home(request.args.get("next")), 303))
    return render_template("sign_ins/new.html", form=SignInForm(data={"next": request.args.get("next", "")}))


@bp.post("/sign-in")
def create() -> Response:
    form = SignInForm()
    if not form.validate():
        return _again(form, 422)
    try:
        user = _person(form)
    except sign_in_throttle.SignInThrottled as error:
        form.form_errors.append(str(error))
        return _again(form, 429, {"Retry-After": str(error.seconds)})
    if user is None:
        form.form_errors.append(WRONG)
        return _again(form, 422)
    return let_in(user, form.next.data)


@bp.post("/sign-out")
def destroy() -> Response:
    if g.sign_in:
        user_id, sign_in_id, store_id, name = g.user.id, g.sign_in.id, g.store.id, g.user.name
        with write() as transaction:
            browser_sessions.end(transaction, user_id, _now(), only=sign_in_id)
            by = {"store_id": store_id, "user_id": user_id}
            audit.note(transaction, action="signed out", about=name, **by)
    session.clear()
    response = make_response(redirect(url_for("sign_ins.new"), 303))
    cookies.drop(response, cookies.SIGN_IN)
    # Remove the pages that the browser kept, those behind its back button too. The theme cookie stays.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _person(form: SignInForm) -> User | None:
    email, asking = form.email.data.strip().lower(), browser()
    with write() as transaction:
        sign_in_throttle.count_try(transaction, email, asking.address, _now())
    passwords = Passwords(current_app.config["ARGON2"])
    user = browser_sessions.authenticate(db.session(), email, form.password.data, passwords, _now())
    if user is None:
        with write() as transaction:
            browser_sessions.record_refusal(transaction, email, asking, _now())
    elif passwords.outdated(user.password_hash):
        _store_hash(user.id, passwords.hash(form.password.data))
    return user


def _store_hash(user_id: int, password_hash: str) -> None:
    with write() as transaction:
        transaction.get_one(User, user_id).password_hash = password_hash


def let_in(user: User, next_page: str | None) -> Response:
    """Start a new session for a person who has proved who they are, and redirect to `next_page`."""
    user_id = user.id
    with write() as transaction:
        if g.sign_in:
            browser_sessions.end(transaction, g.sign_in.user_id, _now(), only=g.sign_in.id)
        token = browser_sessions.start(transaction, transaction.get_one(User, user_id), browser(), _now())
    # A form token issued before signing in must not be valid after it.
    session.clear()
    response = make_response(redirect(safe_redirect.local_or_home(next_page), 303))
    cookies.put(response, cookies.SIGN_IN, token, int(browser_sessions.LONGEST.total_seconds()))
    return response


def browser() -> browser_sessions.Browser:
    """Return the browser and network address that the request comes from."""
    return browser_sessions.Browser(request.headers.get("User-Agent", ""), request.remote_addr or "")


def _again(form: SignInForm, status: int, headers: dict[str, str] | None = None) -> Response:
    return make_response(render_template("sign_ins/new.html", form=form), status, headers or {})


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
