"""Counting and reading the notices of one person in one store."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.notification import Notification

#: More than this is shown as "99+".
COUNTED = 100


def count_unread(session: Session, store_id: int, user_id: int) -> int:
    """How many are unread, at most COUNTED."""
    some = sa.select(Notification.id).where(*_unread(store_id, user_id)).limit(COUNTED)
    return session.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0


def read(session: Session, store_id: int, user_id: int, now: dt.datetime, only: int | None = None) -> None:
    """Mark all as read, or only one, inside write()."""
    wanted = _unread(store_id, user_id) + ([] if only is None else [Notification.id == only])
    session.execute(sa.update(Notification).where(*wanted).values(read_at=now))


def _unread(store_id: int, user_id: int) -> list[sa.ColumnElement[bool]]:
    mine = [Notification.user_id == user_id, Notification.store_id == store_id]
    return [*mine, Notification.read_at.is_(None)]
