"""Events: weddings, funerals, corporate jobs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn
from automations.models.tables.customer import (
    Account,
    Customer,
    account_index,
    customer_indexes,
    number_index,
)


class Event(Base):
    """A wedding, funeral or corporate event of one store."""

    __tablename__ = "event"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("store_id", "number"),
        sa.Index("ix_event_store_id_id", "store_id", "id"),
        number_index("event"),
        *customer_indexes("event"),
        account_index("event"),
        sa.Index("ix_event_event_date", "store_id", "event_date", "id"),
        sa.Index("ix_event_event_type", "store_id", "event_type", "id"),
        sa.Index("ix_event_total", "store_id", "total", "id"),
        # The list sorted by status.
        sa.Index("ix_event_status", "store_id", "status", "id"),
        sa.Index("ix_event_payment", "store_id", "payment_status", "id"),
        sa.Index("ix_event_status_since", "store_id", "status", "status_since", "id"),
        sa.Index("ix_event_payment_since", "store_id", "payment_status", "payment_status_since", "id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    number: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id"))
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    status: Mapped[str]
    status_since: Mapped[dt.datetime | None]
    payment_status: Mapped[str]
    payment_status_since: Mapped[dt.datetime | None]
    event_type: Mapped[str | None]
    event_date: Mapped[dt.date | None]
    guests: Mapped[int | None]
    budget: Mapped[Decimal | None]
    total: Mapped[Decimal]
    amount_paid: Mapped[Decimal]
    currency: Mapped[str]
    tags: Mapped[Any] = mapped_column(JsonColumn, default=list)
    note: Mapped[str] = mapped_column(default="")
    #: Values of the store’s custom fields by key, as plain data.
    custom: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    customer: Mapped[Customer | None] = relationship()
    account: Mapped[Account | None] = relationship()

    @property
    def balance_due(self) -> Decimal:
        return self.total - self.amount_paid
