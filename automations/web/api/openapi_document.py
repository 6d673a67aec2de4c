"""The OpenAPI document of the API."""

from __future__ import annotations

from flask import Response

from automations.web.api.api_blueprint import bp
from automations.web.api.openapi import document
from automations.web.api.problem_details import answer


@bp.get("/openapi.json")
def openapi() -> Response:
    """Return the OpenAPI document."""
    return answer(document())
