"""Keeps an index of the tracking numbers of parcels, and finds orders by them. Part of: receive."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.tables.order import HAS_TRACKING
from automations.models.tables.parcel_number import ParcelNumber
from automations.pipeline.records.record_kinds import CHUNK, ORDER_TABLE, Row

PARCEL_TABLE = ParcelNumber.metadata.tables["parcel_number"]


def update(session: Session, store_id: int, rows: Sequence[Row]) -> None:
    """Replace the indexed numbers of these orders, inside write()."""
    for start in range(0, len(rows), CHUNK):
        ids = [row["id"] for row in rows[start : start + CHUNK]]
        session.execute(sa.delete(PARCEL_TABLE).where(PARCEL_TABLE.c.order_id.in_(ids)))
    pairs = [(row["id"], number) for row in rows for number in _numbers(row)]
    values = [
        {"id": id, "store_id": store_id, "order_id": order_id, "tracking_number": number}
        for id, (order_id, number) in zip(reserve(session, PARCEL_TABLE.name, len(pairs)), pairs, strict=True)
    ]
    bulk_write.insert(session, PARCEL_TABLE, values)


def orders_with(session: Session, store_id: int, tracking_number: str, most: int) -> list[str]:
    """Return the numbers of the newest orders that have this tracking number, on their own or by a parcel."""
    of_parcel = sa.select(PARCEL_TABLE.c.order_id).where(
        PARCEL_TABLE.c.store_id == store_id, PARCEL_TABLE.c.tracking_number == tracking_number
    )
    orders = ORDER_TABLE.c
    theirs = sa.select(orders.id).where(
        orders.store_id == store_id, orders.tracking_number == tracking_number, HAS_TRACKING
    )
    query = sa.select(orders.number).where(orders.id.in_(sa.union(theirs, of_parcel)))
    return list(session.scalars(query.order_by(orders.id.desc()).limit(most)))


def _numbers(row: Row) -> list[str]:
    numbers = (parcel.get("tracking_number") for parcel in row["parcels"] or ())
    return list(dict.fromkeys(number for number in numbers if number))
