"""Tasks on the list of a store."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn
from automations.models.tables.people import User

OPEN, DONE = "open", "done"
PRIORITIES = ("low", "normal", "high")


class Task(Base):
    """Something a person has to do, about at most one record. An automation’s task refers to its run."""

    __tablename__ = "task"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("run_id", "part"),
        sa.Index("ix_task_store_state", "store_id", "state", "due_at"),
        sa.Index("ix_task_store_id_id", "store_id", "id"),
        sa.Index("ix_task_record", "store_id", "subject", "record_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("run.id"))
    part: Mapped[int] = mapped_column(default=0)
    #: The record it is about; both are empty for a task that a person created about no record.
    subject: Mapped[str | None]
    record_id: Mapped[int | None]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    #: [{"text", "done"}] in order.
    checklist: Mapped[Any] = mapped_column(JsonColumn, default=list)
    #: One person, or everyone of a role ("manager", "admin", "viewer", "team"), or nobody in particular.
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    assignee_role: Mapped[str | None]
    due_at: Mapped[dt.datetime | None]
    priority: Mapped[str] = mapped_column(default="normal")
    state: Mapped[str] = mapped_column(default=OPEN)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])
