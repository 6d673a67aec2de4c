"""Keys of the JSON API: shown once, kept as SHA-256."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models import audit
from automations.models.people import ApiKey, User
from automations.models.sign_ins import hashed
from automations.models.store import Store

SCOPES = ("read", "write")
PREFIX = "sa_live_"
SHOWN = 12
#: `last_used_at` is written at most this often: a busy till should not write it with each order.
USED_EVERY = dt.timedelta(minutes=1)


def create(
    session: Session, store: Store, name: str, scope: str, user: User, now: dt.datetime
) -> tuple[ApiKey, str]:
    """A new key, inside write(). Returns its row and its secret, which is kept nowhere."""
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        store_id=store.id,
        name=name,
        prefix=secret[:SHOWN],
        secret_hash=hashed(secret),
        scope=scope,
        created_by=user.id,
        created_at=now,
    )
    session.add(key)
    session.flush()
    audit.note(
        session,
        action="created",
        about=f"API key “{name}”",
        store_id=store.id,
        user_id=user.id,
        after={"scope": scope},
        at=now,
    )
    return key, secret


def of_store(session: Session, store: Store) -> list[ApiKey]:
    """All keys of a store, the live ones first."""
    found = sa.select(ApiKey).where(ApiKey.store_id == store.id)
    return list(session.scalars(found.order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())))


def find(session: Session, secret: str) -> ApiKey | None:
    """The live key behind a secret."""
    found = sa.select(ApiKey).where(ApiKey.secret_hash == hashed(secret), ApiKey.revoked_at.is_(None))
    return session.scalar(found)


def used(session: Session, key: ApiKey, now: dt.datetime) -> None:
    """Remember that it was used, inside write()."""
    session.execute(sa.update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now))


def needs_note_of_use(key: ApiKey, now: dt.datetime) -> bool:
    """Whether `used` should be called."""
    return key.last_used_at is None or now - key.last_used_at > USED_EVERY


def revoke(session: Session, key: ApiKey, user: User, now: dt.datetime) -> None:
    """End a key for good, inside write()."""
    key.revoked_at = key.revoked_at or now
    audit.note(
        session,
        action="revoked",
        about=f"API key “{key.name}”",
        store_id=key.store_id,
        user_id=user.id,
        at=now,
    )
