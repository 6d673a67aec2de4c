"""Customers, and the accounts some of them buy through."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn

#: What stands in a text or a column where an erased customer stood.
ERASED = "erased"


def account_index(table: str) -> sa.Index:
    """Return an index on the records of an account, newest first; records without one cost nothing."""
    has_one = sa.text("account_id IS NOT NULL")
    name = f"ix_{table}_account_id"
    return sa.Index(name, "account_id", "id", sqlite_where=has_one, postgresql_where=has_one)


def customer_indexes(table: str) -> tuple[sa.Index, sa.Index]:
    """Return the indexes on the records of a customer and on those of nobody, each newest first."""
    nobody = sa.text("customer_id IS NULL")
    walk_in = sa.Index(
        f"ix_{table}_of_nobody", "store_id", "id", sqlite_where=nobody, postgresql_where=nobody
    )
    return sa.Index(f"ix_{table}_customer_id", "customer_id", "id"), walk_in


def number_index(table: str) -> sa.Index:
    """Return the index that finds records by how their number begins.

    On SQLite the one that keeps numbers unique does; on Postgres only where its locale is "C".
    """
    index = sa.Index(
        f"ix_{table}_number", "store_id", "number", postgresql_ops={"number": "text_pattern_ops"}
    )
    return index.ddl_if(dialect="postgresql")


def _beginning(column: str) -> sa.Index:
    """Return the index that finds customers by how a column begins, whatever the locale of the database."""
    pattern = {column: "text_pattern_ops"}
    return sa.Index(f"ix_customer_{column}", "store_id", column, postgresql_ops=pattern)


class Account(Base):
    """An organisation that customers buy through, such as a hotel."""

    __tablename__ = "account"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "name"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    name: Mapped[str]
    created_at: Mapped[dt.datetime]


class Customer(Base):
    """A person who buys from one store."""

    __tablename__ = "customer"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("store_id", "number"),
        number_index("customer"),
        sa.Index("ix_customer_store_id_email", "store_id", "email"),
        # An email identifies a customer whatever its case.
        sa.Index("ix_customer_store_id_lower_email", "store_id", sa.text("lower(email)")),
        # Names are searched by how they begin.
        _beginning("first_name"),
        _beginning("last_name"),
        sa.Index("ix_customer_phone_key", "store_id", "phone_key", "id"),
        sa.Index("ix_customer_store_id_id", "store_id", "id"),
        account_index("customer"),
        sa.Index("ix_customer_created_at", "store_id", "created_at", "id"),
        # The list sorted by last name.
        sa.Index("ix_customer_store_id_lower_last_name", "store_id", sa.text("lower(last_name)"), "id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: The identifier other systems use, unique in the store.
    number: Mapped[str]
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    #: As entered, valid or not: a message to an invalid address is skipped with its reason.
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    #: The phone as digits with its country's, by which they are found; "" for what is no number of one phone.
    phone_key: Mapped[str] = mapped_column(default="", server_default="")
    #: What they read, as a tag: "de-AT"; empty if nobody said.
    language: Mapped[str] = mapped_column(default="", server_default="")
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    tags: Mapped[Any] = mapped_column(JsonColumn, default=list)
    note: Mapped[str] = mapped_column(default="")
    #: Whether they agreed to marketing, and since when the answer stands.
    marketing_consent: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    marketing_consent_since: Mapped[dt.datetime | None]
    #: Values of the store’s custom fields by key, as plain data.
    custom: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    account: Mapped[Account | None] = relationship()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.number
