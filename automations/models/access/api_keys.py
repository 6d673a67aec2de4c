"""Keys of the JSON API: shown once, stored as SHA-256. models/access/api_authentication.py looks them up."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.messages.store_formats import formats_of
from automations.models.access import audit
from automations.models.access.browser_sessions import hash_token
from automations.models.tables.people import ApiKey, User
from automations.models.tables.store import Store

PREFIX = "sa_live_"
SHOWN = 12


def create(
    session: Session,
    store: Store,
    name: str,
    scope: str,
    user: User,
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
) -> tuple[ApiKey, str]:
    """Create a key, inside write(). Return its row and its secret, which is not stored.

    `scope` is one or more scopes separated by spaces; without `expires_at` the key is valid until it is
    revoked.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        store_id=store.id,
        name=name,
        prefix=secret[:SHOWN],
        secret_hash=hash_token(secret),
        scope=scope,
        created_by=user.id,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    until = formats_of(store.language).date(expires_at) if expires_at else "it is revoked"
    audit.note(
        session,
        action="created",
        about=f"API key “{name}”",
        store_id=store.id,
        user_id=user.id,
        after={"scope": scope, "until": until},
        at=now,
    )
    return key, secret


def of_store(session: Session, store: Store) -> list[ApiKey]:
    """Return all keys of a store, the valid ones first."""
    query = sa.select(ApiKey).where(ApiKey.store_id == store.id)
    return list(session.scalars(query.order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())))


def revoke(session: Session, key: ApiKey, user: User, now: dt.datetime) -> None:
    """Revoke a key for good, inside write()."""
    key.revoked_at = key.revoked_at or now
    audit.note(
        session,
        action="revoked",
        about=f"API key “{key.name}”",
        store_id=key.store_id,
        user_id=user.id,
        at=now,
    )
