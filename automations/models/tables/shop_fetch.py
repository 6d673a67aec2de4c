"""What is still to be fetched from shops that send only the id of a record."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement


class ShopFetch(Base):
    """One record of a shop to fetch, for the latest delivery that names it; done, the row goes."""

    __tablename__ = "shop_fetch"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("connection_id", "kind", "source_id"),
        sa.Index("ix_shop_fetch_due_at", "due_at", "id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    connection_id: Mapped[Key] = mapped_column(sa.ForeignKey("shop_connection.id"))
    delivery_id: Mapped[Key] = mapped_column(sa.ForeignKey("shop_delivery.id"), index=True)
    #: What the shop calls it, such as "order", and its id there.
    kind: Mapped[str]
    source_id: Mapped[str]
    #: How many messages asked for it: one that comes while it is fetched has it fetched again.
    asked: Mapped[int] = mapped_column(default=1)
    asked_at: Mapped[dt.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime]
