"""Answers with a sentence, not with errors, when program and database are of different releases."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from flask import Flask, abort, current_app, request

from automations.models import schema
from automations.models.base import db

log = logging.getLogger("automations.schema")
FITS = "schema_fits"
#: Needed to draw the page that says so; and what looks for itself.
OPEN = ("static", "assets.show", "health.show")


def register(app: Flask) -> None:
    """Look before each request, until the schema was once found to fit."""
    app.extensions[FITS] = False
    app.before_request(_check)


def problem() -> str | None:
    """What is wrong with the schema, as a sentence; None when nothing is, or nobody can tell."""
    if current_app.extensions[FITS]:
        return None
    try:
        found = schema.problem(db.engine)
    except sa.exc.SQLAlchemyError:
        # The database is away: whoever needs it says so.
        return None
    current_app.extensions[FITS] = found is None
    return found


def _check() -> None:
    found = None if request.endpoint in OPEN else problem()
    if found:
        log.error(found)
        abort(503, found)
