"""Signing in through the operator's OpenID Connect provider. Only people with an account here get in."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from automations.connectors.oidc_provider import NOT_BELIEVED, NotIdentified, Provider
from automations.loading.first_use import FirstUse
from automations.models.access import browser_sessions
from automations.models.access.password_hashing import Passwords
from automations.models.db.base import db, write
from automations.models.tables.people import User
from automations.web.sign_in.sign_in_page import browser, let_in

if TYPE_CHECKING:
    from automations.connectors import oidc
else:
    oidc = FirstUse("automations.connectors.oidc")

LONGEST = dt.timedelta(minutes=10)
SESSION_KEY = "single_sign_on"
NOT_OURS = "Signing in was not started in this browser, or took too long. Try again."
REFUSED = "The sign-in provider did not let you in."
UNKNOWN = "There is no account with {}. An admin of your store can invite you."

bp = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/provider")

bp.add_app_template_global(lambda: current_app.config["OIDC"], "sign_in_provider")


@bp.get("")
def new() -> Response:
    provider = _provider_or_404()
    try:
        begun = oidc.begin(provider, _redirect_uri())
    except NotIdentified as error:
        return _back(str(error))
    pending = {"state": begun.state, "nonce": begun.nonce, "verifier": begun.verifier}
    pending |= {"at": _now().isoformat(), "next": request.args.get("next", "")[:2000]}
    session[SESSION_KEY] = pending
    return redirect(begun.url, 303)


@bp.get("/callback")
def create() -> Response:
    provider, begun = _provider_or_404(), session.pop(SESSION_KEY, None)
    if not begun or not _is_ours(begun):
        return _back(NOT_OURS)
    if request.args.get("iss", provider.issuer) != provider.issuer:
        return _back(NOT_BELIEVED)
    if "code" not in request.args:
        return _back(REFUSED)
    try:
        code = request.args["code"]
        email = oidc.finish(provider, _redirect_uri(), code, begun["nonce"], begun["verifier"])
    except NotIdentified as error:
        return _back(str(error))
    user = _user(email)
    if user and user.password_given_at:
        _void_first_password(user.id)
    return let_in(user, begun["next"]) if user else _back(UNKNOWN.format(email))


def _void_first_password(user_id: int) -> None:
    """Replace a first password nobody will use by a random one, so that the person need not change it."""
    unknown = Passwords(current_app.config["ARGON2"]).hash(secrets.token_urlsafe(32))
    with write() as transaction:
        user = transaction.get_one(User, user_id)
        user.password_hash, user.password_given_at = unknown, None


def _is_ours(begun: dict[str, str]) -> bool:
    same = hmac.compare_digest(begun["state"].encode(), request.args.get("state", "").encode())
    return same and _now() - dt.datetime.fromisoformat(begun["at"]) < LONGEST


def _user(email: str) -> User | None:
    user = db.session.scalar(sa.select(User).where(User.email == email, User.disabled_at.is_(None)))
    if user is not None and browser_sessions.memberships(db.session(), user.id):
        return user
    with write() as transaction:
        browser_sessions.record_refusal(transaction, email, browser(), _now())
    return None


def _provider_or_404() -> Provider:
    provider: Provider | None = current_app.config["OIDC"]
    return provider if provider else abort(404)


def _redirect_uri() -> str:
    """Return our callback URL, from PUBLIC_URL and not from the request: the provider knows only this one."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + url_for("single_sign_on.create")


def _back(sentence: str) -> Response:
    flash(sentence, "error")
    return redirect(url_for("sign_ins.new"), 303)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
