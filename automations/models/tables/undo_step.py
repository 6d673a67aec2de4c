"""What people did and may take back: for a day, and only as long as nobody has changed it since."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn


class UndoStep(Base):
    """One change of one person, with what was there before.

    In the builder it is a sitting: everything one person changed on one opened page, known by its `token`.
    """

    __tablename__ = "undo_step"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "token"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    user_id: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    #: What was done: a key of web/undo/undo_kinds.
    kind: Mapped[str]
    #: Id of the automation, record or entry that was changed.
    about_id: Mapped[Key]
    #: What it was before; empty for what did not exist.
    before: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: What it must still be, so that it can be taken back: {"revision": 7}.
    after: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: Of a sitting: the name that its page has made up for it, and the number of its last save.
    token: Mapped[str | None]
    save_number: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    undone_at: Mapped[dt.datetime | None]
