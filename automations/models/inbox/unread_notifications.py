"""Marking the notifications of one person in one store."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.notification import Notification


def mark_read(
    session: Session, store_id: int, user_id: int, now: dt.datetime, only: int | None = None
) -> None:
    """Mark all notifications, or only the one with id `only`, as read, inside write()."""
    unread = _unread(store_id, user_id) + ([] if only is None else [Notification.id == only])
    session.execute(sa.update(Notification).where(*unread).values(read_at=now))


def _unread(store_id: int, user_id: int) -> list[sa.ColumnElement[bool]]:
    of_person = [Notification.user_id == user_id, Notification.store_id == store_id]
    return [*of_person, Notification.read_at.is_(None)]
