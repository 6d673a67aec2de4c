"""Answers 503 with a sentence while program and database are of different releases."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from flask import Flask, abort, current_app
from flask.globals import app_ctx, request_ctx

from automations.models.db import schema
from automations.models.db.base import db

log = logging.getLogger("automations.schema")
FITS = "schema_fits"
#: What the error page needs, and the health check, which does its own check.
OPEN = ("static", "assets.show", "health.show")


def register(app: Flask) -> None:
    """Check before each request until the schema has once been found to fit."""
    app.extensions[FITS] = False
    app.before_request(_check)


def problem() -> str | None:
    """Return what is wrong with the schema, as a sentence; None if nothing is or the database is away."""
    if app_ctx.app.extensions[FITS]:
        return None
    try:
        sentence = schema.problem(db.engine)
    except sa.exc.SQLAlchemyError:
        # The database is away; the page that needs it reports that.
        return None
    current_app.extensions[FITS] = sentence is None
    return sentence


def _check() -> None:
    sentence = None if request_ctx.request.endpoint in OPEN else problem()
    if sentence:
        log.error(sentence)
        abort(503, sentence)
