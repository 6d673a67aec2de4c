"""What a source last told us about a record, by its own clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn


class LastTold(Base):
    """The latest time at which one source said something about each field of one record."""

    __tablename__ = "last_told"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "subject", "record_id", "source"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    subject: Mapped[str]
    record_id: Mapped[Key]
    #: "easypost", or "webhook 3".
    source: Mapped[str]
    #: By column, or "custom.colour" for a field of the store's own: the time the source gave, as ISO 8601.
    times: Mapped[Any] = mapped_column(JsonColumn)
    #: When we took its latest message, by our clock.
    taken_at: Mapped[dt.datetime]
