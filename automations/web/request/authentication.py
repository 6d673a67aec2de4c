"""Authentication: sets g.user, g.membership and g.store for a person, g.api_key and g.store for a key."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, g, request
from flask.globals import app_ctx, request_ctx

from automations.engine.operators.value_types import write_counts
from automations.messages.store_formats import formats_of
from automations.models.access import browser_sessions
from automations.models.db.base import db, write
from automations.models.tables.people import SignIn
from automations.web.kit import cookies
from automations.web.kit.fragments import FOLLOWS_HEADER
from automations.web.kit.permissions import permission_of
from automations.web.kit.typed_amounts import typed_amount
from automations.web.request import key_authentication


@dataclass(frozen=True, slots=True)
class OtherStore:
    """A store that the signed-in person could switch to."""

    id: int
    name: str


def register(app: Flask) -> None:
    """Authenticate before each request. Must be registered before the guard."""
    app.before_request(load)


def load() -> None:
    """Find the person by their cookie, or the key by its header. Finding nobody is not an error here."""
    # The proxies of the library ask anew whose request it is at each use: the API notices that.
    found, asked = app_ctx.g, request_ctx.request
    found.user = found.membership = found.store = found.sign_in = found.api_key = None
    found.other_stores, found.unconfirmed = [], False
    write_counts(None)
    permission = permission_of(asked.endpoint or "") or ""
    if permission.startswith("api:"):
        key_authentication.load(asked.headers.get("Authorization", ""))
    elif asked.endpoint not in ("static", "assets.show"):
        _load_person(asked.cookies.get(cookies.name(cookies.SIGN_IN), ""))


def _load_person(token: str) -> None:
    now = dt.datetime.now(dt.UTC)
    found = browser_sessions.signed_in(db.session(), token, now) if token else None
    if found is None:
        return
    sign_in, memberships = found
    # The store chosen last, else the person's first one.
    chosen = (each for each in memberships if each.store_id == sign_in.store_id)
    membership = next(chosen, memberships[0])
    others = (each for each in memberships if each is not membership)
    g.other_stores = [OtherStore(each.store_id, each.store.name) for each in others]
    g.sign_in, g.membership = sign_in, membership
    g.user, g.store = membership.user, membership.store
    language = g.store.language
    write_counts(formats_of(language).number, lambda plain: typed_amount(plain, language))
    # A page that follows along by itself must not keep a person signed in who left.
    if now - sign_in.seen_at > browser_sessions.SEEN_EVERY and FOLLOWS_HEADER not in request.headers:
        _note_seen(sign_in.id, now)


def _note_seen(sign_in_id: int, now: dt.datetime) -> None:
    with write() as session:
        session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now))
