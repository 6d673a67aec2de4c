"""Passwords and tokens that requests to other services carry."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement

#: How long the previous secret still signs beside the new one.
OVERLAP = dt.timedelta(hours=24)


class Secret(Base):
    """One named secret of a store. `value` and `previous` are encrypted and never shown again."""

    __tablename__ = "secret"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "name"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    name: Mapped[str]
    #: The only host it is sent to; empty for any.
    host: Mapped[str] = mapped_column(default="")
    value: Mapped[str]
    previous: Mapped[str | None]
    changed_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime]


def keep(
    session: Session, store_id: int, name: str, value: str, host: str, box: SecretBox, now: dt.datetime
) -> Secret:
    """Store a secret under a new or existing name, inside write(); the old one stays valid for OVERLAP."""
    host = host.strip().lower()
    secret = session.scalar(sa.select(Secret).where(Secret.store_id == store_id, Secret.name == name))
    if secret is None:
        secret = Secret(store_id=store_id, name=name, created_at=now)
        session.add(secret)
    elif secret.host == host:
        secret.previous = secret.value
    else:
        # A secret must not go to a host its owner never meant it for.
        secret.previous = None
    secret.value, secret.host, secret.changed_at = box.encrypt(value), host, now
    return secret


def is_previous_valid(changed_at: dt.datetime, now: dt.datetime) -> bool:
    """Return whether the secret that was replaced at `changed_at` is still valid beside the new one."""
    return now - changed_at < OVERLAP


def secret_names(session: Session, store_id: int) -> list[str]:
    """Return the names of a store's secrets, sorted."""
    return list(
        session.scalars(sa.select(Secret.name).where(Secret.store_id == store_id).order_by(Secret.name))
    )
