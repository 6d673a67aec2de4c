"""The hosts that stores call: how each one is doing, and the addresses that are closed for good."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.base import Base, Key, PrimaryKey, with_autoincrement

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


class CalledHost(Base):
    """A host that failed one store lately: its breaker, which all workers share."""

    __tablename__ = "called_host"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "host"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    host: Mapped[str]
    #: One after the other; an answer makes it 0.
    failures: Mapped[int] = mapped_column(default=0)
    #: Since when its runs wait; empty while they do not.
    opened_at: Mapped[dt.datetime | None]
    #: Not before this is it called again, and then by one run alone.
    probe_at: Mapped[dt.datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[dt.datetime]

    def state(self, now: dt.datetime) -> str:
        """closed: called as usual. open: not called. half-open: the next run tries it."""
        if self.opened_at is None or self.probe_at is None:
            return CLOSED
        return OPEN if now < self.probe_at else HALF_OPEN


class ClosedEndpoint(Base):
    """An address that answered that it is gone for good; nothing is sent there until a person says so."""

    __tablename__ = "closed_endpoint"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "url"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: As it stands in the action, with its fields in braces.
    url: Mapped[str]
    host: Mapped[str]
    closed_at: Mapped[dt.datetime]
