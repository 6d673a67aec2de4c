"""How many payloads of a connection are kept: the newest MOST_KEPT, whatever a shop sends in a day."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.shop_connection import ShopDelivery

MOST_KEPT = 2_000
#: A longer payload is taken, but not kept.
LONGEST_KEPT = 256_000
#: One delivery of so many looks whether there are too many; the hash of a body is as good as drawing lots.
ONE_OF = 32
A_PIECE = 500


def drop_some(session: Session, delivery: ShopDelivery) -> None:
    """Drop payloads beyond MOST_KEPT, inside write(); one delivery of ONE_OF takes the time to look."""
    if int(delivery.body_hash[:8], 16) % ONE_OF == 0:
        drop_oldest(session, delivery.connection_id)


def drop_oldest(session: Session, connection_id: int) -> int:
    """Drop the oldest payloads beyond MOST_KEPT, inside write(), and return how many; the rest stays."""
    kept = sa.select(ShopDelivery.id).where(
        ShopDelivery.connection_id == connection_id, ShopDelivery.payload.is_not(None)
    )
    newest_first = kept.order_by(ShopDelivery.id.desc()).offset(MOST_KEPT).limit(A_PIECE)
    ids = list(session.scalars(newest_first))
    if ids:
        change = sa.update(ShopDelivery).where(ShopDelivery.id.in_(ids)).values(payload=None, fetched=None)
        session.execute(change, execution_options={"synchronize_session": "fetch"})
    return len(ids)
