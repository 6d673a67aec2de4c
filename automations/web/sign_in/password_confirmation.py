"""Confirming one's own password again. Wrong passwords delay the next try."""

from __future__ import annotations

import datetime as dt

from flask import current_app, g, request
from wtforms import PasswordField, ValidationError

from automations.models.access import sign_in_throttle
from automations.models.access.password_hashing import Passwords
from automations.models.db.base import write

WRONG = "That is not your password."


def check(field: PasswordField) -> None:
    """Raise ValidationError unless the field holds the password of the signed-in person."""
    email, password_hash, address = g.user.email, g.user.password_hash, request.remote_addr or ""
    try:
        with write() as session:
            sign_in_throttle.count_try(session, email, address, dt.datetime.now(dt.UTC))
    except sign_in_throttle.SignInThrottled as error:
        raise ValidationError(str(error)) from error
    if not Passwords(current_app.config["ARGON2"]).matches(password_hash, field.data):
        raise ValidationError(WRONG)
    with write() as session:
        sign_in_throttle.clear_failures(session, email, address)
