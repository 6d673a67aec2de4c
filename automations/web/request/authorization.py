"""Authorization: refuses requests that the table of permissions does not allow."""

from __future__ import annotations

import hmac

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.globals import app_ctx, request_ctx
from werkzeug.wrappers import Response as Answer

from automations.web.kit import safe_redirect
from automations.web.kit.fragments import render_notice, wants_fragment
from automations.web.kit.permissions import AUTOMATIONS, DELIVERIES, can, key_may, permission_of
from automations.web.request import denied_log, key_authentication

CHOOSE_YOUR_OWN = "Your password was made for you, and nothing was changed. First"
#: The only pages open to someone whose password was made by another person.
OWN_PASSWORD = ("passwords.edit", "passwords.update")
VERBS = {
    "api:read": "read",
    "api:write": "change",
    "api:deliveries": "decide about",
    "api:automations": "ask about",
    "api:examples": "pin examples of",
}
#: What the addresses without a kind of record are about.
ABOUT = {"api:deliveries": DELIVERIES, "api:automations": AUTOMATIONS, "api:examples": AUTOMATIONS}
SIGNED_OUT = "You are signed out, and nothing was changed. What you typed is still here:"


def register(app: Flask) -> None:
    """Check every request, after `signed_in`."""
    app.before_request(check)


def check() -> Answer | None:
    """Return None to let the request through, else the response that refuses it."""
    endpoint = request_ctx.request.endpoint
    if endpoint is None:
        return None
    permission = permission_of(endpoint)
    if permission is None:
        abort(403, "This page is not open to anyone yet.")
    if permission == "public":
        return None
    if permission == "operator":
        _check_operator()
        return None
    if permission.startswith("api:"):
        _check_key(permission)
        return None
    return _check_person(permission)


def _check_key(permission: str) -> None:
    found = app_ctx.g
    if found.api_key is None:
        if request.headers.get("Authorization"):
            denied_log.log("valid key", "unknown")
        abort(401, "Send a valid API key in the header: Authorization: Bearer sa_…")
    kind = ABOUT.get(permission) or str((request_ctx.request.view_args or {}).get("plural", DELIVERIES))
    if not key_may(found.api_key.scope, permission, kind):
        if found.unconfirmed:
            key_authentication.confirm()
            _check_key(permission)
            return
        denied_log.log(f"scope for {kind}", f"key {found.api_key.key_id}")
        abort(403, f"The API key “{found.api_key.name}” may not {VERBS[permission]} {kind}.")


def _check_operator() -> None:
    token = current_app.config["METRICS_TOKEN"]
    header = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(header.encode(), f"Bearer {token}".encode()):
        denied_log.log("METRICS_TOKEN", "unknown")
        abort(403, "Only the operator's monitoring program may read this, with METRICS_TOKEN.")


def _check_person(permission: str) -> Answer | None:
    if g.user is None:
        return _ask_to_sign_in()
    if g.user.password_given_at and request.endpoint not in OWN_PASSWORD:
        return _ask_for_own_password()
    if not can(permission):
        denied_log.log(f"role to {permission}", denied_log.person())
        abort(403, only_for(permission))
    return None


def only_for(permission: str) -> str:
    """Return who may do what needs this permission: "Only an admin of Bloom can do this."."""
    who = {"admin": "an admin", "edit": "a manager or an admin"}.get(permission, "someone else")
    return f"Only {who} of {g.store.name} can do this."


def _ask_for_own_password() -> Response | Answer:
    if wants_fragment():
        return render_notice(CHOOSE_YOUR_OWN, 403, (url_for("passwords.edit"), "choose one of your own."))
    return redirect(url_for("passwords.edit"), 303)


def _ask_to_sign_in() -> Response | Answer:
    if wants_fragment():
        return render_notice(
            SIGNED_OUT, 401, (url_for("sign_ins.new"), "sign in in a new tab, then try again.")
        )
    return redirect(url_for("sign_ins.new", next=safe_redirect.current_page()), 303)
