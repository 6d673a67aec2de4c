"""The summaries that tell a manager every morning what failed, what waits for them and what was sent."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import Id

WAITING = "waiting"  # -> sending, cancelled
SENDING = "sending"  # -> sent, waiting (another try), failed, unknown
SENT, FAILED, UNKNOWN, CANCELLED = "sent", "failed", "unknown", "cancelled"
#: There was nothing to say on that day.
SILENT = "silent"


class DailySummary(Base):
    """One morning of one person in one store; committed before anything is sent, so that it is sent once."""

    __tablename__ = "daily_summary"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("membership_id", "day"), sa.Index("ix_daily_summary_state", "state", "due_at")
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    membership_id: Mapped[Key] = mapped_column(sa.ForeignKey("membership.id"))
    #: The day of the store on which it is sent.
    day: Mapped[dt.date]
    state: Mapped[str]
    due_at: Mapped[dt.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    #: What became of the last try, as a sentence.
    outcome: Mapped[str] = mapped_column(default="")
    message_id: Mapped[int | None] = mapped_column(Id)
