"""The hosts that stores call: the circuit breaker of each, and the addresses closed for good."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


class CalledHost(Base):
    """A host that failed for one store lately: the state of its circuit breaker, shared by all workers."""

    __tablename__ = "called_host"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "host"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    host: Mapped[str]
    #: Consecutive failures; an answer resets them to 0.
    failures: Mapped[int] = mapped_column(default=0)
    #: When the breaker opened; empty while it is closed.
    opened_at: Mapped[dt.datetime | None]
    #: When a single run may try the host again.
    probe_at: Mapped[dt.datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[dt.datetime]

    def state(self, now: dt.datetime) -> str:
        """Return closed (called as usual), open (not called) or half-open (the next run tries it)."""
        if self.opened_at is None or self.probe_at is None:
            return CLOSED
        return OPEN if now < self.probe_at else HALF_OPEN


class ClosedEndpoint(Base):
    """An address that answered that it is gone for good; nothing is sent there until a person reopens it."""

    __tablename__ = "closed_endpoint"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "url"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: As in the action, with its placeholders in braces.
    url: Mapped[str]
    host: Mapped[str]
    closed_at: Mapped[dt.datetime]
