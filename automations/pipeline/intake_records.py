"""Records as the API answers them: the snapshot an occurrence keeps, with its revision and times."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.store import Store
from automations.pipeline.records import ACCOUNT_TABLE, CUSTOMER_TABLE, KINDS, peers_of
from automations.pipeline.snapshots import instant

Record = dict[str, Any]


def one(session: Session, store: Store, subject: str, number: str) -> Record | None:
    """The record of that number in this store."""
    table = KINDS[subject].table
    found = _records(session, store, subject, sa.select(table).where(table.c.number == number))
    return found[0] if found else None


def page(session: Session, store: Store, subject: str, after: int, limit: int) -> list[Record]:
    """Up to `limit` records with an id greater than `after`, in the order of their ids."""
    table = KINDS[subject].table
    some = sa.select(table).where(table.c.id > after).order_by(table.c.id).limit(limit)
    return _records(session, store, subject, some)


def exists(session: Session, store: Store, subject: str, number: str) -> bool:
    """Whether this store has a record of that number."""
    table = KINDS[subject].table
    query = sa.select(table.c.id).where(table.c.store_id == store.id, table.c.number == number)
    return session.execute(query).first() is not None


def _records(session: Session, store: Store, subject: str, query: sa.Select[Any]) -> list[Record]:
    kind = KINDS[subject]
    rows = [dict(row) for row in session.execute(query.where(kind.table.c.store_id == store.id)).mappings()]
    customers = peers_of(session, CUSTOMER_TABLE, _ids(rows, "customer_id"))
    accounts = peers_of(session, ACCOUNT_TABLE, _ids(rows, "account_id"))
    return [
        kind.snapshot(row, store, customers, accounts)
        | {"revision": row["revision"]}
        | {name: instant(row[name]) for name in ("created_at", "updated_at")}
        for row in rows
    ]


def _ids(rows: Collection[Mapping[str, Any]], name: str) -> list[int | None]:
    return [row.get(name) for row in rows]
