"""A copy of the dates in custom fields, where a scan finds them by an index."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement


class CustomDate(Base):
    """One date in one custom field of one record, as in the `custom` column of the record."""

    __tablename__ = "own_date"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("subject", "record_id", "key"),
        sa.Index("ix_own_date_day", "store_id", "subject", "key", "day", "record_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    subject: Mapped[str]
    record_id: Mapped[Key]
    key: Mapped[str]
    day: Mapped[dt.date]
