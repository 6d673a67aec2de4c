"""Who calls the JSON API: the key behind a secret and its store, in one look-up for each request."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.lookup import Lookup
from automations.models.people import ApiKey
from automations.models.sign_ins import hashed
from automations.models.store import Store
from automations.models.types import Instant

#: `last_used_at` is written at most this often: a busy till should not write it with each order.
USED_EVERY = dt.timedelta(minutes=1)
#: Store id -> the values it was made of, and the store.
_STORES_MADE: dict[int, tuple[Mapping[str, Any], Store]] = {}
STORE_TABLE = Store.metadata.tables["store"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A live key, and its store as it was then, which belongs to no session."""

    key_id: int
    name: str
    scope: str
    last_used_at: dt.datetime | None
    store: Store


def find(session: Session, secret: str, now: dt.datetime | None = None) -> Caller | None:
    """Who calls with this secret; None unless its key is live."""
    wanted = hashed(secret)
    found = _CALLERS.first(session, secret_hash=wanted, now=now or dt.datetime.now(dt.UTC))
    # The look-up goes through an index, which compares as far as it has to; this does not.
    if found is None or not hmac.compare_digest(found.pop("key_secret_hash"), wanted):
        return None
    id, name, scope, used = (found.pop(f"key_{part}") for part in ("id", "name", "scope", "last_used_at"))
    return Caller(id, name, scope, used, _store(found))


def store_now(session: Session, store_id: int) -> Store:
    """The store as this transaction sees it, which belongs to no session."""
    (found,) = _STORES.rows(session, id=store_id)
    return _store(found)


def used(session: Session, key_id: int, now: dt.datetime) -> None:
    """Remember that a key was used, inside write()."""
    session.execute(sa.update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))


def needs_note_of_use(caller: Caller, now: dt.datetime) -> bool:
    """Whether `used` should be called."""
    return caller.last_used_at is None or now - caller.last_used_at > USED_EVERY


def _store(values: Mapping[str, Any]) -> Store:
    """The same values give the same object, which nobody may change: making one costs 20 µs."""
    known = _STORES_MADE.get(values["id"])
    if known is None or known[0] != values:
        known = _STORES_MADE[values["id"]] = (values, Store(**values))
    return known[1]


def _callers(_dialect: str) -> sa.Select[Any]:
    parts = (ApiKey.id, ApiKey.name, ApiKey.scope, ApiKey.last_used_at, ApiKey.secret_hash)
    key: list[sa.ColumnElement[Any]] = [part.label(f"key_{part.key}") for part in parts]
    mine = sa.and_(ApiKey.secret_hash == sa.bindparam("secret_hash"), ApiKey.revoked_at.is_(None))
    live = sa.or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > sa.bindparam("now", type_=Instant()))
    return sa.select(*key, *STORE_TABLE.c).join_from(ApiKey, STORE_TABLE).where(mine, live)


_CALLERS = Lookup(_callers)
_STORES = Lookup(lambda _dialect: sa.select(STORE_TABLE).where(STORE_TABLE.c.id == sa.bindparam("id")))
