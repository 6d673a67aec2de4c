"""A record as plain JSON data, as an occurrence keeps it for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any

from automations.engine.fields import stored
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import STORE_CURRENCY
from automations.models.tables.balance import balance_due
from automations.models.tables.store import Store
from automations.pipeline.records.order_totals import difference

Row = Mapping[str, Any]
Peers = Mapping[int, Row]
_NOTHING = Decimal(0)

#: The purchase totals of a customer, present only where they were added to the row; see purchase_totals.
PURCHASE_TOTALS = tuple(key for key, field in SUBJECTS["customer"].fields.items() if field.worked_out)


class PlainPeers:
    """The store, the customers and the accounts of some records, each made plain once for all of them."""

    def __init__(self, store: Store, customers: Peers, accounts: Peers) -> None:
        self.currency = store.currency
        self.store = {"id": str(store.id), "name": store.name}
        self._accounts = {id: {"id": str(id), "name": row["name"]} for id, row in accounts.items()}
        self._customers = customers
        self._persons: dict[int, dict[str, Any]] = {}

    def account(self, id: int | None) -> dict[str, str] | None:
        return self._accounts.get(id) if id else None

    def customer(self, id: int | None) -> dict[str, Any] | None:
        if not id or id not in self._customers:
            return None
        if id not in self._persons:
            self._persons[id] = _person_plain(self._customers[id])
        return self._persons[id]


def order(row: Row, peers: PlainPeers) -> dict[str, Any]:
    """Return the snapshot of an order row; one in another currency than the store's names both."""
    return _in_its_currency(_with_others(_order_plain(row), row, peers), row, peers)


def in_currency_of(snapshot: Row, currency: str) -> Row:
    """Return a snapshot as if it were taken today, when the store's amounts are in `currency`.

    What a rule asks of the past is in the store's present currency; a snapshot names the one of its time.
    """
    own = snapshot.get("currency")
    marked = currency if own != currency else None
    if not isinstance(own, str) or snapshot.get(STORE_CURRENCY) == marked:
        return snapshot
    return {**snapshot, STORE_CURRENCY: marked}


def event(row: Row, peers: PlainPeers) -> dict[str, Any]:
    """Return the snapshot of an event row; one from before the store changed its currency names both."""
    return _in_its_currency(_with_others(_event_plain(row), row, peers), row, peers)


def customer(row: Row, peers: PlainPeers) -> dict[str, Any]:
    """Return the snapshot of a customer row."""
    return {
        **_person_plain(row),
        "account": peers.account(row["account_id"]),
        "custom": row["custom"] or {},
        **{name: row[name] for name in PURCHASE_TOTALS if name in row},
        "store": peers.store,
    }


def _with_others(values: dict[str, Any], row: Row, peers: PlainPeers) -> dict[str, Any]:
    """Add the store, the account and the customer of the row to its own values, and return these."""
    values["store"] = peers.store
    values["account"] = peers.account(row["account_id"])
    values["customer"] = peers.customer(row["customer_id"])
    return values


def _in_its_currency(snapshot: dict[str, Any], row: Row, peers: PlainPeers) -> dict[str, Any]:
    if row["currency"] != peers.currency:
        snapshot[STORE_CURRENCY] = peers.currency
    return snapshot


@lru_cache(1024)
def instant(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def same(before: Any, after: Any) -> bool:
    """Whether a column keeps its value. Of two instants in one second a snapshot shows no difference."""
    if before == after or not (isinstance(before, dt.datetime) and isinstance(after, dt.datetime)):
        return bool(before == after)
    return instant(before) == instant(after)


#: How a value of each type becomes plain, unless it is None; the other types are plain already. The decimals
#: of a quantity are few enough to come back exactly from JSON.
_WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    "money": str,
    "number": lambda value: value if isinstance(value, int) else float(value),
    "date": dt.date.isoformat,
    "datetime": instant,
    "reference": lambda id: {"id": str(id)},
}
#: A computed value of a row by its key, and the columns that it follows from.
COMPUTED: Mapping[str, Callable[[Row], Any]] = {
    "balance_due": lambda row: str(
        balance_due(row["total"], row["amount_paid"], row.get("amount_refunded", _NOTHING))
    ),
    "total_difference": lambda row: str(difference(row)),
    "parcel_count": lambda row: len(row["parcels"] or ()),
    "carriers": lambda row: carriers_of(row["parcels"]) if row["parcels"] else [],
    "name": lambda row: f"{row['first_name']} {row['last_name']}".strip(),
}


FOLLOWS: Mapping[str, frozenset[str]] = {
    "balance_due": frozenset({"total", "amount_paid", "amount_refunded"}),
    "parcel_count": frozenset({"parcels"}),
    "carriers": frozenset({"parcels"}),
}


def carriers_of(parcels: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the carriers of some parcels, each once, in order."""
    return list(dict.fromkeys(parcel["carrier"] for parcel in parcels if parcel.get("carrier")))


def _plain(subject: str) -> Callable[[Row], dict[str, Any]]:
    """Return a function that turns a row into plain data, its keys in the order of a snapshot.

    Every order passes through that function, so whatever depends on the entries alone is prepared here.
    """
    placed = SUBJECTS[subject].placed("json")
    names = tuple(entry.key for entry, _ in placed)
    # A computed field takes its place with the id until its value replaces it.
    columns = itemgetter(*("id" if kept.computed else entry.column for entry, kept in placed))
    stored_at = [(place, entry) for place, (entry, kept) in enumerate(placed) if not kept.computed]
    written = tuple((place, _WRITTEN[entry.type]) for place, entry in stored_at if entry.type in _WRITTEN)
    objects = tuple(place for place, entry in stored_at if entry.type in stored.OBJECTS)
    lists = tuple(place for place, entry in stored_at if entry.type in stored.LISTS)
    computed = tuple(
        (place, COMPUTED[entry.key]) for place, (entry, kept) in enumerate(placed) if kept.computed
    )

    def plain(row: Row) -> dict[str, Any]:
        values = list(columns(row))
        for place, write in written:
            value = values[place]
            if value is not None:
                values[place] = write(value)
        for place in objects:
            values[place] = values[place] or {}
        for place in lists:
            values[place] = values[place] or []
        for place, compute in computed:
            values[place] = compute(row)
        return dict(zip(names, values, strict=True))

    return plain


_order_plain, _event_plain, _person_plain = map(_plain, ("order", "event", "customer"))
