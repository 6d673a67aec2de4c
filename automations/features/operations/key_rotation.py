"""Rotates the key of the secrets at rest: all are encrypted anew, in steps that may be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.secret_encryption import SecretBox, SecretUnreadable
from automations.models.db.base import db, run_in_write
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.people import SignInLink
from automations.models.tables.secret import Secret
from automations.models.tables.shop_connection import ShopConnection
from automations.models.tables.store import Connection

AT_ONCE = 50
#: Every column with encrypted text.
ENCRYPTED: tuple[tuple[Any, str], ...] = (
    (Connection, "secret"),
    (Secret, "value"),
    (Secret, "previous"),
    (SignInLink, "sealed"),
    (InboundHook, "secret"),
    (InboundHook, "previous"),
    (ShopConnection, "secret"),
    (ShopConnection, "previous"),
    (ShopConnection, "access"),
)


@dataclass
class Rotated:
    """The result of a rotation."""

    renewed: int = 0
    #: Secrets that had the newest key already, for example after an interrupted rotation.
    fresh: int = 0
    #: (table, id) of the secrets that none of the keys opens.
    unreadable: list[tuple[str, int]] = field(default_factory=list)


def rotate(keys: list[str], at_once: int = AT_ONCE) -> Rotated:
    """Encrypt everything with the first of `keys`; the others are its predecessors. May be repeated."""
    rotated = Rotated()
    for table, name in ENCRYPTED:
        after = 0
        while ids := _next(table, after, at_once):
            after = ids[-1]
            step = run_in_write(_renewal(table, name, ids, keys))
            rotated.renewed += step.renewed
            rotated.fresh += step.fresh
            rotated.unreadable += step.unreadable
    return rotated


def _next(table: Any, after: int, count: int) -> list[int]:
    ids = list(
        db.session.scalars(sa.select(table.id).where(table.id > after).order_by(table.id).limit(count))
    )
    db.session.rollback()
    return ids


def _renewal(table: Any, name: str, ids: list[int], keys: list[str]) -> Callable[[Session], Rotated]:
    newest, every = SecretBox(keys[:1]), SecretBox(keys)

    def work(session: Session) -> Rotated:
        step = Rotated()
        # Locked: a concurrent save waits, and uses the newest key anyway.
        rows = sa.select(table).where(table.id.in_(ids)).order_by(table.id).with_for_update()
        for row in session.scalars(rows):
            if getattr(row, name) is not None:
                _renew(row, name, newest, every, step)
        session.flush()
        return step

    return work


def _renew(row: Any, name: str, newest: SecretBox, every: SecretBox, step: Rotated) -> None:
    token = getattr(row, name)
    if _opens(newest, token):
        step.fresh += 1
    elif _opens(every, token):
        setattr(row, name, every.rotate(token))
        step.renewed += 1
    else:
        step.unreadable.append((row.__tablename__, row.id))


def _opens(box: SecretBox, token: str) -> bool:
    try:
        box.decrypt(token)
    except SecretUnreadable:
        return False
    return True
