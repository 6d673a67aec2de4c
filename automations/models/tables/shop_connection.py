"""Shops, tills and carriers that send to a store, and what we know of what they sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn

#: What became of a delivery.
TAKEN, UNCHANGED, OLDER, NOT_TAKEN = "taken", "unchanged", "older", "not taken"
TEST, NOT_UNDERSTOOD = "test", "not understood"
#: Waits for what it is about to be fetched; or an error of our own, not of the shop, was in the way.
WAITING, FAILED = "waiting", "failed"
#: How long a delivery is kept.
KEPT_FOR = dt.timedelta(days=30)


class ShopConnection(Base):
    """One shop of a store. Secrets are encrypted; `previous` is valid for OVERLAP after `changed_at`."""

    __tablename__ = "shop_connection"
    __table_args__ = with_autoincrement(sa.Index("ix_shop_connection_store_id", "store_id", "id"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: The key of its source: shopify, woocommerce.
    kind: Mapped[str]
    name: Mapped[str]
    #: The end of the address; it identifies the connection and gives no access without the secret.
    token: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[str | None]
    previous: Mapped[str | None]
    changed_at: Mapped[dt.datetime]
    #: The token with which the shop's own API is asked, encrypted; and why it was refused there, if it was.
    access: Mapped[str | None]
    access_problem: Mapped[str | None]
    #: {"site": the address of that API, "account": what belongs to the token,
    #: "two_steps", "takes_tests", "month_first", "prefix", "silence": hours or 0, "quiet_after": days or 0}
    options: Mapped[Any] = mapped_column(JsonColumn)
    #: How many deliveries were refused, and how many only repeated what was known.
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    refused_at: Mapped[dt.datetime | None]
    refused_why: Mapped[str | None]
    repeated: Mapped[int] = mapped_column(default=0, server_default="0")
    #: The latest genuine delivery, of any kind, and the latest that was only a test.
    heard_at: Mapped[dt.datetime | None]
    tested_at: Mapped[dt.datetime | None]
    #: When someone was last told that nothing comes any more.
    silence_told_at: Mapped[dt.datetime | None]
    created_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]


class ShopRecord(Base):
    """One record of ours as a shop knows it: by its own id, with what it said last."""

    __tablename__ = "shop_record"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("connection_id", "subject", "source_id"),
        sa.Index("ix_shop_record_record_id", "store_id", "subject", "record_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    connection_id: Mapped[Key] = mapped_column(sa.ForeignKey("shop_connection.id"))
    subject: Mapped[str]
    source_id: Mapped[str]
    record_id: Mapped[Key]
    #: When it was so, by the shop's clock, and the shop's own count of its changes.
    told_at: Mapped[dt.datetime | None]
    version: Mapped[int | None]
    #: Our field -> the value the shop sent last, as plain data.
    said: Mapped[Any] = mapped_column(JsonColumn)
    #: Our field -> {"theirs", "ours", "kept", "at"}: both sides changed it, and nobody has looked yet.
    conflicts: Mapped[Any] = mapped_column(JsonColumn)
    #: The refunds that were told apart from the order: their id -> the amount.
    refunds: Mapped[Any] = mapped_column(JsonColumn)
    deleted_at: Mapped[dt.datetime | None]


class ShopDelivery(Base):
    """One message of a shop as it came in, with what became of it. It is kept for KEPT_FOR."""

    __tablename__ = "shop_delivery"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("connection_id", "delivery_id", "body_hash"),
        sa.Index("ix_shop_delivery_connection_id", "connection_id", "id"),
        sa.Index("ix_shop_delivery_record_id", "store_id", "subject", "record_id"),
        sa.Index("ix_shop_delivery_received_at", "received_at", "id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    connection_id: Mapped[Key] = mapped_column(sa.ForeignKey("shop_connection.id"))
    #: As the source gave it, or "": not equal for equal senders.
    delivery_id: Mapped[str]
    body_hash: Mapped[str]
    topic: Mapped[str]
    #: The body as text, empty if it was too long to keep, or erased.
    payload: Mapped[str | None]
    #: What was fetched for it, as JSON text: {path: answer}.
    fetched: Mapped[str | None]
    #: The headers that say what it is about; none that carry a signature.
    headers: Mapped[Any] = mapped_column(JsonColumn)
    received_at: Mapped[dt.datetime]
    outcome: Mapped[str]
    #: What became of it, as a sentence.
    sentence: Mapped[str]
    #: What was understood: our field -> the value, as plain data.
    understood: Mapped[Any] = mapped_column(JsonColumn)
    subject: Mapped[str | None]
    record_id: Mapped[int | None]
    tried_at: Mapped[dt.datetime]


class ShopWord(Base):
    """What a shop calls something, and what it means here: nothing yet, or what a person chose."""

    __tablename__ = "shop_word"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("connection_id", "kind", "said"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"), index=True)
    connection_id: Mapped[Key] = mapped_column(sa.ForeignKey("shop_connection.id"))
    kind: Mapped[str]
    said: Mapped[str]
    count: Mapped[int] = mapped_column(default=0)
    #: What we would take it for: "status=confirmed".
    usual: Mapped[str | None]
    #: Whether nothing is lost if it means nothing.
    is_optional: Mapped[bool]
    #: "status=picked", "custom.gift_wrap", "-" to leave it out; empty as long as nobody chose.
    target: Mapped[str | None]
    chosen_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    chosen_at: Mapped[dt.datetime | None]
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    #: The latest delivery in which it stood.
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop_delivery.id"))

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a person: it means nothing yet, and is not left out."""
        return self.usual is None and self.target is None and not self.is_optional
