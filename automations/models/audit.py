"""Who changed what and when: a row for each edit, sign-in, key and test, each bound to the one before.

The rows of a transaction are written as its last step. Only then is the end of the chain locked, so that
people wait for each other no longer than a commit takes, and who writes no row does not wait at all.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from automations.models.people import Audit, AuditHead
from automations.models.types import Json

PENDING = "audit"
#: Words of names whose values are never kept.
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
    """Have one row written when the transaction commits; call it inside write().

    `action` is what was done, as words of the page: "changed", "added", "signed in".
    `about` names what it was done to: "order status “Picked”". `before` and `after` are plain
    JSON data; values that are named like secrets are masked.
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


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the entries that differ, as they were and as they are."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def masked(value: Any) -> Any:
    """The same data, with a mask in place of everything that is named like a secret."""
    if isinstance(value, Mapping):
        return {name: _masked(str(name), inner) for name, inner in value.items()}
    return [masked(one) for one in value] if isinstance(value, list) else value


def digest(previous: str, row: Mapping[str, Any]) -> str:
    """What binds a row to the one before. `before` and `after` are their texts as they are stored."""
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
    # All other locks are taken before this one, so that two transactions never wait for each other.
    session.flush()
    head = _locked_head(session)
    for row in rows:
        row.before, row.after = masked(row.before), masked(row.after)
        row.number = head.number = head.number + 1
        texts = {"before": Json.text(row.before), "after": Json.text(row.after)}
        row.hash = head.hash = digest(head.hash, {**_plain(row), **texts})
        session.add(row)
        session.flush()


@sa.event.listens_for(Session, "after_soft_rollback")
def _forget_pending(session: Session, previous: SessionTransaction) -> None:
    if not previous.nested:
        session.info.pop(PENDING, None)


def _locked_head(session: Session) -> AuditHead:
    """The end of the chain; whoever else writes a row waits here until this transaction is over."""
    mine = sa.select(AuditHead).where(AuditHead.id == HEAD_ID).with_for_update()
    return session.scalars(mine.execution_options(populate_existing=True)).one()


def _plain(row: Audit) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in sa.inspect(Audit).column_attrs}
