"""For whoever watches over the server: does it answer, and its database."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from automations.models import health
from automations.models.base import db
from automations.web import schema_guard

bp = Blueprint("health", __name__)


@bp.get("/health")
def show() -> ResponseReturnValue:
    """200 when all is well, 503 with a sentence when not."""
    if not health.answers(db.engine):
        return jsonify({"status": "down", "detail": "The database does not answer."}), 503
    problem = schema_guard.problem()
    if problem:
        return jsonify({"status": "down", "detail": problem}), 503
    return jsonify({"status": "ok"})
