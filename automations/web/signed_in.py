"""Who is asking: sets g.user, g.membership and g.store (a person) or g.api_key and g.store (a key)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask, g, request

from automations.models import callers, sign_ins
from automations.models.base import db, write
from automations.models.callers import Caller
from automations.models.people import Membership, SignIn
from automations.web import cookies
from automations.web.permissions import needed

BEARER = "bearer "


def register(app: Flask) -> None:
    """Look before each request. Must come before the guard."""
    app.before_request(load)


def load() -> None:
    """Find the person by cookie, or the key by its header; neither is an error here."""
    g.user = g.membership = g.store = g.sign_in = g.api_key = None
    permission = needed(request.endpoint or "") or ""
    if permission.startswith("api:"):
        _load_key(request.headers.get("Authorization", ""))
    elif request.endpoint not in ("static", "assets.show"):
        _load_person(request.cookies.get(cookies.name(cookies.SIGN_IN), ""))


def _load_person(token: str) -> None:
    now = dt.datetime.now(dt.UTC)
    found = sign_ins.find(db.session(), token, now) if token else None
    membership = _membership(found) if found else None
    if found is None or membership is None:
        return
    if now - found.seen_at > sign_ins.SEEN_EVERY:
        _note_seen(found.id, now)
    g.sign_in, g.membership = found, membership
    g.user, g.store = membership.user, membership.store


def _membership(found: SignIn) -> Membership | None:
    """Her place in the store she last chose, else in her first one."""
    all_of_them = sign_ins.memberships(db.session(), found.user_id)
    return next((one for one in all_of_them if one.store_id == found.store_id), next(iter(all_of_them), None))


def _note_seen(sign_in_id: int, now: dt.datetime) -> None:
    with write() as session:
        session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now))


def _load_key(header: str) -> None:
    if not header.lower().startswith(BEARER):
        return
    caller = callers.find(db.session(), header[len(BEARER) :].strip())
    if caller is None:
        return
    now = dt.datetime.now(dt.UTC)
    if callers.needs_note_of_use(caller, now):
        _note_use(caller, now)
    g.api_key, g.store = caller, caller.store


def _note_use(caller: Caller, now: dt.datetime) -> None:
    with write() as session:
        callers.used(session, caller.key_id, now)
