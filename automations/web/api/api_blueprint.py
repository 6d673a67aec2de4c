"""The JSON API's blueprint. Permissions are in web/kit/permissions.py, as for every page."""

from __future__ import annotations

from flask import Blueprint, Response

bp = Blueprint("api", __name__, url_prefix="/api")

#: The plural in the URL -> the subject.
SUBJECTS = {"orders": "order", "events": "event", "customers": "customer"}


@bp.after_request
def name_the_scheme(response: Response) -> Response:
    """Add the WWW-Authenticate header that HTTP requires with a 401."""
    if response.status_code == 401:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    return response
