"""Keeps an index of the dates in the store's own fields, for the scan. Part of: receive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import CUSTOM, Field
from automations.engine.operators.value_types import InvalidValue, read
from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.tables.own_date import CustomDate
from automations.pipeline.records.record_kinds import CHUNK, Row

OWN_DATE_TABLE = CustomDate.metadata.tables["own_date"]


def update(
    session: Session, store_id: int, subject: str, rows: Sequence[Row], custom: Mapping[str, Field]
) -> None:
    """Replace the indexed dates of these records, inside write(); `custom` is the own fields by key."""
    keys = [key.removeprefix(CUSTOM) for key, field in custom.items() if field.type == "date"]
    if not keys:
        return
    for start in range(0, len(rows), CHUNK):
        _delete(session, subject, [row["id"] for row in rows[start : start + CHUNK]])
    owner = {"store_id": store_id, "subject": subject}
    days = [(row["id"], key, day_of(row, key)) for row in rows for key in keys]
    values = [owner | {"record_id": id, "key": key, "day": day} for id, key, day in days if day]
    ids = reserve(session, OWN_DATE_TABLE.name, len(values))
    rows = [value | {"id": id} for id, value in zip(ids, values, strict=True)]
    bulk_write.insert(session, OWN_DATE_TABLE, rows)


def day_of(row: Row, key: str) -> dt.date | None:
    """Return the date of a record in a field of the store's own; None if it is empty or not readable."""
    custom: Mapping[str, Any] = row["custom"] or {}
    try:
        day = read("date", custom.get(key))
    except InvalidValue:
        return None
    return day if isinstance(day, dt.date) else None


def _delete(session: Session, subject: str, ids: Sequence[int]) -> None:
    table = OWN_DATE_TABLE
    session.execute(sa.delete(table).where(table.c.subject == subject, table.c.record_id.in_(ids)))
