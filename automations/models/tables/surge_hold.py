"""What is usual for an automation by its past, and when it was held for a manager to decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn
from automations.models.tables.automation import Automation, Version

#: What a person decided about runs that were held.
RELEASED, DROPPED = "released", "dropped"
_OPEN = sa.text("ended_at IS NULL")


class UsualPace(Base):
    """How often one automation fires by its past. Figures only; made anew every day and after publishing."""

    __tablename__ = "usual_pace"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("automation_id"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    #: The version that was live when it was made.
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("version.id"))
    made_at: Mapped[dt.datetime]
    #: A Usual as plain data.
    figures: Mapped[Any] = mapped_column(JsonColumn)


class SurgeHold(Base):
    """A version that fired far more than its past says: its runs wait until `ended_at`.

    Firings with an id above `passed_to` are held. One version has at most one that is not ended.
    """

    __tablename__ = "surge_hold"
    __table_args__ = with_autoincrement(
        sa.Index("uq_surge_hold_open", "version_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_surge_hold_version_id", "version_id", "id"),
        sa.Index("ix_surge_hold_store_id", "store_id", "id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("version.id"))
    at: Mapped[dt.datetime]
    #: The evaluation that was the first too many; kept as a number, since the log may forget it.
    first_id: Mapped[Key]
    passed_to: Mapped[Key]
    #: {"fired", "limit", "seconds": of the window or None, "per_day": usual or None}
    figures: Mapped[Any] = mapped_column(JsonColumn)
    told_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    #: [{"what": RELEASED or DROPPED, "after": evaluation id, "to": evaluation id, "all": bool}]
    decisions: Mapped[Any] = mapped_column(JsonColumn, default=list)

    automation: Mapped[Automation] = relationship()
    version: Mapped[Version] = relationship()
