"""The three kinds of record: their tables, the values of a new one, their look-ups and snapshots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields import stored
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.models.db.fast_select import Lookup, in_list
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer import Account, Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from automations.pipeline.records import order_totals, parcels, phone_keys, snapshots

Row = dict[str, Any]
Peers = snapshots.Peers

#: Columns that no change may name.
KEPT = frozenset({"id", "store_id", "number", "revision", "phone_key", "created_at", "updated_at"})
#: SQLite takes at most 32,766 variables in one statement.
CHUNK = 5000

ORDER_TABLE = Order.metadata.tables["order"]
EVENT_TABLE = Event.metadata.tables["event"]
CUSTOMER_TABLE = Customer.metadata.tables["customer"]
ACCOUNT_TABLE = Account.metadata.tables["account"]
_SINCE = "_since"
#: The columns beside which another, `…_since`, says when their value was entered.
LASTING = tuple(
    dict.fromkeys(
        column.name.removesuffix(_SINCE)
        for table in (ORDER_TABLE, EVENT_TABLE, CUSTOMER_TABLE)
        for column in table.columns
        if column.name.endswith(_SINCE)
    )
)


def numbered(table: sa.Table, dialect: str, locked: bool = False) -> sa.Select[Any]:
    """Return the query for rows by `store_id` and `numbers`; `locked` in the order of their ids."""
    of_store = table.c.store_id == sa.bindparam("store_id", type_=table.c.store_id.type)
    query = sa.select(table).where(of_store, in_list(table.c.number, "numbers", dialect))
    if not locked or dialect == "sqlite":
        # With an ORDER BY, SQLite would scan all ids of the store; and it has no row locks.
        return query
    # Trap: for the bare id, Postgres plans for a store with few orders to go through all of them, and a
    # connection keeps that plan while the store grows.
    return query.order_by(table.c.id + 0).with_for_update()


@dataclass(frozen=True)
class RecordKind:
    """The table of one subject, with its defaults and its snapshot."""

    subject: str
    table: sa.Table
    defaults: Callable[[Store, StoreWords, dt.datetime], Row]
    snapshot: Callable[[Row, snapshots.PlainPeers], dict[str, Any]]
    #: Returns the columns of a change with what follows from them, given the row before, if there is one.
    follow: Callable[[Row | None, Mapping[str, Any], StoreWords], Mapping[str, Any]] = lambda _, values, __: (
        values
    )

    @cached_property
    def locked(self) -> Lookup:
        """Look-up of rows by `store_id` and `numbers`, locked."""
        return Lookup(lambda dialect: numbered(self.table, dialect, locked=True))

    @cached_property
    def unlocked(self) -> Lookup:
        """Look-up of rows by `store_id` and `numbers`, not locked."""
        return Lookup(lambda dialect: numbered(self.table, dialect))

    @cached_property
    def lasting(self) -> Mapping[str, str]:
        """The columns of LASTING that the table has, each with the one beside it."""
        return {name: f"{name}{_SINCE}" for name in LASTING if f"{name}{_SINCE}" in self.table.columns}

    @cached_property
    def settable(self) -> frozenset[str]:
        """The columns a change may name."""
        return frozenset(self.table.columns.keys()) - KEPT - {f"{name}{_SINCE}" for name in LASTING}


Start = Callable[[Store, StoreWords, dt.datetime], Any]
#: The value in a new record by the type of the field: for every field, and for those that may not be empty.
_EMPTY: Mapping[str, Any] = {"text": "", "bool": False}
_ZERO: Mapping[str, Any] = {"money": Decimal("0.00"), "number": 0}
_MADE: Mapping[str, Start] = {
    "tags": lambda *_: [],
    stored.LINES: lambda *_: [],
    stored.CURRENCY: lambda store, *_: store.currency,
}


def _made(entry: Field) -> Start | None:
    """Return a function that finds a field's first value; None if it is the same in every new record."""
    list_key = entry.choices
    if list_key and not entry.can_be_empty:
        return lambda _, words, __: words.choices(list_key)[0]
    if entry.type == "datetime" and not entry.can_be_empty:
        return lambda _, __, now: now
    return _MADE.get(entry.type)


def _defaults(subject: str) -> Callable[[Store, StoreWords, dt.datetime], Row]:
    """Return a function that returns the columns of a new record of the subject."""
    own = {"phone_key": ""} if subject == "customer" else {}
    entries = {name: entry for name, entry in SUBJECTS[subject].columns.items() if name not in KEPT}
    zeros = {name: _EMPTY if entry.can_be_empty else {**_EMPTY, **_ZERO} for name, entry in entries.items()}
    fixed = {name: zeros[name].get(entry.type) for name, entry in entries.items()}
    made = {name: start for name, entry in entries.items() if (start := _made(entry))}

    def defaults(store: Store, words: StoreWords, now: dt.datetime) -> Row:
        return {**own, **fixed, **{name: start(store, words, now) for name, start in made.items()}}

    return defaults


def _with_ids(table: sa.Table) -> Lookup:
    return Lookup(lambda dialect: sa.select(table).where(in_list(table.c.id, "ids", dialect)))


PEERS = {table.name: _with_ids(table) for table in (CUSTOMER_TABLE, ACCOUNT_TABLE)}


def _follow_order(before: Row | None, values: Mapping[str, Any], words: StoreWords) -> Mapping[str, Any]:
    values = parcels.follow(before, values, words.choices("delivery_status"))
    return order_totals.follow(before, values, words.currency)


def _follow_customer(before: Row | None, values: Mapping[str, Any], words: StoreWords) -> Mapping[str, Any]:
    if "phone" not in values or (before is not None and before["phone"] == values["phone"]):
        return values
    return {**values, "phone_key": phone_keys.key_of(values["phone"], words.region)}


KINDS: Mapping[str, RecordKind] = {
    "order": RecordKind("order", ORDER_TABLE, _defaults("order"), snapshots.order, _follow_order),
    "event": RecordKind("event", EVENT_TABLE, _defaults("event"), snapshots.event),
    "customer": RecordKind(
        "customer", CUSTOMER_TABLE, _defaults("customer"), snapshots.customer, _follow_customer
    ),
}


def entered(kind: RecordKind, names: Collection[str], now: dt.datetime) -> Row:
    """Return the `…_since` columns, set to `now`, of the statuses among `names` that were just entered."""
    return {since: now for name, since in kind.lasting.items() if name in names}


def locked_rows(
    session: Session, kind: RecordKind, store_id: int, numbers: Collection[str]
) -> dict[str, Row]:
    """Return the existing rows by number, locked until the transaction ends.

    They are locked in the order of their ids: two batches that name the same orders then wait for
    each other instead of deadlocking.
    """
    return _by_number(session, kind.locked, store_id, numbers)


def rows(session: Session, kind: RecordKind, store_id: int, numbers: Collection[str]) -> dict[str, Row]:
    """Return the existing rows by number, not locked."""
    return _by_number(session, kind.unlocked, store_id, numbers)


def peers_of(session: Session, table: sa.Table, ids: Collection[int | None]) -> Peers:
    """Return rows of customers or accounts by id, for the snapshots."""
    wanted = set(ids) - {None}
    if not wanted:
        return {}
    return {row["id"]: row for row in PEERS[table.name].rows(session, ids=list(wanted))}


def _by_number(session: Session, lookup: Lookup, store_id: int, numbers: Collection[str]) -> dict[str, Row]:
    if not numbers:
        return {}
    rows_found = lookup.rows(session, store_id=store_id, numbers=list(numbers))
    return {row["number"]: row for row in rows_found}
