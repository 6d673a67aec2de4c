"""Who calls the JSON API: the key behind a secret and its store.

A process remembers the callers it has found. One who is remembered may only do what is written in a
transaction that confirms, with `current`, that key and store are still as remembered.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access.browser_sessions import hash_token
from automations.models.db.column_types import InstantColumn
from automations.models.db.driver import connection_of
from automations.models.db.fast_select import Lookup, Row, in_list
from automations.models.tables.people import ApiKey
from automations.models.tables.store import Store

#: `last_used_at` is written at most this often, so that a busy till does not write it with each order.
USED_EVERY = dt.timedelta(minutes=1)
#: Store id -> the column values a store was made from, and the store.
_STORES_MADE: dict[int, tuple[Mapping[str, Any], Store]] = {}
#: By database, then by the hash of the secret: the callers found last.
_REMEMBERED: WeakKeyDictionary[sa.Engine, dict[str, Caller]] = WeakKeyDictionary()
MOST_REMEMBERED = 1000
STORE_TABLE = Store.metadata.tables["store"]
KEY_TABLE = ApiKey.metadata.tables["api_key"]


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """A valid key with its store as of then; the store is attached to no session."""

    key_id: int
    name: str
    scope: str
    last_used_at: dt.datetime | None
    store: Store
    secret_hash: str = field(repr=False)


def remembered(engine: sa.Engine, secret: str) -> Caller | None:
    """Return the caller found last with this secret. Only `current` says whether the key is still valid."""
    return _REMEMBERED.get(engine, {}).get(hash_token(secret))


def find(session: Session, secret: str, now: dt.datetime | None = None) -> Caller | None:
    """Return the caller with this secret; None unless its key is valid."""
    secret_hash = hash_token(secret)
    row = _CALLERS.first(session, secret_hash=secret_hash, now=now or dt.datetime.now(dt.UTC))
    # The index compares in variable time; this comparison is constant-time.
    if row is None or not hmac.compare_digest(row.pop("key_secret_hash"), secret_hash):
        return None
    id, name, scope, used = (row.pop(f"key_{part}") for part in ("id", "name", "scope", "last_used_at"))
    caller = Caller(id, name, scope, used, _store(row), secret_hash)
    _remember(connection_of(session).engine, caller)
    return caller


def current(session: Session, store: Store, callers: Collection[Caller], now: dt.datetime) -> set[Caller]:
    """Return those callers whose key is valid and as it was found, and whose store is `store` unchanged."""
    of_store = [caller for caller in callers if caller.store is store]
    hashes = list({caller.secret_hash for caller in of_store})
    rows = _KEYS.rows(session, hashes=hashes, now=now) if hashes else []
    by_id = {row["id"]: row for row in rows}
    return {caller for caller in of_store if _is_as_found(caller, by_id.get(caller.key_id))}


def _is_as_found(caller: Caller, key: Row | None) -> bool:
    if key is None or not hmac.compare_digest(key["secret_hash"], caller.secret_hash):
        return False
    return (key["store_id"], key["name"], key["scope"]) == (caller.store.id, caller.name, caller.scope)


def current_store(session: Session, store_id: int) -> Store:
    """Return the store as this transaction sees it, attached to no session."""
    (values,) = _STORES.rows(session, id=store_id)
    return _store(values)


def _remember(engine: sa.Engine, caller: Caller) -> None:
    callers = _REMEMBERED.setdefault(engine, {})
    if len(callers) >= MOST_REMEMBERED:
        callers.clear()
    callers[caller.secret_hash] = caller


def mark_used(session: Session, key_id: int, now: dt.datetime) -> None:
    """Record that a key was used, inside write()."""
    session.execute(sa.update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))


def should_mark_used(caller: Caller, now: dt.datetime) -> bool:
    """Return whether `used` should be called."""
    return caller.last_used_at is None or now - caller.last_used_at > USED_EVERY


def _store(values: Mapping[str, Any]) -> Store:
    """Return a store object, the same one for the same values: creating it costs 20 µs. Do not change it."""
    cached = _STORES_MADE.get(values["id"])
    if cached is None or cached[0] != values:
        cached = _STORES_MADE[values["id"]] = (values, Store(**values))
    return cached[1]


def _callers(_dialect: str) -> sa.Select[Any]:
    parts = (ApiKey.id, ApiKey.name, ApiKey.scope, ApiKey.last_used_at, ApiKey.secret_hash)
    key_columns: list[sa.ColumnElement[Any]] = [part.label(f"key_{part.key}") for part in parts]
    query = sa.select(*key_columns, *STORE_TABLE.c).join_from(ApiKey, STORE_TABLE)
    return query.where(ApiKey.secret_hash == sa.bindparam("secret_hash"), _valid())


def _keys(dialect: str) -> sa.Select[Any]:
    names = ("id", "store_id", "name", "scope", "secret_hash")
    return sa.select(*(KEY_TABLE.c[name] for name in names)).where(
        in_list(KEY_TABLE.c.secret_hash, "hashes", dialect), _valid()
    )


def _valid() -> sa.ColumnElement[bool]:
    is_endless = ApiKey.expires_at.is_(None)
    later = ApiKey.expires_at > sa.bindparam("now", type_=InstantColumn())
    return sa.and_(ApiKey.revoked_at.is_(None), sa.or_(is_endless, later))


_CALLERS = Lookup(_callers)
_KEYS = Lookup(_keys)
_STORES = Lookup(lambda _dialect: sa.select(STORE_TABLE).where(STORE_TABLE.c.id == sa.bindparam("id")))
