"""Incoming webhooks: our addresses where other services report records, each with a signing secret."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from automations.connectors.secret_encryption import SecretBox
from automations.connectors.standard_webhooks import new_secret
from automations.models.access import audit
from automations.models.db.base import Base, Key, PrimaryKey
from automations.models.tables.people import User
from automations.models.tables.secret import OVERLAP
from automations.models.tables.store import Store


class InboundHook(Base):
    """One address of a store. `secret` and `previous` are encrypted; the secret is shown once."""

    __tablename__ = "inbound_hook"

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"), index=True)
    name: Mapped[str]
    #: The end of the address; it identifies the hook and gives no access without the secret.
    token: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[str]
    #: Accepted beside the new one for OVERLAP after `changed_at`.
    previous: Mapped[str | None]
    changed_at: Mapped[dt.datetime]
    created_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]


def of_store(session: Session, store_id: int) -> list[InboundHook]:
    """Return all addresses of a store, the open ones first."""
    query = sa.select(InboundHook).where(InboundHook.store_id == store_id)
    return list(session.scalars(query.order_by(InboundHook.revoked_at.is_not(None), InboundHook.id.desc())))


def find(session: Session, token: str) -> InboundHook | None:
    """Return the open hook with this token, or None."""
    query = sa.select(InboundHook).where(InboundHook.token == token, InboundHook.revoked_at.is_(None))
    return session.scalar(query)


def create(session: Session, store: Store, name: str, user: User, box: SecretBox, now: dt.datetime) -> str:
    """Create an address, inside write(). Return its secret, which is never shown again."""
    secret = new_secret()
    hook = InboundHook(store_id=store.id, name=name, token=secrets.token_urlsafe(18), created_by=user.id)
    hook.secret, hook.changed_at, hook.created_at = box.encrypt(secret), now, now
    session.add(hook)
    _note(session, hook, user, "created", now)
    return secret


def rotate(session: Session, hook: InboundHook, user: User, box: SecretBox, now: dt.datetime) -> str:
    """Replace the secret, inside write(), and return the new one; the old one stays valid for OVERLAP."""
    secret = new_secret()
    hook.previous, hook.secret, hook.changed_at = hook.secret, box.encrypt(secret), now
    _note(session, hook, user, "gave a new secret to", now)
    return secret


def revoke(session: Session, hook: InboundHook, user: User, now: dt.datetime) -> None:
    """Close the address for good, inside write()."""
    hook.revoked_at = hook.revoked_at or now
    _note(session, hook, user, "closed", now)


def valid_secrets(hook: InboundHook, box: SecretBox, now: dt.datetime) -> list[str]:
    """Return the secrets that are valid now. Raises SecretUnreadable."""
    encrypted = [hook.secret, hook.previous if now - hook.changed_at < OVERLAP else None]
    return [box.decrypt(secret) for secret in encrypted if secret]


def _note(session: Session, hook: InboundHook, user: User, action: str, now: dt.datetime) -> None:
    about = f"the address for webhooks “{hook.name}”"
    audit.note(session, action=action, about=about, store_id=hook.store_id, user_id=user.id, at=now)
