"""Keeps an index of the tracking numbers of parcels. Part of: receive."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.tables.parcel_number import ParcelNumber
from automations.pipeline.records.record_kinds import CHUNK, Row

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


def _numbers(row: Row) -> list[str]:
    numbers = (parcel.get("tracking_number") for parcel in row["parcels"] or ())
    return list(dict.fromkeys(number for number in numbers if number))
