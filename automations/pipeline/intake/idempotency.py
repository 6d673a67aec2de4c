"""Idempotency keys: a repeated request gets the first answer again and changes nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db import bulk_write
from automations.models.db.fast_select import Lookup, Row, in_list
from automations.models.db.id_allocation import reserve
from automations.models.tables.people import IdempotencyKey

KEY_TABLE = IdempotencyKey.metadata.tables["idempotency_key"]


class KeyUsed(ValueError):
    """The key was used for another request; `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it is stored; `body` is JSON text, `replayed` says that it was given before."""

    status: int
    body: str
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An idempotency key, and the fingerprint of the request it stands for."""

    key: str
    fingerprint: str


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return a digest that is the same only for equal requests."""
    head = f"{method} {path}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


def answer_once(
    session: Session,
    store_id: int,
    key: RequestKey | None,
    now: dt.datetime,
    work: Callable[[], StoredAnswer],
) -> StoredAnswer:
    """Return the answer of `work`, or the stored one of a key used before. Inside write(); raises KeyUsed.

    The key's row is written first: of two requests at once, the second waits for it and then replays.
    """
    if key is None:
        return work()
    before = answered(session, store_id, key)
    if before is not None:
        return before
    rows = begin(session, store_id, [key], now)
    answer = work()
    end(session, rows, [answer])
    return answer


def answered(session: Session, store_id: int, key: RequestKey) -> StoredAnswer | None:
    """Return the stored answer of a key used before; None for a new one. Raises KeyUsed."""
    known = used(session, store_id, [key]).get(key.key)
    return known.answer_to(key) if known else None


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key that was used before: for which request, and what it was answered."""

    fingerprint: str
    answer: StoredAnswer

    def answer_to(self, key: RequestKey) -> StoredAnswer:
        """Return the answer to the same request. Raises KeyUsed for another one."""
        if self.fingerprint != key.fingerprint:
            raise KeyUsed("This Idempotency-Key was used for another request. Use a new one.")
        return self.answer


def used(session: Session, store_id: int, keys: Sequence[RequestKey]) -> dict[str, UsedKey]:
    """Return those of the keys that were used before."""
    rows = _KEYS.rows(session, store_id=store_id, keys=[key.key for key in keys]) if keys else []
    return {
        row["key"]: UsedKey(row["body_hash"], StoredAnswer(row["status"], row["answer"], replayed=True))
        for row in rows
    }


def begin(session: Session, store_id: int, keys: Sequence[RequestKey], now: dt.datetime) -> list[Row]:
    """Write down that the keys are used, inside write(); return their rows, in the order of `keys`."""
    ids = reserve(session, KEY_TABLE.name, len(keys))
    rows: list[Row] = [
        {"id": id, "store_id": store_id, "key": key.key, "body_hash": key.fingerprint, "created_at": now}
        | {"status": 0, "answer": ""}
        for id, key in zip(ids, keys, strict=True)
    ]
    # Sorted, so that of two transactions with the same keys one waits for the other, and never both.
    bulk_write.insert(session, KEY_TABLE, sorted(rows, key=itemgetter("key")))
    return rows


def end(session: Session, rows: Sequence[Row], answers: Sequence[StoredAnswer]) -> None:
    """Write the answers into the rows of `begin`."""
    answered = [
        row | {"status": answer.status, "answer": answer.body}
        for row, answer in zip(rows, answers, strict=True)
    ]
    bulk_write.update(session, KEY_TABLE, answered)


def _keys(dialect: str) -> sa.Select[Any]:
    columns = KEY_TABLE.c
    query = sa.select(columns.key, columns.body_hash, columns.status, columns.answer)
    of_store = columns.store_id == sa.bindparam("store_id", type_=columns.store_id.type)
    return query.where(of_store, in_list(columns.key, "keys", dialect))


_KEYS = Lookup(_keys)
