"""Who calls the JSON API: the key behind a secret and its store, in one query per request."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access.browser_sessions import hash_token
from automations.models.db.column_types import InstantColumn
from automations.models.db.fast_select import Lookup
from automations.models.tables.people import ApiKey
from automations.models.tables.store import Store

#: `last_used_at` is written at most this often, so that a busy till does not write it with each order.
USED_EVERY = dt.timedelta(minutes=1)
#: Store id -> the column values a store was made from, and the store.
_STORES_MADE: dict[int, tuple[Mapping[str, Any], Store]] = {}
STORE_TABLE = Store.metadata.tables["store"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A valid key with its store as of then; the store is attached to no session."""

    key_id: int
    name: str
    scope: str
    last_used_at: dt.datetime | None
    store: Store


def find(session: Session, secret: str, now: dt.datetime | None = None) -> Caller | None:
    """Return the caller with this secret; None unless its key is valid."""
    secret_hash = hash_token(secret)
    row = _CALLERS.first(session, secret_hash=secret_hash, now=now or dt.datetime.now(dt.UTC))
    # The index compares in variable time; this comparison is constant-time.
    if row is None or not hmac.compare_digest(row.pop("key_secret_hash"), secret_hash):
        return None
    id, name, scope, used = (row.pop(f"key_{part}") for part in ("id", "name", "scope", "last_used_at"))
    return Caller(id, name, scope, used, _store(row))


def current_store(session: Session, store_id: int) -> Store:
    """Return the store as this transaction sees it, attached to no session."""
    (values,) = _STORES.rows(session, id=store_id)
    return _store(values)


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
    not_revoked = sa.and_(ApiKey.secret_hash == sa.bindparam("secret_hash"), ApiKey.revoked_at.is_(None))
    not_expired = sa.or_(
        ApiKey.expires_at.is_(None), ApiKey.expires_at > sa.bindparam("now", type_=InstantColumn())
    )
    return (
        sa.select(*key_columns, *STORE_TABLE.c).join_from(ApiKey, STORE_TABLE).where(not_revoked, not_expired)
    )


_CALLERS = Lookup(_callers)
_STORES = Lookup(lambda _dialect: sa.select(STORE_TABLE).where(STORE_TABLE.c.id == sa.bindparam("id")))
