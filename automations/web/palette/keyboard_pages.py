"""The keys and what they do, and whether single keys do anything: some people's speech types them."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request

from automations.web.kit import cookies, safe_redirect

#: Keys that work everywhere -> what they do.
WITH_CTRL = (
    (("Ctrl", "K"), "Search, go to a page or do something"),
    (("Ctrl", "S"), "Save the form or the automation"),
    (("F2",), "Edit the field beside the caret in a text"),
)
#: Keys that stand alone; they do nothing while a field has the focus.
SINGLE = (
    (("/",), "Search this list, or everything"),
    (("C",), "Create what this page lists, otherwise an automation"),
    (("?",), "Show this list"),
)
A_YEAR = 365 * 24 * 3600
OFF = "off"

bp = Blueprint("keyboard", __name__, url_prefix="/keyboard")


@bp.get("")
def show() -> str:
    return render_template("palette/keyboard.html")


@bp.post("")
def update() -> Response:
    response = make_response(redirect(safe_redirect.local_or_home(request.form.get("next")), 303))
    if request.form.get("single") == OFF:
        cookies.put(response, cookies.SINGLE_KEYS, OFF, A_YEAR)
        flash("Single-key shortcuts are off in this browser. Those with Ctrl still work.")
    else:
        cookies.drop(response, cookies.SINGLE_KEYS)
        flash("Single-key shortcuts are on in this browser.")
    return response


def single_keys_are_off() -> bool:
    return request.cookies.get(cookies.name(cookies.SINGLE_KEYS)) == OFF


def register(app: Flask) -> None:
    """Make the keys available to templates."""
    app.jinja_env.globals.update(
        keys_with_ctrl=WITH_CTRL, single_keys=SINGLE, single_keys_are_off=single_keys_are_off
    )
