"""Finds whose record it is: a shop's own id beside our number, because the numbers of two shops collide."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.sources.shop_messages import ShopOrder
from automations.models.tables.shop_connection import ShopConnection, ShopRecord
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import KINDS, Row

LONGEST_NUMBER = 60
#: In place of a record's id: the shop deleted it before we heard of it.
NO_RECORD = 0
#: An order that was here before is the same if it was placed at the same moment.
_SAME_MOMENT = dt.timedelta(seconds=60)


def link_of(session: Session, connection: ShopConnection, subject: str, source_id: str) -> ShopRecord | None:
    """Return what we know of a record by the shop's id."""
    return session.scalar(
        sa.select(ShopRecord).where(
            ShopRecord.connection_id == connection.id,
            ShopRecord.subject == subject,
            ShopRecord.source_id == source_id,
        )
    )


def new_link(
    session: Session, connection: ShopConnection, subject: str, source_id: str, record_id: int
) -> ShopRecord:
    """Remember that a record of ours has this id in the shop."""
    link = ShopRecord(connection_id=connection.id, store_id=connection.store_id, subject=subject)
    link.source_id, link.record_id = source_id, record_id
    link.said, link.conflicts, link.refunds = {}, {}, {}
    session.add(link)
    return link


def row_of(session: Session, store: Store, subject: str, record_id: int) -> Row | None:
    """Return a record's row by its id, locked; None if it is gone."""
    table = KINDS[subject].table
    query = sa.select(table).where(table.c.store_id == store.id, table.c.id == record_id)
    row = session.execute(query.with_for_update()).mappings().first()
    return dict(row) if row else None


def customers_of(
    session: Session, store: Store, connection: ShopConnection, order: ShopOrder, record_id: int | None
) -> set[int]:
    """Return the ids of the customers whom the order belongs to if it is here, by its id or its number."""
    table = KINDS[order.subject].table
    here = sa.or_(table.c.id == record_id, table.c.number.in_(_candidates(connection, order)))
    owners = sa.select(table.c.customer_id).where(table.c.store_id == store.id, here)
    return {customer_id for customer_id in session.scalars(owners) if customer_id}


def number_for(
    session: Session, store: Store, connection: ShopConnection, order: ShopOrder, placed_at: object
) -> tuple[str, Row | None]:
    """Return the number a new order or event of the shop gets here, and the row if it was here before."""
    for candidate in _candidates(connection, order):
        row = _by_number(session, store, order.subject, candidate)
        if row is None:
            return candidate, None
        if _is_same(session, store, row, placed_at):
            return candidate, row
    raise AssertionError("The last candidate has the id of the connection and of the order in it.")


def _candidates(connection: ShopConnection, order: ShopOrder) -> list[str]:
    wanted = f"{connection.options.get('prefix') or ''}{order.number}"
    if len(wanted) > LONGEST_NUMBER:
        wanted = f"{wanted[: LONGEST_NUMBER - 13]}…{wanted[-12:]}"
    beginning = wanted[: LONGEST_NUMBER - 20]
    return [
        wanted,
        f"{beginning}-{connection.id}",
        f"{beginning[:19]}-{f'{connection.id}-{order.id}'[-40:]}",
    ]


def _by_number(session: Session, store: Store, subject: str, number: str) -> Row | None:
    table = KINDS[subject].table
    query = sa.select(table).where(table.c.store_id == store.id, table.c.number == number)
    row = session.execute(query.with_for_update()).mappings().first()
    return dict(row) if row else None


def _is_same(session: Session, store: Store, row: Row, placed_at: Any) -> bool:
    """Return whether a row with this number is that order, sent by other means: no shop has claimed it."""
    if not isinstance(placed_at, dt.datetime) or abs(row["placed_at"] - placed_at) > _SAME_MOMENT:
        return False
    claimed = sa.select(ShopRecord.id).where(
        ShopRecord.store_id == store.id, ShopRecord.subject == "order", ShopRecord.record_id == row["id"]
    )
    return session.scalar(claimed.limit(1)) is None
