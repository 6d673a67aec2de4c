"""The purchase totals of customers, added to their rows for a snapshot.

What a customer bought is every order but the cancelled, void and expired ones: see NOT_BOUGHT.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.balance import kept_amount, kept_amount_in_sql
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import CHUNK, ORDER_TABLE, Row

#: What an order adds to what its customer spent, if it is in the currency of the store.
_SPENT = ("currency", "total", "amount_paid", "amount_refunded")
NOTHING = {"order_count": 0, "total_spent": "0.00", "last_order_date": None}
#: By column, the choices with which an order is no purchase: keys, which no renaming changes.
NOT_BOUGHT: Mapping[str, frozenset[str]] = {
    "status": frozenset({"cancelled"}),
    "payment_status": frozenset({"void", "expired"}),
}


def add_purchase_totals(
    session: Session, store: Store, rows: Sequence[Row], until: dt.datetime | None = None
) -> None:
    """Add the number of orders bought, the sum paid for them and the day of the last to customers' rows.

    With `until`, only orders created by then count, and one that was cancelled later still does.
    """
    totals = _totals(session, store, sorted({row["id"] for row in rows}), until)
    for row in rows:
        row.update(totals.get(row["id"], NOTHING))


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """The orders of some customers, to say what each had bought at any time; see `until` above."""

    zone: ZoneInfo
    currency: str
    orders: Mapping[int, Sequence[Row]]

    @classmethod
    def read(cls, session: Session, store: Store, customer_ids: Collection[int]) -> PurchaseHistory:
        """Read the orders of these customers as they are now."""
        names = ["customer_id", "created_at", "placed_at", *_SPENT]
        names += [each for name in NOT_BOUGHT for each in (name, f"{name}_since")]
        table, ids, orders = ORDER_TABLE.c, sorted(customer_ids), dict[int, list[Row]]()
        for start in range(0, len(ids), CHUNK):
            of_chunk = table.customer_id.in_(ids[start : start + CHUNK])
            query = sa.select(*(table[name] for name in names)).where(of_chunk, _of_store(store))
            for row in session.execute(query).mappings():
                orders.setdefault(row["customer_id"], []).append(dict(row))
        return cls(ZoneInfo(store.timezone), store.currency, orders)

    def at(self, customer_id: int, instant: dt.datetime) -> dict[str, Any]:
        """Return what a customer had bought by an instant."""
        bought = [row for row in self.orders.get(customer_id, ()) if _was_bought(row, instant)]
        if not bought:
            return NOTHING
        day = max(row["placed_at"] for row in bought).astimezone(self.zone).date().isoformat()
        amounts = (
            kept_amount(row["total"], row["amount_paid"], row["amount_refunded"])
            for row in bought
            if row["currency"] == self.currency
        )
        spent = sum(amounts, Decimal("0.00"))
        return {"order_count": len(bought), "total_spent": str(spent), "last_order_date": day}

    def changes(self, customer_id: int) -> list[dt.datetime]:
        """Return the instants from which on it may be something else, in order."""
        names = ("created_at", *(f"{name}_since" for name in NOT_BOUGHT))
        orders = self.orders.get(customer_id, ())
        return sorted({row[name] for row in orders for name in names if row[name] is not None})


def _was_bought(row: Row, instant: dt.datetime) -> bool:
    """Whether an order was a purchase by then: `_bought` for a row."""
    return row["created_at"] <= instant and all(
        row[name] not in keys or (row[f"{name}_since"] is not None and row[f"{name}_since"] > instant)
        for name, keys in NOT_BOUGHT.items()
    )


def _totals(
    session: Session, store: Store, ids: Collection[int], until: dt.datetime | None
) -> dict[int, dict[str, Any]]:
    zone, customer_ids = ZoneInfo(store.timezone), list(ids)
    totals = {}
    table = ORDER_TABLE.c
    spent = sa.func.sum(sa.case((table.currency == store.currency, kept_amount_in_sql(ORDER_TABLE)), else_=0))
    sums = (sa.func.count(), sa.type_coerce(spent, table.amount_paid.type), sa.func.max(table.placed_at))
    for start in range(0, len(customer_ids), CHUNK):
        of_chunk = table.customer_id.in_(customer_ids[start : start + CHUNK])
        query = sa.select(table.customer_id, *sums).where(of_chunk, _of_store(store))
        query = query.where(*_bought(until))
        for id, count, spent, last in session.execute(query.group_by(table.customer_id)):
            day = last.astimezone(zone).date().isoformat()
            totals[id] = {"order_count": count, "total_spent": str(spent), "last_order_date": day}
    return totals


def _of_store(store: Store) -> sa.ColumnElement[bool]:
    # A sum, or SQLite may walk through all orders of the store to find those of one customer.
    return ORDER_TABLE.c.store_id + 0 == store.id


def _bought(until: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that make an order a purchase, now or at `until`."""
    columns = ORDER_TABLE.c
    bought: list[sa.ColumnElement[bool]] = [] if until is None else [columns.created_at <= until]
    for name, keys in NOT_BOUGHT.items():
        counts = columns[name].not_in(sorted(keys))
        bought.append(counts if until is None else counts | (columns[f"{name}_since"] > until))
    return bought
