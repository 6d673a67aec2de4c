"""Keeps the dates in the store's own fields where the scan finds them. Part of: receive."""

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


def keep(
    session: Session, store_id: int, subject: str, rows: Sequence[Row], custom: Mapping[str, Field]
) -> None:
    """Write the dates of these records anew, inside `write()`; `custom` are the store's own fields by key."""
    keys = [key.removeprefix(CUSTOM) for key, field in custom.items() if field.type == "date"]
    if not keys:
        return
    for start in range(0, len(rows), CHUNK):
        _forget(session, subject, [row["id"] for row in rows[start : start + CHUNK]])
    whose = {"store_id": store_id, "subject": subject}
    days = [(row["id"], key, day_of(row, key)) for row in rows for key in keys]
    found = [whose | {"record_id": id, "key": key, "day": day} for id, key, day in days if day]
    ids = reserve(session, OWN_DATE_TABLE.name, len(found))
    rows = [one | {"id": id} for id, one in zip(ids, found, strict=True)]
    bulk_write.insert(session, OWN_DATE_TABLE, rows)


def day_of(row: Row, key: str) -> dt.date | None:
    """The date of a record in a field of the store's own; None without one that can be read."""
    custom: Mapping[str, Any] = row["custom"] or {}
    try:
        found = read("date", custom.get(key))
    except InvalidValue:
        return None
    return found if isinstance(found, dt.date) else None


def _forget(session: Session, subject: str, ids: Sequence[int]) -> None:
    table = OWN_DATE_TABLE
    session.execute(sa.delete(table).where(table.c.subject == subject, table.c.record_id.in_(ids)))
