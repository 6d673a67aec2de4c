"""For whoever watches over the server: does it answer, and its database."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from automations.models import health
from automations.models.base import db

bp = Blueprint("health", __name__)


@bp.get("/health")
def show() -> ResponseReturnValue:
    """200 when all is well, 503 with a sentence when not."""
    if health.answers(db.engine):
        return jsonify({"status": "ok"})
    return jsonify({"status": "down", "detail": "The database does not answer."}), 503
