"""What a shop and the people here both changed: which value stays is decided on the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import CUSTOM
from automations.models.tables.shop_connection import ShopConnection, ShopRecord
from automations.models.tables.store import Store
from automations.pipeline.intake import take_records, vocabulary_cache
from automations.pipeline.records.change import Cause
from automations.pipeline.sources import linking

#: Which of the two values is to stand.
SIDES = ("theirs", "ours")


def links_of(
    session: Session, store_id: int, subject: str, record_id: int
) -> Sequence[tuple[ShopRecord, ShopConnection]]:
    """Return what shops know of a record, with the shops."""
    query = (
        sa.select(ShopRecord, ShopConnection)
        .join(ShopConnection, ShopConnection.id == ShopRecord.connection_id)
        .where(
            ShopRecord.store_id == store_id,
            ShopRecord.subject == subject,
            ShopRecord.record_id == record_id,
        )
    )
    return list(session.execute(query.order_by(ShopRecord.id)).all())


def decide(
    session: Session, store: Store, link: ShopRecord, name: str, side: str, cause: Cause, now: dt.datetime
) -> bool:
    """Let one side's value stand, inside write(); return whether there was such a conflict.

    Raises InvalidInput if the value can no longer be taken.
    """
    # The record before what a shop knows of it, as a delivery does.
    row = linking.row_of(session, store, link.subject, link.record_id)
    link = session.get_one(ShopRecord, link.id, with_for_update=True, populate_existing=True)
    conflict = link.conflicts.get(name)
    if conflict is None or row is None or side not in SIDES:
        return False
    if conflict["kept"] != side:
        _apply(session, store, link.subject, row["number"], name, conflict[side], cause, now)
    link.conflicts = {other: one for other, one in link.conflicts.items() if other != name}
    return True


def _apply(
    session: Session,
    store: Store,
    subject: str,
    number: str,
    name: str,
    value: Any,
    cause: Cause,
    now: dt.datetime,
) -> None:
    own = name.startswith(CUSTOM)
    data = {"custom": {name.removeprefix(CUSTOM): value}} if own else {name: value}
    item = vocabulary_cache.reader_of(session, store, subject)(data)
    item.number = number
    words = vocabulary_cache.words_of(session, store)
    take_records.take(session, store, subject, [item], cause, now, words)
