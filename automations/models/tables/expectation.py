"""Expectations: what must follow, by the log, each time something happens to a record."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import Id, JsonColumn


class Expectation(Base):
    """One sentence that a manager holds the automations to: "each paid order gets exactly one email".

    It holds no customer's data: which records broke it is read from the log whenever someone asks.
    """

    __tablename__ = "expectation"
    __table_args__ = with_autoincrement(sa.Index("ix_expectation_store_id", "store_id", "id"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: Empty: it is called by its sentence.
    name: Mapped[str] = mapped_column(default="", server_default="")
    #: {"subject", "trigger", "conditions"}, as in a version; always complete.
    rule: Mapped[Any] = mapped_column(JsonColumn)
    #: {"count", "what", "whose", "to", "amount", "unit"}: see features.expectations.follow.
    follow: Mapped[Any] = mapped_column(JsonColumn)
    revision: Mapped[int] = mapped_column(default=1)
    #: The worker has judged everything that happened before this instant, and since `counted_from`.
    looked_to: Mapped[dt.datetime]
    #: When it was saved as it is: the counts begin here.
    counted_from: Mapped[dt.datetime]
    #: How often it was kept since then.
    kept: Mapped[int] = mapped_column(default=0)
    #: How often it was broken since someone last dealt with it, and how often it was kept in a row since.
    broken: Mapped[int] = mapped_column(default=0)
    in_a_row: Mapped[int] = mapped_column(default=0)
    #: When what broke it last happened.
    broken_at: Mapped[dt.datetime | None]
    #: When the managers were first told that it is broken; empty while it is not.
    told_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    updated_at: Mapped[dt.datetime]
    #: User id of who saved it last.
    updated_by: Mapped[int] = mapped_column(Id)
