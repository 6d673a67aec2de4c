"""How far the orders that a shop's messages did not bring have been fetched."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement

#: running -> done, failed with `problem`, or stopped by someone; from the last two it can go on.
RUNNING, DONE, STOPPED_SHORT, STOPPED = "running", "done", "failed", "stopped"


class ShopCatchUp(Base):
    """The latest catch-up of a connection: all orders that the shop changed since `since`, page by page."""

    __tablename__ = "shop_catch_up"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("connection_id"), sa.Index("ix_shop_catch_up_due_at", "due_at", "id")
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    connection_id: Mapped[Key] = mapped_column(sa.ForeignKey("shop_connection.id"))
    #: Who asked for it; empty if the shop had gone silent.
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
    since: Mapped[dt.datetime]
    #: Where the next page begins, as the source says it; "" for the first one.
    cursor: Mapped[str]
    state: Mapped[str]
    problem: Mapped[str | None]
    seen: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    #: When the next page is fetched; empty once it has ended.
    due_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
