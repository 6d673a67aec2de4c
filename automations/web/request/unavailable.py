"""Answers 503 with a sentence when the database is away, too busy, or cannot write."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask, Response, current_app, g

from automations.models.db.base import CommitUnknown, is_disk_full, is_unavailable
from automations.web.request import errors

RETRY_AFTER = "5"
TITLE = "Not available just now"
AWAY = "The database does not answer; nothing was changed. Try again in a moment."
BUSY = "The database is too busy; nothing was changed. Try again in a moment."
FULL = "The server's disk is full or broken; nothing was changed. Its operator has to make room."
OPEN = (
    "The database went away while this was being stored. Check whether it was stored; "
    "a program may send the same again under the same number or key."
)


def register(app: Flask) -> None:
    """Answer 503 instead of 500 when the database cannot be used."""
    for kind in (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, CommitUnknown):
        app.register_error_handler(kind, _unavailable)


def _unavailable(error: Exception) -> Response:
    current_app.logger.error("The database cannot be used.", exc_info=error)
    # Rendering the error page must not query the database again.
    g.user = g.membership = g.store = None
    answer = errors.render_error(503, TITLE, _sentence(error))
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _sentence(error: Exception) -> str:
    if isinstance(error, CommitUnknown):
        return OPEN
    if isinstance(error, sa.exc.DBAPIError) and is_disk_full(error):
        return FULL
    return AWAY if is_unavailable(error) else BUSY
