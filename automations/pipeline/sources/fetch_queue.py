"""What is to be fetched from a shop, kept in the transaction that took its message. After: fetching."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.sources.shop_messages import ToFetch
from automations.models.db.fast_select import Lookup
from automations.models.tables.shop_connection import UNCHANGED, WAITING, ShopConnection, ShopDelivery
from automations.models.tables.shop_fetch import ShopFetch

A_ROUND = 20
_DUE = Lookup(
    lambda _: (
        sa.select(ShopConnection.id)
        .join(ShopFetch, ShopConnection.id == ShopFetch.connection_id)
        .where(ShopFetch.due_at <= sa.bindparam("now"))
        .where(ShopConnection.closed_at.is_(None), ShopConnection.access.is_not(None))
        .distinct()
    )
)
_OVERTAKEN = "A later message is about the same record: it is fetched for that one."


def put(session: Session, delivery: ShopDelivery, wanted: ToFetch, now: dt.datetime) -> None:
    """Have a record fetched at once for a stored delivery, inside write(); once, however many ask for it."""
    row = session.scalar(
        sa.select(ShopFetch).where(
            ShopFetch.connection_id == delivery.connection_id,
            ShopFetch.kind == wanted.kind,
            ShopFetch.source_id == wanted.id,
        )
    )
    if row is None:
        row = ShopFetch(connection_id=delivery.connection_id, store_id=delivery.store_id)
        row.kind, row.source_id, row.asked, row.tries = wanted.kind, wanted.id, 0, 0
        session.add(row)
    elif row.delivery_id != delivery.id:
        before = session.get(ShopDelivery, row.delivery_id)
        if before is not None and before.outcome == WAITING:
            before.outcome, before.sentence = UNCHANGED, _OVERTAKEN
    row.delivery_id, row.asked, row.asked_at, row.due_at = delivery.id, row.asked + 1, now, now
    row.tries = 0


def connections_due(session: Session, now: dt.datetime) -> list[int]:
    """Return the ids of the open connections of which something may be fetched now: those with a token."""
    return _DUE.ids(session, now=now)


def due(session: Session, connection_id: int, now: dt.datetime) -> list[int]:
    """Return the ids of what is to be fetched from one connection now; so many as a round takes."""
    query = sa.select(ShopFetch.id).where(ShopFetch.connection_id == connection_id, ShopFetch.due_at <= now)
    return list(session.scalars(query.order_by(ShopFetch.due_at, ShopFetch.id).limit(A_ROUND)))


def put_off(session: Session, connection_id: int, until: dt.datetime) -> None:
    """Let everything of a connection wait, inside write(): the shop does not answer, or not us."""
    sooner = sa.and_(ShopFetch.connection_id == connection_id, ShopFetch.due_at < until)
    change = sa.update(ShopFetch).where(sooner).values(due_at=until)
    session.execute(change, execution_options={"synchronize_session": "fetch"})


def waiting(session: Session, connection_id: int) -> int:
    """Return how many records of a connection are still to be fetched."""
    query = sa.select(sa.func.count()).where(ShopFetch.connection_id == connection_id)
    return session.scalar(query) or 0


def hurry(session: Session, connection_id: int, now: dt.datetime) -> None:
    """Have all of a connection tried at once, inside write(): its token is another one now."""
    change = sa.update(ShopFetch).where(ShopFetch.connection_id == connection_id)
    session.execute(change.values(due_at=now, tries=0), execution_options={"synchronize_session": False})
