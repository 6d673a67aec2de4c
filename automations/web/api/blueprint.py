"""The JSON API's blueprint. Who may use it stands in web/permissions.py, like for every page."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("api", __name__, url_prefix="/api")

#: The word in an address -> the subject.
SUBJECTS = {"orders": "order", "events": "event", "customers": "customer"}
