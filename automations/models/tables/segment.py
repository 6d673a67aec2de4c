"""Segments, which are named conditions on customers, their members, and campaigns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn
from automations.models.tables.automation import Version

#: The states of a campaign.
DRAFT, SENDING, SENT = "draft", "sending", "sent"
_WORDS = {DRAFT: "Not sent yet", SENDING: "Sending", SENT: "Finished"}


class Segment(Base):
    """A name for the customers that meet some conditions."""

    __tablename__ = "segment"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "name"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    name: Mapped[str]
    #: As in the rule data of the subject customer; all must hold.
    conditions: Mapped[Any] = mapped_column(JsonColumn)
    #: The last night on which members were updated for conditions that depend on time alone.
    refreshed_on: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]


class SegmentMember(Base):
    """A customer who belonged to a segment when they were last evaluated."""

    __tablename__ = "segment_member"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("segment_id", "customer_id"),
        sa.Index("ix_segment_member_customer_id", "customer_id"),
    )

    id: Mapped[PrimaryKey]
    segment_id: Mapped[Key] = mapped_column(sa.ForeignKey("segment.id"))
    customer_id: Mapped[Key] = mapped_column(sa.ForeignKey("customer.id"))
    since: Mapped[dt.datetime]


class Campaign(Base):
    """One message to the customers of a segment. Customers with ids up to `after_id` are done."""

    __tablename__ = "campaign"
    __table_args__ = with_autoincrement(
        sa.Index("ix_campaign_store_id_id", "store_id", "id"),
        sa.Index("ix_campaign_version_id", "version_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    segment_id: Mapped[Key] = mapped_column(sa.ForeignKey("segment.id"))
    #: The frozen message, as the only action of a version that never listens.
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("version.id"))
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default=DRAFT)
    #: Customers who had marketing within this many days are left out; empty for no such limit.
    once_in_days: Mapped[int | None]
    after_id: Mapped[Key] = mapped_column(default=0)
    #: {"customers", "sent", "no_consent", "invalid", "capped"} of the customers done.
    counts: Mapped[Any] = mapped_column(JsonColumn, default=dict)
    created_at: Mapped[dt.datetime]
    created_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    finished_at: Mapped[dt.datetime | None]

    segment: Mapped[Segment] = relationship()
    version: Mapped[Version] = relationship()

    @property
    def state_words(self) -> str:
        """The state in the manager's words."""
        return _WORDS.get(self.state, self.state)
