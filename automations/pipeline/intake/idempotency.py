"""The same request again is answered the same: idempotency keys of the API."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.people import IdempotencyKey


class KeyUsed(ValueError):
    """The key stands for another request; `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered: `body` is JSON text."""

    status: int
    body: str
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Once:
    """A key, and the request it stands for."""

    key: str
    fingerprint: str


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same."""
    head = f"{method} {path}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


def once(
    session: Session, store_id: int, given: Once | None, now: dt.datetime, work: Callable[[], StoredAnswer]
) -> StoredAnswer:
    """The answer of `work`, or the one given before to this key. Inside write(); raises KeyUsed.

    The key's row is written first: of two at once, the second waits for it, and then replays.
    """
    if given is None:
        return work()
    row = _find(session, store_id, given.key)
    if row is not None:
        if row.body_hash != given.fingerprint:
            raise KeyUsed("This Idempotency-Key was used for another request. Use a new one.")
        return StoredAnswer(row.status, row.answer, replayed=True)
    row = IdempotencyKey(store_id=store_id, key=given.key, body_hash=given.fingerprint, created_at=now)
    row.status, row.answer = 0, ""
    session.add(row)
    session.flush()
    answer = work()
    row.status, row.answer = answer.status, answer.body
    return answer


def _find(session: Session, store_id: int, key: str) -> IdempotencyKey | None:
    found = sa.select(IdempotencyKey).where(IdempotencyKey.store_id == store_id, IdempotencyKey.key == key)
    return session.scalar(found)
