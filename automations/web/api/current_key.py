"""Lets views that write confirm their key in the transaction in which they write.

Such a request starts with the key and store that this process remembers, so it needs no query before that
transaction. If it is refused before, or the transaction finds that the key or the store has changed, it is
done once more with both as they are now.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import Response, g
from werkzeug.exceptions import HTTPException

from automations.models.db.base import db
from automations.pipeline.intake.intake_task import Outdated
from automations.web.request import authorization, key_authentication

View = Callable[..., Response]


def confirming_key(view: View) -> View:
    """Return a view that answers nobody before the key was confirmed. See `key_authentication.CONFIRMING`."""

    @wraps(view)
    def confirmed(**arguments: str) -> Response:
        try:
            return view(**arguments)
        except (HTTPException, Outdated):
            if not g.unconfirmed:
                raise
        db.session.rollback()
        key_authentication.confirm()
        authorization.check()
        return view(**arguments)

    return confirmed
