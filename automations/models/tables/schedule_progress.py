"""Progress of schedules: the instants already dealt with, and how far each listening span was scanned."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement

#: The triggers that no change sets off; the last one covers all records at once.
SCHEDULED = "scheduled"
TIMED = ("date_reached", "stays_in_status", SCHEDULED)


class Due(Base):
    """One instant at which one automation was due for one record; dealt with exactly once."""

    __tablename__ = "due"
    __table_args__ = with_autoincrement(
        # Keeps two scans, or one that restarts after a crash, from writing the same instant twice.
        sa.UniqueConstraint("automation_id", "subject", "record_id", "due_at", name="uq_due_instant"),
        sa.Index("ix_due_occurrence_id", "occurrence_id"),
        sa.Index("ix_due_store_id_due_at", "store_id", "due_at"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    #: The version whose schedule it was; no other version evaluates its occurrence.
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("version.id"))
    subject: Mapped[str]
    record_id: Mapped[Key]
    due_at: Mapped[dt.datetime]
    #: Empty if a person skipped it before it was due.
    occurrence_id: Mapped[int | None] = mapped_column(sa.ForeignKey("occurrence.id"))


class ScanMark(Base):
    """How far one listening span was scanned: every instant up to `looked_to` is dealt with."""

    __tablename__ = "scan_mark"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("listening_id"))

    id: Mapped[PrimaryKey]
    listening_id: Mapped[Key] = mapped_column(sa.ForeignKey("listening.id"))
    looked_to: Mapped[dt.datetime]
    #: Of a schedule for all records: the instant in progress, and the last record evaluated for it.
    firing_at: Mapped[dt.datetime | None]
    after_id: Mapped[Key] = mapped_column(default=0)
