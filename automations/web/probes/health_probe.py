"""The health check for monitoring: whether the server and its database answer."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from automations.models.db.base import db
from automations.models.health import database_health
from automations.web.request import schema_guard

bp = Blueprint("health", __name__)


@bp.get("/health")
def show() -> ResponseReturnValue:
    """Return 200 when all is well, else 503 with a sentence."""
    if not database_health.is_reachable(db.engine):
        return jsonify({"status": "down", "detail": "The database does not answer."}), 503
    problem = schema_guard.problem()
    if problem:
        return jsonify({"status": "down", "detail": problem}), 503
    return jsonify({"status": "ok"})
