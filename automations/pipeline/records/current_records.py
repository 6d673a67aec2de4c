"""Records as they are now, as rows and as the snapshots an occurrence would keep."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.accounts import merged_customers
from automations.models.tables.segment import SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.records import record_kinds
from automations.pipeline.records.purchase_totals import add_purchase_totals
from automations.pipeline.records.record_kinds import KINDS, Row
from automations.pipeline.records.snapshots import PlainPeers


@dataclass(frozen=True, slots=True)
class Present:
    """A record as it is now: its row, its snapshot, and the ids of the segments a customer belongs to."""

    row: Row
    snapshot: Mapping[str, Any]
    segments: frozenset[int]


def present(session: Session, subject: str, store: Store, record_id: int) -> Present | None:
    """Return one record as it is now; None if it is gone."""
    if subject == "customer" and store.has_merged_customers:
        record_id = session.scalar(sa.select(merged_customers.now_id(record_id))) or record_id
    rows = rows_of(session, subject, store.id, [record_id])
    if not rows:
        return None
    member = sa.select(SegmentMember.segment_id).where(SegmentMember.customer_id == record_id)
    segments = frozenset(session.scalars(member)) if subject == "customer" else frozenset[int]()
    return Present(rows[0], snapshots(session, subject, store, rows)[0], segments)


def rows_of(
    session: Session, subject: str, store_id: int, ids: Collection[int], lock: bool = False
) -> list[Row]:
    """Return the rows in the order of their ids; with `lock`, they stay locked until the transaction ends."""
    table = KINDS[subject].table
    query = sa.select(table).where(table.c.id.in_(ids), table.c.store_id == store_id).order_by(table.c.id)
    return [dict(row) for row in session.execute(query.with_for_update() if lock else query).mappings()]


def snapshots(session: Session, subject: str, store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the snapshots of these rows, in their order."""
    customers = record_kinds.peers_of(
        session, record_kinds.CUSTOMER_TABLE, [row.get("customer_id") for row in rows]
    )
    accounts = record_kinds.peers_of(session, record_kinds.ACCOUNT_TABLE, [row["account_id"] for row in rows])
    if subject == "customer":
        add_purchase_totals(session, store, rows)
    peers = PlainPeers(store, customers, accounts)
    return [KINDS[subject].snapshot(row, peers) for row in rows]
