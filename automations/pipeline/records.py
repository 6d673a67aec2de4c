"""The three kinds of record, as rows: how they are found, begun, compared and described."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.choices import StoreWords
from automations.models.customer import Account, Customer
from automations.models.event import Event
from automations.models.lookup import Lookup, among
from automations.models.order import Order
from automations.models.store import Store
from automations.pipeline import snapshots

Row = dict[str, Any]
Peers = snapshots.Peers

#: Columns nobody changes from outside.
KEPT = frozenset({"id", "store_id", "number", "revision", "created_at", "updated_at"})
#: The statuses whose column `…_since` says when they were entered.
LASTING = ("status", "payment_status", "delivery_status", "marketing_consent")
#: SQLite takes at most 32,766 variables in one statement.
CHUNK = 5000


def _numbered(table: sa.Table, dialect: str, locked: bool = False) -> sa.Select[Any]:
    ours = table.c.store_id == sa.bindparam("store_id", type_=table.c.store_id.type)
    query = sa.select(table).where(ours, among(table.c.number, "numbers", dialect))
    if not locked or dialect == "sqlite":
        # Asked for an order, SQLite would walk through all ids of the store.
        return query
    return query.order_by(table.c.id).with_for_update()


@dataclass(frozen=True)
class Kind:
    """One subject's table and what is particular about it."""

    subject: str
    table: sa.Table
    defaults: Callable[[Store, StoreWords, dt.datetime], Row]
    snapshot: Callable[[Row, Store, Peers, Peers], dict[str, Any]]

    @cached_property
    def locked(self) -> Lookup:
        """Rows by `store_id` and `numbers`, locked."""
        return Lookup(lambda dialect: _numbered(self.table, dialect, locked=True))

    @cached_property
    def unlocked(self) -> Lookup:
        """The same, only read."""
        return Lookup(lambda dialect: _numbered(self.table, dialect))

    @cached_property
    def settable(self) -> frozenset[str]:
        """The columns a change may name."""
        return frozenset(self.table.columns.keys()) - KEPT - {f"{name}_since" for name in LASTING}


def _order_defaults(store: Store, words: StoreWords, now: dt.datetime) -> Row:
    empty = dict.fromkeys(("customer_id", "account_id", "order_type", "fulfilment_method", "delivery_type"))
    return {
        **empty,
        "delivery_status": None,
        "source": None,
        "status": words.choices("order_status")[0],
        "payment_status": words.choices("payment_status")[0],
        "total": Decimal("0.00"),
        "amount_paid": Decimal("0.00"),
        "currency": store.currency,
        "item_count": 0,
        "delivery_date": None,
        "storage_until": None,
        "placed_at": now,
        "tags": [],
        "lines": [],
        "note": "",
        "tracking_number": "",
        "custom": None,
    }


def _event_defaults(store: Store, words: StoreWords, now: dt.datetime) -> Row:
    return {
        **dict.fromkeys(("customer_id", "account_id", "event_type", "event_date", "guests", "budget")),
        "name": "",
        "status": words.choices("event_status")[0],
        "payment_status": words.choices("payment_status")[0],
        "total": Decimal("0.00"),
        "amount_paid": Decimal("0.00"),
        "currency": store.currency,
        "tags": [],
        "note": "",
        "custom": None,
    }


def _customer_defaults(store: Store, words: StoreWords, now: dt.datetime) -> Row:
    texts = dict.fromkeys(("first_name", "last_name", "email", "phone", "note"), "")
    return {**texts, "account_id": None, "tags": [], "custom": None, "marketing_consent": False}


ORDER_TABLE = Order.metadata.tables["order"]
EVENT_TABLE = Event.metadata.tables["event"]
CUSTOMER_TABLE = Customer.metadata.tables["customer"]
ACCOUNT_TABLE = Account.metadata.tables["account"]


def _with_ids(table: sa.Table) -> Lookup:
    return Lookup(lambda dialect: sa.select(table).where(among(table.c.id, "ids", dialect)))


PEERS = {table.name: _with_ids(table) for table in (CUSTOMER_TABLE, ACCOUNT_TABLE)}

KINDS: Mapping[str, Kind] = {
    "order": Kind("order", ORDER_TABLE, _order_defaults, snapshots.order),
    "event": Kind("event", EVENT_TABLE, _event_defaults, snapshots.event),
    "customer": Kind("customer", CUSTOMER_TABLE, _customer_defaults, snapshots.customer),
}


def entered(kind: Kind, names: Collection[str], now: dt.datetime) -> Row:
    """The columns that say since when, for the statuses among `names` that were just entered."""
    columns = kind.table.columns
    return {f"{name}_since": now for name in LASTING if name in names and f"{name}_since" in columns}


def locked_rows(session: Session, kind: Kind, store_id: int, numbers: Collection[str]) -> dict[str, Row]:
    """The existing rows by number, locked until the transaction ends.

    Locked in the order of their ids: two batches that name the same orders then wait for each
    other instead of dying in a deadlock.
    """
    return _by_number(session, kind.locked, store_id, numbers)


def rows(session: Session, kind: Kind, store_id: int, numbers: Collection[str]) -> dict[str, Row]:
    """The existing rows by number."""
    return _by_number(session, kind.unlocked, store_id, numbers)


def peers_of(session: Session, table: sa.Table, ids: Collection[int | None]) -> Peers:
    """Rows of customers or accounts by id, for the snapshots."""
    wanted = set(ids) - {None}
    if not wanted:
        return {}
    return {row["id"]: row for row in PEERS[table.name].rows(session, ids=list(wanted))}


def _by_number(session: Session, lookup: Lookup, store_id: int, numbers: Collection[str]) -> dict[str, Row]:
    if not numbers:
        return {}
    found = lookup.rows(session, store_id=store_id, numbers=list(numbers))
    return {row["number"]: row for row in found}
