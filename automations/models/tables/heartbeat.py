"""Heartbeats: when each part of the program last did its work, for monitoring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from automations.models.db.base import Base, PrimaryKey

RELAY, SCAN, SWEEP, TIDY, BACKUP = "relay", "scan", "sweep", "tidy", "backup"
#: Written by the health check, to see whether a disk that was full takes something again.
HEALTH = "health"
#: How much later than another worker's a heartbeat may be.
AHEAD = dt.timedelta(minutes=2)


class Heartbeat(Base):
    """The last heartbeat of one part of the program, such as the relay."""

    __tablename__ = "beat"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(unique=True)
    at: Mapped[dt.datetime]
    #: Of a backup: its size in bytes.
    size: Mapped[int | None]


def note(session: Session, beats: Mapping[str, dt.datetime], size: int | None = None) -> None:
    """Record when these parts last did their work, inside write().

    A later instant is not overwritten by an earlier one, unless it lies so far ahead that the clock must have
    been set back since.
    """
    existing = set(session.scalars(sa.select(Heartbeat.name).where(Heartbeat.name.in_(beats))))
    for name, at in beats.items():
        if name in existing:
            outdated = sa.or_(Heartbeat.at <= at, Heartbeat.at > at + AHEAD)
            older = sa.and_(Heartbeat.name == name, outdated)
            session.execute(sa.update(Heartbeat).where(older).values(at=at, size=size))
        else:
            session.execute(sa.insert(Heartbeat).values(name=name, at=at, size=size))


def latest(session: Session) -> dict[str, Heartbeat]:
    """Return the heartbeats by name."""
    rows: list[Any] = list(session.scalars(sa.select(Heartbeat)))
    return {row.name: row for row in rows}
