"""The purchase totals of customers, added to their rows for a snapshot.

What a customer bought is every order but the cancelled, void and expired ones: see NOT_BOUGHT.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import CHUNK, ORDER_TABLE, Row

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


def _totals(
    session: Session, store: Store, ids: Collection[int], until: dt.datetime | None
) -> dict[int, dict[str, Any]]:
    zone, customer_ids = ZoneInfo(store.timezone), list(ids)
    totals = {}
    table = ORDER_TABLE.c
    sums = (sa.func.count(), sa.func.sum(table.amount_paid), sa.func.max(table.placed_at))
    for start in range(0, len(customer_ids), CHUNK):
        of_chunk = table.customer_id.in_(customer_ids[start : start + CHUNK])
        query = sa.select(table.customer_id, *sums).where(of_chunk, table.store_id == store.id)
        query = query.where(*_bought(until))
        for id, count, spent, last in session.execute(query.group_by(table.customer_id)):
            day = last.astimezone(zone).date().isoformat()
            totals[id] = {"order_count": count, "total_spent": str(spent), "last_order_date": day}
    return totals


def _bought(until: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that make an order a purchase, now or at `until`."""
    columns = ORDER_TABLE.c
    bought: list[sa.ColumnElement[bool]] = [] if until is None else [columns.created_at <= until]
    for name, keys in NOT_BOUGHT.items():
        counts = columns[name].not_in(sorted(keys))
        bought.append(counts if until is None else counts | (columns[f"{name}_since"] > until))
    return bought
