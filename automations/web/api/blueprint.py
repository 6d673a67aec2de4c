"""The JSON API's blueprint. Who may use it stands in web/permissions.py, like for every page."""

from __future__ import annotations

from flask import Blueprint, Response

bp = Blueprint("api", __name__, url_prefix="/api")

#: The word in an address -> the subject.
SUBJECTS = {"orders": "order", "events": "event", "customers": "customer"}


@bp.after_request
def name_the_scheme(response: Response) -> Response:
    """HTTP asks for it beside every 401."""
    if response.status_code == 401:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    return response
