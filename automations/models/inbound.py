"""Addresses of our own at which other services tell of records, each with a secret they sign with."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from automations.connectors.secrets import SecretBox
from automations.connectors.standard_webhooks import new_secret
from automations.models import audit
from automations.models.base import Base, Key, PrimaryKey
from automations.models.people import User
from automations.models.secret import OVERLAP
from automations.models.store import Store


class InboundHook(Base):
    """One address of a store. `secret` and `previous` are encrypted; the secret is shown once."""

    __tablename__ = "inbound_hook"

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"), index=True)
    name: Mapped[str]
    #: The end of the address; it names the hook and opens nothing without the secret.
    token: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[str]
    #: Signs on beside the new one for OVERLAP after `changed_at`.
    previous: Mapped[str | None]
    changed_at: Mapped[dt.datetime]
    created_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]


def of_store(session: Session, store_id: int) -> list[InboundHook]:
    """All of a store, the live ones first."""
    mine = sa.select(InboundHook).where(InboundHook.store_id == store_id)
    return list(session.scalars(mine.order_by(InboundHook.revoked_at.is_not(None), InboundHook.id.desc())))


def find(session: Session, token: str) -> InboundHook | None:
    """The live hook of an address."""
    live = sa.select(InboundHook).where(InboundHook.token == token, InboundHook.revoked_at.is_(None))
    return session.scalar(live)


def create(session: Session, store: Store, name: str, user: User, box: SecretBox, now: dt.datetime) -> str:
    """A new address, inside write(). Returns its secret, which is never shown again."""
    secret = new_secret()
    hook = InboundHook(store_id=store.id, name=name, token=secrets.token_urlsafe(18), created_by=user.id)
    hook.secret, hook.changed_at, hook.created_at = box.encrypt(secret), now, now
    session.add(hook)
    _note(session, hook, user, "created", now)
    return secret


def rotate(session: Session, hook: InboundHook, user: User, box: SecretBox, now: dt.datetime) -> str:
    """Another secret, inside write(); the one before signs on for OVERLAP."""
    secret = new_secret()
    hook.previous, hook.secret, hook.changed_at = hook.secret, box.encrypt(secret), now
    _note(session, hook, user, "gave a new secret to", now)
    return secret


def revoke(session: Session, hook: InboundHook, user: User, now: dt.datetime) -> None:
    """Close the address for good, inside write()."""
    hook.revoked_at = hook.revoked_at or now
    _note(session, hook, user, "closed", now)


def keys_of(hook: InboundHook, box: SecretBox, now: dt.datetime) -> list[str]:
    """The secrets that count now. Raises SecretUnreadable."""
    both = [hook.secret, hook.previous if now - hook.changed_at < OVERLAP else None]
    return [box.decrypt(one) for one in both if one]


def _note(session: Session, hook: InboundHook, user: User, action: str, now: dt.datetime) -> None:
    about = f"the address for webhooks “{hook.name}”"
    audit.note(session, action=action, about=about, store_id=hook.store_id, user_id=user.id, at=now)
