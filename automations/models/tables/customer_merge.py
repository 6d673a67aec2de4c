"""Customers that were merged into another: what they were, kept for a while so that it can be undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn

#: How long a merge can be undone.
KEPT_FOR = dt.timedelta(days=30)


class CustomerMerge(Base):
    """One customer that now is another: what names the one by number, email or phone means the other."""

    __tablename__ = "customer_merge"
    __table_args__ = with_autoincrement(
        sa.Index("ix_customer_merge_customer_id", "customer_id", "id"),
        sa.Index("ix_customer_merge_merged_id", "merged_id"),
        sa.Index("ix_customer_merge_number", "store_id", "merged_number"),
        sa.Index("ix_customer_merge_email", "store_id", "merged_email"),
        sa.Index("ix_customer_merge_phone", "store_id", "merged_phone"),
        sa.Index("ix_customer_merge_merged_at", "merged_at", "id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: Who they are now; who they were is no row any more, and the id is never used again.
    customer_id: Mapped[Key] = mapped_column(sa.ForeignKey("customer.id"))
    merged_id: Mapped[Key]
    merged_number: Mapped[str]
    #: In small letters, and as digits; "" for none, and after an undo or an erasure.
    merged_email: Mapped[str] = mapped_column(default="")
    merged_phone: Mapped[str] = mapped_column(default="")
    #: What an undo needs: {"row", "orders", "events", "members", "stayed", "dates", "links", "merges",
    #: "before", "after", "consent"}, and "withdrawn" if they ended marketing since.
    kept: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    merged_at: Mapped[dt.datetime]
    merged_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    undone_at: Mapped[dt.datetime | None]
