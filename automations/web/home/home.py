"""The start page, which redirects to the first page of the navigation."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from automations.web.kit.navigation import navigation

bp = Blueprint("home", __name__)


@bp.get("/")
def show() -> Response:
    pages = navigation()
    return redirect(pages[0].url if pages else url_for("sessions.index"), 303)
