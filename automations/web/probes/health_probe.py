"""The health check for monitoring: whether the server and its database answer, and store something."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from automations.models.db.base import db
from automations.models.health import database_health
from automations.web.request import schema_guard

FULL = "The disk of the database is full, so nothing can be stored. Make room on it."

bp = Blueprint("health", __name__)


@bp.get("/health")
def show() -> ResponseReturnValue:
    """Return 200 when all is well, else 503 with a sentence."""
    if not database_health.is_reachable(db.engine):
        return jsonify({"status": "down", "detail": "The database does not answer."}), 503
    problem = schema_guard.problem()
    if problem:
        return jsonify({"status": "down", "detail": problem}), 503
    if not database_health.is_writable(db.engine, dt.datetime.now(dt.UTC)):
        return jsonify({"status": "down", "detail": FULL}), 503
    return jsonify({"status": "ok"})
