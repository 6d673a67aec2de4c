"""A store on hold: after a backup was restored, nothing is sent until a person ends the hold."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement


class Hold(Base):
    """From `since` until `ended_at` no run of the store starts; without `ended_at` it is still on hold."""

    __tablename__ = "hold"
    __table_args__ = with_autoincrement(sa.Index("ix_hold_store_id_ended_at", "store_id", "ended_at"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    since: Mapped[dt.datetime]
    #: When the backup was made, if known: messages due before may have been sent since.
    backup_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class Release(Base):
    """One run that may be sent although its store is on hold."""

    __tablename__ = "release"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("hold_id", "run_id"))

    id: Mapped[PrimaryKey]
    hold_id: Mapped[Key] = mapped_column(sa.ForeignKey("hold.id"))
    run_id: Mapped[Key] = mapped_column(sa.ForeignKey("run.id"), index=True)
    user_id: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime]
