"""Notifications, which the bell shows to one person."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement

_OF_A_PAGE = sa.text("path IS NOT NULL")


class Notification(Base):
    """A notification for one person in one store; unread while `read_at` is empty."""

    __tablename__ = "notification"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("run_id", "user_id"),
        sa.Index("ix_notification_reader", "user_id", "store_id", "read_at", "id"),
        sa.Index(
            "ix_notification_path", "store_id", "path", sqlite_where=_OF_A_PAGE, postgresql_where=_OF_A_PAGE
        ),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    user_id: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("run.id"))
    #: The record it is about.
    subject: Mapped[str | None]
    record_id: Mapped[int | None]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="")
    #: The page that it is about, where it is about no record.
    path: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]
