"""The database is away, too busy, or cannot keep anything: 503 and a sentence, for people and programs."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask, Response, current_app, g

from automations.models.base import CommitUnknown, cannot_keep, is_away
from automations.web import errors

RETRY_AFTER = "5"
TITLE = "Not available just now"
AWAY = "The database does not answer; nothing was changed. Try again in a moment."
BUSY = "The database is too busy; nothing was changed. Try again in a moment."
FULL = "The disk of the server is full or broken; nothing was changed. Whoever runs it has to make room."
OPEN = (
    "The database went away while this was being stored. Look whether it is there; "
    "a program may send the same again under the same number or key."
)


def register(app: Flask) -> None:
    """Answer for a database that cannot be used, instead of a 500."""
    for kind in (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, CommitUnknown):
        app.register_error_handler(kind, _unavailable)


def _unavailable(error: Exception) -> Response:
    current_app.logger.error("The database cannot be used.", exc_info=error)
    # Nothing that is drawn may ask the database again.
    g.user = g.membership = g.store = None
    answer = errors.draw(503, TITLE, _sentence(error))
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _sentence(error: Exception) -> str:
    if isinstance(error, CommitUnknown):
        return OPEN
    if isinstance(error, sa.exc.DBAPIError) and cannot_keep(error):
        return FULL
    return AWAY if is_away(error) else BUSY
