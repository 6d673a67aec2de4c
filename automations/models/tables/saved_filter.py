"""Filters of the log that people named, so that they can come back to them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn
from automations.models.tables.people import User


class SavedFilter(Base):
    """A filter of a store's log under a name: of one person, or shared with everyone of the store."""

    __tablename__ = "saved_filter"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "user_id", "name"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: Who saved it, and alone may change it; an admin may also remove a shared one.
    user_id: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    name: Mapped[str]
    #: The arguments of the address, by name: {"outcome": "skipped", "automation": "7"}.
    arguments: Mapped[Any] = mapped_column(JsonColumn)
    shared: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[dt.datetime]

    user: Mapped[User] = relationship()
