"""Takes kept deliveries once more, after a person has said what the words in them mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.event_times import moment_of
from automations.models.access import audit
from automations.models.tables.shop_connection import (
    KEPT_FOR,
    NOT_UNDERSTOOD,
    ShopConnection,
    ShopDelivery,
    ShopWord,
)
from automations.pipeline.sources import delivery_intake
from automations.pipeline.sources.picking import fingerprint, mapping_of

#: So many are taken again in one request.
MOST = 100


def affected(session: Session, connection: ShopConnection, now: dt.datetime) -> list[int]:
    """Return the ids of the deliveries that would say something else now, oldest first.

    Of one record, only the newest: older ones change nothing.
    """
    query = sa.select(ShopWord).where(
        ShopWord.connection_id == connection.id, ShopWord.chosen_at.is_not(None)
    )
    chosen = {(word.kind, word.said): word for word in session.scalars(query)}
    mapped_at = moment_of(connection.options.get("mapped_at"))
    changes = [word.chosen_at for word in chosen.values() if word.chosen_at]
    changes += [mapped_at] if mapped_at else []
    if not changes:
        return []
    latest, mapping = max(changes), fingerprint(mapping_of(connection)) if mapped_at else None
    newest: dict[object, Any] = {}
    for row in session.execute(_kept(connection.id, now)):
        newest[(row.subject, row.record_id) if row.record_id else row.id] = row
    return [row.id for row in newest.values() if row.tried_at < latest and _says_else(row, chosen, mapping)]


def retake(session: Session, connection_id: int, ids: list[int], user_id: int, now: dt.datetime) -> int:
    """Take these deliveries once more, inside write(); return how many changed something."""
    changed = 0
    store_id = session.get_one(ShopConnection, connection_id).store_id
    note_retake(session, connection_id, store_id, user_id, len(ids[:MOST]), now)
    for delivery_id in ids[:MOST]:
        delivery = session.get(ShopDelivery, delivery_id)
        if delivery is not None and delivery.connection_id == connection_id and delivery.payload:
            changed += delivery_intake.again(session, delivery, now).state == "taken"
    return changed


def note_retake(
    session: Session, connection_id: int, store_id: int, user_id: int, count: int, now: dt.datetime
) -> None:
    """Note in the audit who took deliveries once more."""
    name = session.get_one(ShopConnection, connection_id).name
    audit.note(
        session,
        action="reprocessed messages from",
        about=f"the connection “{name}”",
        store_id=store_id,
        user_id=user_id,
        after=count,
        at=now,
    )


def _says_else(row: Any, chosen: Mapping[tuple[str, str], ShopWord], mapping: str | None) -> bool:
    if row.outcome == NOT_UNDERSTOOD or row.understood.get("mapping") != mapping:
        return True
    for kind, said, target in row.understood.get("words", ()):
        word = chosen.get((kind, said))
        if word is not None and (word.target or word.usual) != target:
            return True
    return False


def _kept(connection_id: int, now: dt.datetime) -> sa.Select[Any]:
    columns = (
        ShopDelivery.id,
        ShopDelivery.subject,
        ShopDelivery.record_id,
        ShopDelivery.outcome,
        ShopDelivery.tried_at,
        ShopDelivery.understood,
    )
    is_kept = sa.and_(ShopDelivery.payload.is_not(None), ShopDelivery.received_at >= now - KEPT_FOR)
    of_connection = ShopDelivery.connection_id == connection_id
    return sa.select(*columns).where(of_connection, is_kept).order_by(ShopDelivery.id)
