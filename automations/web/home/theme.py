"""The theme, light, dark or that of the system, kept in a cookie."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, request

from automations.web.kit import cookies, safe_redirect
from automations.web.kit.navigation import THEMES

A_YEAR = 365 * 24 * 3600

bp = Blueprint("theme", __name__, url_prefix="/theme")


@bp.post("")
def update() -> Response:
    response = make_response(redirect(safe_redirect.local_or_home(request.form.get("next")), 303))
    if request.form.get("theme") in THEMES:
        cookies.put(response, cookies.THEME, request.form["theme"], A_YEAR)
    else:
        cookies.drop(response, cookies.THEME)
    return response
