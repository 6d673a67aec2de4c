"""A record as plain JSON data, the way an occurrence keeps it for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from automations.models.store import Store

Row = Mapping[str, Any]
Peers = Mapping[int, Row]

_PLAIN = {
    "order": (
        "id",
        "number",
        "status",
        "payment_status",
        "order_type",
        "fulfilment_method",
        "delivery_type",
        "delivery_status",
        "source",
        "currency",
        "item_count",
        "tags",
        "note",
        "tracking_number",
        "lines",
    ),
    "event": (
        "id",
        "number",
        "name",
        "status",
        "payment_status",
        "event_type",
        "guests",
        "currency",
        "tags",
        "note",
    ),
}

#: What a customer bought, where somebody worked it out; see segments.
BOUGHT = ("order_count", "total_spent", "last_order_date")
_PERSON = ("id", "number", "first_name", "last_name", "email", "phone", "tags", "note", "marketing_consent")


def order(row: Row, store: Store, customers: Peers, accounts: Peers) -> dict[str, Any]:
    """The snapshot of an order row."""
    return _with_money(row, "order") | {
        "delivery_date": _day(row["delivery_date"]),
        "storage_until": _day(row["storage_until"]),
        "placed_at": instant(row["placed_at"]),
        **_around(row, store, customers, accounts),
    }


def event(row: Row, store: Store, customers: Peers, accounts: Peers) -> dict[str, Any]:
    """The snapshot of an event row."""
    return _with_money(row, "event") | {
        "event_date": _day(row["event_date"]),
        "budget": _money(row["budget"]),
        **_around(row, store, customers, accounts),
    }


def customer(row: Row, store: Store, customers: Peers, accounts: Peers) -> dict[str, Any]:
    """The snapshot of a customer row."""
    person = _person(row) or {}
    return {
        **person,
        "account": _account(accounts.get(row["account_id"])),
        "custom": row["custom"] or {},
        **{name: row[name] for name in BOUGHT if name in row},
        "store": {"id": str(store.id), "name": store.name},
    }


def _with_money(row: Row, subject: str) -> dict[str, Any]:
    names = _PLAIN[subject]
    found: dict[str, Any] = dict(zip(names, map(row.__getitem__, names), strict=True))
    total, paid = row["total"], row["amount_paid"]
    found |= {"total": str(total), "amount_paid": str(paid), "balance_due": str(total - paid)}
    found["custom"] = row["custom"] or {}
    return found


def _around(row: Row, store: Store, customers: Peers, accounts: Peers) -> dict[str, Any]:
    return {
        "store": {"id": str(store.id), "name": store.name},
        "account": _account(accounts.get(row["account_id"])),
        "customer": _person(customers.get(row["customer_id"])),
    }


def _person(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    name = f"{row['first_name']} {row['last_name']}".strip()
    account = row["account_id"]
    return {key: row[key] for key in _PERSON} | {
        "name": name,
        "account": None if account is None else {"id": str(account)},
        "created_at": instant(row["created_at"]),
    }


def _account(row: Row | None) -> dict[str, str] | None:
    return None if row is None else {"id": str(row["id"]), "name": row["name"]}


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


@lru_cache(1024)
def instant(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
