"""A copy of the tracking numbers of parcels, where what a carrier says finds their order by an index."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement


class ParcelNumber(Base):
    """One tracking number of one order, as in the `parcels` column of the order."""

    __tablename__ = "parcel_number"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("order_id", "tracking_number"),
        sa.Index("ix_parcel_number_tracking_number", "store_id", "tracking_number", "order_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    order_id: Mapped[Key] = mapped_column(sa.ForeignKey("order.id"))
    tracking_number: Mapped[str]
