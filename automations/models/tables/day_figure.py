"""What automations did on each day, counted once and kept: pages add these up instead of counting the log.

The counting and its rules are in features/figures.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement


class CountedTo(Base):
    """How far a store's evaluations are counted, and the time zone whose days they were counted by."""

    __tablename__ = "counted_to"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    zone: Mapped[str]
    #: Every evaluation of the store up to this id is counted.
    evaluation_id: Mapped[Key] = mapped_column(default=0)


class DayFigure(Base):
    """How many evaluations of one automation on one local day stand so: sent, skipped, failing, held, …"""

    __tablename__ = "day_figure"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("automation_id", "day", "standing"),
        sa.Index("ix_day_figure_store_id_day", "store_id", "day"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    day: Mapped[dt.date]
    #: A key of features/figures/standings.
    standing: Mapped[str]
    count: Mapped[int]


class OpenFigure(Base):
    """An evaluation that is counted already, and may still come to stand otherwise."""

    __tablename__ = "open_figure"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("evaluation_id"),
        sa.Index("ix_open_figure_automation_id_standing", "automation_id", "standing", "evaluation_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    evaluation_id: Mapped[Key] = mapped_column(sa.ForeignKey("evaluation.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    #: The day and the standing that it is counted under.
    day: Mapped[dt.date]
    standing: Mapped[str]
    #: When the first and the last of its waiting runs are due.
    first_due_at: Mapped[dt.datetime | None]
    last_due_at: Mapped[dt.datetime | None]
