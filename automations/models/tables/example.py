"""Pinned examples: what one automation must do, or must not do, with one moment of one record."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import Id, JsonColumn
from automations.models.tables.people import User


class Example(Base):
    """A frozen moment with the expected answer. It keeps everything it is judged by itself, so it outlives
    the log entry it was pinned from.
    """

    __tablename__ = "example"
    __table_args__ = with_autoincrement(
        sa.Index("ix_example_automation_id", "automation_id", "id"),
        sa.Index("ix_example_record", "store_id", "subject", "record_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    must_fire: Mapped[bool]
    #: "#0987", or the name of the sample record.
    label: Mapped[str]
    subject: Mapped[str]
    #: Id of the record; empty for a sample record.
    record_id: Mapped[int | None] = mapped_column(Id)
    #: Id of the occurrence it was pinned from, which may be deleted by now; empty for a test fire.
    occurrence_id: Mapped[int | None] = mapped_column(Id)
    #: The trigger of that occurrence, or the one the test fire assumed.
    trigger: Mapped[str]
    from_value: Mapped[str | None]
    to_value: Mapped[str | None]
    changed: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    snapshot: Mapped[Any] = mapped_column(JsonColumn)
    #: What else it is judged by: {"zone", "working", "previous": earlier values by field key}.
    moment: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: The moment itself.
    at: Mapped[dt.datetime]
    #: The schedule of a time trigger when it was pinned: another schedule comes at other moments.
    schedule: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: Keys of the fields whose values are lost since the person was erased.
    erased: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    note: Mapped[str] = mapped_column(default="", server_default="")
    pinned_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    pinned_at: Mapped[dt.datetime]
    #: When it was removed. It is asked no more, and can be put back until it is deleted.
    removed_at: Mapped[dt.datetime | None]

    person: Mapped[User] = relationship()
