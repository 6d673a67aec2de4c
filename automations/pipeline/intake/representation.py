"""Records as the API returns them: the snapshot an occurrence keeps, with its revision and times."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.store import Store
from automations.pipeline.records.change import Received
from automations.pipeline.records.purchase_totals import add_purchase_totals
from automations.pipeline.records.record_kinds import ACCOUNT_TABLE, CUSTOMER_TABLE, KINDS, Row, peers_of
from automations.pipeline.records.snapshots import PlainPeers, instant

Record = dict[str, Any]


def find(session: Session, store: Store, subject: str, number: str) -> Record | None:
    """Return the record of that number in this store; None if there is none."""
    table = KINDS[subject].table
    query = sa.select(table).where(table.c.store_id == store.id, table.c.number == number)
    records = _records(session, store, subject, _rows(session, query))
    return records[0] if records else None


def of_received(session: Session, store: Store, subject: str, received: Received) -> Record:
    """Return the record that was changed, as it now is."""
    if received.snapshot is not None:
        return _with_times(received.snapshot, received.row)
    return _records(session, store, subject, [dict(received.row)])[0]


def snapshot_of(session: Session, store: Store, subject: str, row: Row) -> Record:
    """Return the snapshot of one row."""
    return _snapshots(session, store, subject, [row])[0]


def page(session: Session, store: Store, subject: str, after: int, limit: int) -> list[Record]:
    """Return up to `limit` records with an id greater than `after`, in the order of their ids."""
    table = KINDS[subject].table
    query = sa.select(table).where(table.c.store_id == store.id, table.c.id > after)
    return _records(session, store, subject, _rows(session, query.order_by(table.c.id).limit(limit)))


def existing(session: Session, store: Store, subject: str, numbers: Collection[str]) -> set[str]:
    """Return those of the numbers that records of this store have."""
    table = KINDS[subject].table
    query = sa.select(table.c.number).where(table.c.store_id == store.id, table.c.number.in_(numbers))
    return set(session.scalars(query)) if numbers else set()


def _rows(session: Session, query: sa.Select[Any]) -> list[Row]:
    return [dict(row) for row in session.execute(query).mappings()]


def _records(session: Session, store: Store, subject: str, rows: list[Row]) -> list[Record]:
    snapshots = _snapshots(session, store, subject, rows)
    return [_with_times(snapshot, row) for snapshot, row in zip(snapshots, rows, strict=True)]


def _snapshots(session: Session, store: Store, subject: str, rows: list[Row]) -> list[Record]:
    kind = KINDS[subject]
    if subject == "customer":
        add_purchase_totals(session, store, rows)
    customers = peers_of(session, CUSTOMER_TABLE, [row.get("customer_id") for row in rows])
    accounts = peers_of(session, ACCOUNT_TABLE, [row["account_id"] for row in rows])
    peers = PlainPeers(store, customers, accounts)
    return [kind.snapshot(row, peers) for row in rows]


def _with_times(snapshot: Record, row: Mapping[str, Any]) -> Record:
    times = {name: instant(row[name]) for name in ("created_at", "updated_at")}
    return {**snapshot, "revision": row["revision"], **times}
