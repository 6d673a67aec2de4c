"""Authentication of programs: sets g.api_key and g.store, and g.unconfirmed if both are only remembered."""

from __future__ import annotations

import datetime as dt

from flask import g, request
from flask.globals import app_ctx, request_ctx

from automations.models.access import api_authentication
from automations.models.access.api_authentication import Caller
from automations.models.db.base import db, write

BEARER = "bearer "
#: Confirm the key in the transaction in which they write; see web/api/current_key.py.
CONFIRMING = ("api.create", "api.create_many", "api.update")


def confirm() -> None:
    """Look up a key that was only remembered: the request then has key and store as they are now."""
    if g.unconfirmed:
        g.api_key = g.store = None
        g.unconfirmed = False
        _find_key(_secret(request.headers["Authorization"]))


def load(header: str) -> None:
    """Find the key by its header, or remember it where the transaction that writes confirms it."""
    if not header.lower().startswith(BEARER):
        return
    secret, asked = _secret(header), request_ctx.request
    # What the query says is checked before the transaction.
    if asked.endpoint in CONFIRMING and not asked.query_string:
        caller = api_authentication.remembered(db.engine, secret)
        if caller and not api_authentication.should_mark_used(caller, dt.datetime.now(dt.UTC)):
            found = app_ctx.g
            found.api_key, found.store, found.unconfirmed = caller, caller.store, True
            return
    _find_key(secret)


def _secret(header: str) -> str:
    return header[len(BEARER) :].strip()


def _find_key(secret: str) -> None:
    caller = api_authentication.find(db.session(), secret)
    if caller is None:
        return
    now = dt.datetime.now(dt.UTC)
    if api_authentication.should_mark_used(caller, now):
        _note_use(caller, now)
    g.api_key, g.store = caller, caller.store


def _note_use(caller: Caller, now: dt.datetime) -> None:
    with write() as session:
        api_authentication.mark_used(session, caller.key_id, now)
