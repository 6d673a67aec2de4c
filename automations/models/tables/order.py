"""Orders and their lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn, QuantityColumn
from automations.models.tables.balance import balance_due
from automations.models.tables.customer import (
    Account,
    Customer,
    account_index,
    customer_indexes,
    number_index,
)

#: An amount of nothing, in thousandths.
_NOTHING = sa.text("0")


#: A literal: a query finds these orders by their index only if it has the same condition.
HAS_TRACKING = sa.text("tracking_number <> ''")
_IS_STORED = sa.text("storage_until IS NOT NULL")
_IS_UNDER_WAY = sa.text("delivery_status IS NOT NULL")


def _held_where(held: sa.TextClause, name: str, *columns: str) -> sa.Index:
    """Return an index on those orders of a store that fulfil a condition; the others cost nothing."""
    return sa.Index(name, "store_id", *columns, sqlite_where=held, postgresql_where=held)


class Order(Base):
    """An order of one store, with its lines as JSON."""

    __tablename__ = "order"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("store_id", "number"),
        sa.Index("ix_order_store_id_id", "store_id", "id"),
        number_index("order"),
        *customer_indexes("order"),
        account_index("order"),
        _held_where(HAS_TRACKING, "ix_order_tracking_number", "tracking_number"),
        # Records that are due by a date, or by the time spent in a status, are found by these indexes.
        sa.Index("ix_order_delivery_date", "store_id", "delivery_date", "id"),
        _held_where(_IS_STORED, "ix_order_storage_until", "storage_until", "id"),
        sa.Index("ix_order_placed_at", "store_id", "placed_at", "id"),
        # The list sorted by total.
        sa.Index("ix_order_total", "store_id", "total", "id"),
        # The list sorted by status, and by payment status.
        sa.Index("ix_order_status", "store_id", "status", "id"),
        sa.Index("ix_order_payment", "store_id", "payment_status", "id"),
        sa.Index("ix_order_status_since", "store_id", "status", "status_since", "id"),
        sa.Index("ix_order_payment_since", "store_id", "payment_status", "payment_status_since", "id"),
        _held_where(
            _IS_UNDER_WAY,
            "ix_order_delivery_since",
            "delivery_status",
            "delivery_status_since",
            "id",
        ),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    number: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id"))
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    #: Choices by key, see models/tables/store.py; each status with the instant it was entered.
    status: Mapped[str]
    status_since: Mapped[dt.datetime | None]
    payment_status: Mapped[str]
    payment_status_since: Mapped[dt.datetime | None]
    order_type: Mapped[str | None]
    fulfilment_method: Mapped[str | None]
    delivery_type: Mapped[str | None]
    delivery_status: Mapped[str | None]
    delivery_status_since: Mapped[dt.datetime | None]
    source: Mapped[str | None]
    total: Mapped[Decimal]
    #: Whether the total was given; otherwise it is added up from the lines, whenever they change.
    total_given: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: What was paid and kept; how refunds count is in pipeline/records/order_totals.py.
    amount_paid: Mapped[Decimal]
    amount_refunded: Mapped[Decimal] = mapped_column(default=Decimal("0.00"), server_default=_NOTHING)
    #: Parts of the total that are no items; the tax is part of the prices.
    shipping: Mapped[Decimal] = mapped_column(default=Decimal("0.00"), server_default=_NOTHING)
    discount: Mapped[Decimal] = mapped_column(default=Decimal("0.00"), server_default=_NOTHING)
    tax: Mapped[Decimal] = mapped_column(default=Decimal("0.00"), server_default=_NOTHING)
    #: {"total": {"written": "10.90909", "difference": "0.00091"}}: amounts that a source gave more exactly.
    roundings: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    currency: Mapped[str]
    item_count: Mapped[int | Decimal] = mapped_column(QuantityColumn, default=0)
    delivery_date: Mapped[dt.date | None]
    #: The times of day between which it is delivered: "09:30".
    delivery_from: Mapped[str | None]
    delivery_until: Mapped[str | None]
    recipient: Mapped[str] = mapped_column(default="", server_default="")
    #: {"company", "street", "city", …}, each a text, see engine/fields/order_delivery.py; None without one.
    delivery_address: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    card_message: Mapped[str] = mapped_column(default="", server_default="")
    #: The last day on which the order is kept for collection.
    storage_until: Mapped[dt.date | None]
    placed_at: Mapped[dt.datetime]
    tags: Mapped[Any] = mapped_column(JsonColumn, default=list)
    #: [{"sku", "name", "category", "quantity", "unit_price"}], read and written whole.
    lines: Mapped[Any] = mapped_column(JsonColumn, default=list)
    note: Mapped[str] = mapped_column(default="")
    #: That of the last parcel, where there are several.
    tracking_number: Mapped[str] = mapped_column(default="")
    #: [{"carrier", "tracking_number", "status"}], read and written whole; found by ParcelNumber.
    parcels: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: Values of the store’s custom fields by key, as plain data.
    custom: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    customer: Mapped[Customer | None] = relationship()
    account: Mapped[Account | None] = relationship()

    @property
    def balance_due(self) -> Decimal:
        return balance_due(self.total, self.amount_paid, self.amount_refunded)

    @property
    def parcel_count(self) -> int:
        return len(self.parcels or ())
