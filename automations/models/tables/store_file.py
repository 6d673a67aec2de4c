"""The files of a store: its logo, and what its emails bring along."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement

#: What a file is for: a logo, to be attached to emails, or no more than emails of the past.
LOGO, ATTACHMENT, REMOVED = "logo", "attachment", "removed"


class StoreFile(Base):
    """A file of a store. It never changes: another one has another id."""

    __tablename__ = "store_file"
    __table_args__ = with_autoincrement(sa.Index("ix_store_file_store_id", "store_id", "id"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: What it is for: LOGO, ATTACHMENT or REMOVED.
    purpose: Mapped[str]
    name: Mapped[str]
    #: Its media type: "image/png".
    type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
