"""Endpoints that were closed because they are gone for good, and reopening them."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, g, redirect
from werkzeug.wrappers import Response

from automations.models.db.base import write
from automations.models.tables.called_host import ClosedEndpoint
from automations.pipeline.delivery import closed_endpoints
from automations.web.kit import safe_redirect
from automations.web.kit.scope import by_id_or_404

bp = Blueprint("endpoints", __name__, url_prefix="/endpoints")


@bp.app_template_global()
def switched_off(endpoint: ClosedEndpoint) -> str:
    """Return the sentence that says why nothing is sent there."""
    return closed_endpoints.SWITCHED_OFF.format(endpoint.host)


@bp.post("/<int:endpoint_id>/reopening")
def reopen(endpoint_id: int) -> Response:
    endpoint = by_id_or_404(ClosedEndpoint, endpoint_id)
    host = endpoint.host
    with write() as session:
        closed_endpoints.reopen(session, endpoint, g.user, dt.datetime.now(dt.UTC))
    flash(f"Requests to {host} go out again. Actions that failed can be tried again under “Needs you”.")
    return redirect(safe_redirect.current_page(), 303)
