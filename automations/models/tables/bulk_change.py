"""One change of many records that a person chose, and the records one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import Id, JsonColumn

#: The states of a change: gathering -> draft -> running -> done; a person may stop it: -> stopped.
GATHERING, DRAFT, RUNNING, DONE, STOPPED = "gathering", "draft", "running", "done", "stopped"
#: What became of a record: changed or fired, left as it was, or refused with a reason.
CHANGED, SAME, REFUSED = "changed", "same", "refused"


class BulkChange(Base):
    """What is to be done with many records: a status, a tag, or an automation run by hand."""

    __tablename__ = "bulk_change"
    __table_args__ = with_autoincrement(
        sa.Index("ix_bulk_change_store_id", "store_id", "id"), sa.Index("ix_bulk_change_state", "state", "id")
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    user_id: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    subject: Mapped[str]
    #: {"kind": "set", "column", "value"}, {"kind": "add_tag" | "remove_tag", "tag"} or
    #: {"kind": "run", "automation_id", "version_id"}.
    task: Mapped[Any] = mapped_column(JsonColumn)
    state: Mapped[str] = mapped_column(default=DRAFT)
    size: Mapped[int]
    #: While its records are gathered: {"text": "rose", "filters": {"status": "confirmed"}}, and the key from
    #: which the next piece goes on.
    query: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    gathered_to: Mapped[int | None] = mapped_column(Id)
    #: Every record up to this row of the list is done.
    after_id: Mapped[Key] = mapped_column(default=0)
    #: {"changed": 12, "same": 0, "refused": 0, "fired": 3}
    counts: Mapped[Any] = mapped_column(JsonColumn, default=dict)
    #: The change that this one takes back.
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulk_change.id"))
    created_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]


class BulkRecord(Base):
    """One record of a bulk change, by its id: what it is to become, what it was, and what became of it."""

    __tablename__ = "bulk_record"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("bulk_change_id", "record_id"),
        sa.Index("ix_bulk_record_bulk_change_id", "bulk_change_id", "id"),
    )

    id: Mapped[PrimaryKey]
    bulk_change_id: Mapped[Key] = mapped_column(sa.ForeignKey("bulk_change.id"))
    record_id: Mapped[Key]
    #: Where a change is undone: the status that the record goes back to.
    target: Mapped[str | None]
    #: The status before.
    was: Mapped[str | None]
    outcome: Mapped[str | None]
