"""Idempotency keys: a repeated request gets the first answer again and changes nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.people import IdempotencyKey


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
    row = IdempotencyKey(store_id=store_id, key=key.key, body_hash=key.fingerprint, created_at=now)
    row.status, row.answer = 0, ""
    session.add(row)
    session.flush()
    answer = work()
    row.status, row.answer = answer.status, answer.body
    return answer


def answered(session: Session, store_id: int, key: RequestKey) -> StoredAnswer | None:
    """Return the stored answer of a key used before; None for a new one. Raises KeyUsed."""
    row = _find(session, store_id, key.key)
    if row is None:
        return None
    if row.body_hash != key.fingerprint:
        raise KeyUsed("This Idempotency-Key was used for another request. Use a new one.")
    return StoredAnswer(row.status, row.answer, replayed=True)


def _find(session: Session, store_id: int, key: str) -> IdempotencyKey | None:
    query = sa.select(IdempotencyKey).where(IdempotencyKey.store_id == store_id, IdempotencyKey.key == key)
    return session.scalar(query)
