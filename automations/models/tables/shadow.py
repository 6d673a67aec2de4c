"""Shadow mode: a version that is evaluated like any other for some days, and whose actions are never done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn
from automations.models.tables.automation import Automation, Version

#: The outcomes of evaluations in shadow mode; none of them has runs, and nothing counts them as fired.
SHADOW, SHADOW_CAPPED, SHADOW_ERROR = "shadow", "shadow_capped", "shadow_error"
SHADOW_OUTCOMES = (SHADOW, SHADOW_CAPPED, SHADOW_ERROR)

#: What was decided about a version in shadow mode.
PUBLISHED, ENDED, REPLACED = "published", "ended", "replaced"


class Shadow(Base):
    """The shadow mode of one version: it listens until `until`, then the managers decide what follows."""

    __tablename__ = "shadow"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("version_id"), sa.Index("ix_shadow_automation_id", "automation_id")
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("version.id"))
    started_at: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    #: When it stopped listening; empty while it listens.
    stopped_at: Mapped[dt.datetime | None]
    decided_at: Mapped[dt.datetime | None]
    #: published, ended or replaced; empty until someone decides.
    decision: Mapped[str | None]
    #: When the managers were last reminded that it waits for a decision.
    reminded_at: Mapped[dt.datetime | None]
    #: What its evaluations up to `tallied_to` would have led to, as counts: features/rollout/shadow_tally.
    tally: Mapped[Any] = mapped_column(JsonColumn, default=dict)
    tallied_to: Mapped[Key] = mapped_column(default=0)

    automation: Mapped[Automation] = relationship()
    version: Mapped[Version] = relationship()


class ShadowDue(Base):
    """One instant at which a version in shadow mode was due for one record.

    Kept apart from `due`: there it would take the instant away from the live version of the same automation.
    """

    __tablename__ = "shadow_due"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("version_id", "subject", "record_id", "due_at", name="uq_shadow_due_instant"),
        sa.Index("ix_shadow_due_occurrence_id", "occurrence_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("version.id"))
    subject: Mapped[str]
    record_id: Mapped[Key]
    due_at: Mapped[dt.datetime]
    #: The occurrence it led to; empty once the log no longer keeps it.
    occurrence_id: Mapped[int | None] = mapped_column(sa.ForeignKey("occurrence.id"))
