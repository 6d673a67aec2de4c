"""Reads the log past the ORM: what an occurrence costs here, the first question costs so many times."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.past.arrays import Ints, np
from automations.features.past.batch import Batch
from automations.features.past.pieces import Path
from automations.models.db import driver
from automations.models.tables.store import Store

#: Occurrences read at a time, so that their texts are never all in memory.
CHUNK = 4_000
_OF_KEY = " FROM occurrence WHERE store_id = ? AND subject = ? AND trigger = ? AND id > ? AND id <= ?"
_COLUMNS = "id, record_id, {at}, from_value, to_value, changed, moment, snapshot"
#: SQLite keeps an instant as text, which numpy reads.
_AT = {"sqlite": "at", "postgresql": "(EXTRACT(EPOCH FROM at) * 1000000)::bigint"}
_LAST = 2**62


@dataclass(frozen=True, slots=True)
class TableKey:
    """Whose occurrences they are."""

    store_id: int
    subject: str
    trigger: str


@dataclass(frozen=True, slots=True)
class ReadRows:
    """Some occurrences in the order of their ids, and what they hold."""

    ids: Ints
    record_ids: Ints
    ats: Ints
    batch: Batch


@dataclass(frozen=True, slots=True)
class LogState:
    """How often entries of a store's log were deleted and rewritten, and what its amounts are in."""

    deletions: int
    rewrites: int
    currency: str


def log_state(session: Session, store_id: int) -> LogState:
    """Return the present state, past what the session remembers of the store."""
    columns = Store.log_deletions, Store.log_rewrites, Store.currency
    return LogState(*session.execute(sa.select(*columns).where(Store.id == store_id)).one())


def read_rows(
    session: Session, key: TableKey, after: int, last: int | None, paths: Collection[Path], currency: str
) -> Iterator[ReadRows]:
    """Yield the occurrences with ids above `after` up to `last`, in chunks, with values at these paths.

    `currency` is what the store's amounts are in now.
    """
    dialect = driver.connection_of(session).dialect.name
    sql = f"SELECT {_COLUMNS.format(at=_AT[dialect])}{_OF_KEY} ORDER BY id LIMIT {CHUNK}"
    while True:
        rows = _rows(session, sql, key, after, last)
        if rows:
            ids, record_ids, ats, *_ = zip(*rows, strict=True)
            instants = np.array(ats, "datetime64[us]").astype(np.int64)
            parts = [row[3:] for row in rows]
            batch = Batch(key.subject, key.trigger, parts, instants.tolist(), paths, currency)
            yield ReadRows(np.array(ids, np.int64), np.array(record_ids, np.int64), instants, batch)
            after = ids[-1]
        if len(rows) < CHUNK:
            return


def all_ids(session: Session, key: TableKey) -> Ints:
    """Return the ids of all occurrences."""
    rows = _rows(session, f"SELECT id{_OF_KEY} ORDER BY id", key, 0, None)
    return np.fromiter((id for (id,) in rows), np.int64, len(rows))


def ids_between(session: Session, key: TableKey, after: int, last: int) -> tuple[int, int]:
    """Return how many occurrences there are with ids above `after` up to `last`, and the sum of their ids."""
    ((count, total),) = _rows(session, f"SELECT count(*), coalesce(sum(id), 0){_OF_KEY}", key, after, last)
    return count, int(total)


def texts_of(session: Session, key: TableKey, last: int, count: int) -> list[tuple[Any, ...]]:
    """Return id, record and snapshot of the newest occurrences up to an id."""
    sql = f"SELECT id, record_id, snapshot{_OF_KEY} ORDER BY id DESC LIMIT {int(count)}"
    return [tuple(row) for row in _rows(session, sql, key, 0, last)]


def _rows(session: Session, sql: str, key: TableKey, after: int, last: int | None) -> list[tuple[Any, ...]]:
    connection = driver.connection_of(session)
    if connection.dialect.name != "sqlite":
        sql = sql.replace("?", "%s")
    values = (key.store_id, key.subject, key.trigger, after, _LAST if last is None else last)
    return driver.rows(connection, sql, values)
