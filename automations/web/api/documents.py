"""The OpenAPI document of the API."""

from __future__ import annotations

from flask import Response

from automations.web.api.blueprint import bp
from automations.web.api.openapi import document
from automations.web.api.problems import answer


@bp.get("/openapi.json")
def openapi() -> Response:
    """Return the OpenAPI document."""
    return answer(document())
