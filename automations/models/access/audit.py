"""The audit: a row for each edit, sign-in, key and test, chained to the row before by its hash.

The rows of a transaction are written as its last step, and only then is the head of the chain locked: writers
wait for each other no longer than a commit takes, and transactions without a row never wait.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from automations.models.db.column_types import JsonColumn
from automations.models.tables.people import Audit, AuditHead

PENDING = "audit"
#: Values under names that contain one of these words are never stored.
SECRET_WORDS = ("password", "secret", "token", "authorization", "credential")
MASKED = "•••"
HEAD_ID = 1


def note(
    session: Session,
    *,
    action: str,
    about: str,
    store_id: int | None = None,
    user_id: int | None = None,
    before: Any = None,
    after: Any = None,
    at: dt.datetime | None = None,
) -> Audit:
    """Queue one row to be written when the transaction commits; call it inside write().

    `action` is what was done, in the words of the page: "changed", "added", "signed in". `about` names what
    it was done to: "order status “Picked”". `before` and `after` are plain JSON data; values under names like
    those of secrets are masked.
    """
    row = Audit(
        store_id=store_id,
        user_id=user_id,
        action=action,
        about=about,
        before=before,
        after=after,
        at=at or dt.datetime.now(dt.UTC),
    )
    session.info.setdefault(PENDING, []).append(row)
    return row


def note_name(
    session: Session, kind: str, before: str, after: str, store_id: int, user_id: int, at: dt.datetime
) -> None:
    """Queue a row with both names of a thing, if they differ: earlier rows have the name of their time."""
    if before == after:
        return
    about, whose = f"{kind} “{before}”", {"store_id": store_id, "user_id": user_id}
    note(session, action="renamed", about=about, before=before, after=after, at=at, **whose)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the entries that differ, as they were in `before` and as they are in `after`."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def masked(value: Any) -> Any:
    """Return the same data with a mask in place of every value under a name like that of a secret."""
    if isinstance(value, Mapping):
        return {name: _masked(str(name), inner) for name, inner in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value


def digest(previous: str, row: Mapping[str, Any]) -> str:
    """Return the hash that binds a row to the one before. `before` and `after` are given as stored texts."""
    names = ("number", "store_id", "user_id", "at", "action", "about", "before", "after")
    values = [row[name] for name in names]
    at = row["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    values[names.index("at")] = at
    return hashlib.sha256(msgspec.json.encode([previous, *values])).hexdigest()


def _masked(name: str, value: Any) -> Any:
    if value and any(word in name.lower() for word in SECRET_WORDS) and value not in ("a new one", "none"):
        return MASKED
    return masked(value)


@sa.event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    rows: list[Audit] = session.info.pop(PENDING, [])
    if not rows:
        return
    # Take every other lock before the head of the chain: otherwise two transactions could deadlock.
    session.flush()
    head = _locked_head(session)
    for row in rows:
        row.before, row.after = masked(row.before), masked(row.after)
        row.number = head.number = head.number + 1
        texts = {"before": JsonColumn.stored(row.before), "after": JsonColumn.stored(row.after)}
        row.hash = head.hash = digest(head.hash, {**_plain(row), **texts})
        session.add(row)
        session.flush()


@sa.event.listens_for(Session, "after_soft_rollback")
def _forget_pending(session: Session, previous: SessionTransaction) -> None:
    if not previous.nested:
        session.info.pop(PENDING, None)


def _locked_head(session: Session) -> AuditHead:
    """Return the head of the chain, locked: other writers of rows wait until this transaction ends."""
    query = sa.select(AuditHead).where(AuditHead.id == HEAD_ID).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _plain(row: Audit) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in sa.inspect(Audit).column_attrs}
