"""The JSON API's blueprint. Who may use it stands in web/permissions.py, like for every page."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, current_app

from automations.web.api.problems import problem

bp = Blueprint("api", __name__, url_prefix="/api")

#: The word in an address -> the subject.
SUBJECTS = {"orders": "order", "events": "event", "customers": "customer"}
RETRY_AFTER = "5"


@bp.errorhandler(sa.exc.OperationalError)
def unavailable(error: sa.exc.OperationalError) -> Response:
    """The database is away or too busy: the caller may send the same again."""
    current_app.logger.error("The API could not reach the database.", exc_info=error)
    sentence = "The database is busy or away; nothing was written. Send the same again in a moment."
    response = problem(503, "Not available just now", sentence)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


@bp.after_request
def name_the_scheme(response: Response) -> Response:
    """HTTP asks for it beside every 401."""
    if response.status_code == 401:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    return response
