"""The JSON API's blueprint. Permissions are in web/kit/permissions.py, as for every page."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.globals import request_ctx

from automations.web.api.api_requests import check_query

bp = Blueprint("api", __name__, url_prefix="/api")

#: The plural in the URL -> the subject.
SUBJECTS = {"orders": "order", "events": "event", "customers": "customer"}


#: The endpoints that take query parameters; all others take none.
QUERY = {
    "api.index": ("after", "limit"),
    "api.deliveries_index": ("after", "limit", "state"),
    "api.backtests_rows": ("after", "limit", "fate"),
    "api.pasts_show": ("period",),
}


@bp.before_request
def refuse_unknown_parameters() -> None:
    """Refuse a request with a query parameter that its endpoint does not take."""
    asked = request_ctx.request
    if asked.query_string:
        check_query(QUERY.get(asked.endpoint or "", ()))


@bp.after_request
def name_the_scheme(response: Response) -> Response:
    """Add the WWW-Authenticate header that HTTP requires with a 401."""
    if response.status_code == 401:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    return response
