"""Who is signed in shows once more who she is, by her password. Wrong ones make the next one wait."""

from __future__ import annotations

import datetime as dt

from flask import current_app, g, request
from wtforms import PasswordField, ValidationError

from automations.models import guesses
from automations.models.base import write
from automations.models.passwords import Passwords

WRONG = "That is not your password."


def check(field: PasswordField) -> None:
    """Raises ValidationError unless this is the password of who is signed in."""
    email, kept, here = g.user.email, g.user.password_hash, request.remote_addr or ""
    try:
        with write() as session:
            guesses.count_try(session, email, here, dt.datetime.now(dt.UTC))
    except guesses.TooSoon as error:
        raise ValidationError(str(error)) from error
    if not Passwords(current_app.config["ARGON2"]).matches(kept, field.data):
        raise ValidationError(WRONG)
    with write() as session:
        guesses.forget(session, email, here)
