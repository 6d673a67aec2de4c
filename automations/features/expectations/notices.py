"""What the managers are told about an expectation: one notice each while it is broken, under the bell."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.expectation import Expectation
from automations.models.tables.notification import Notification
from automations.pipeline.providers import manager_alerts


def path(expectation: Expectation) -> str:
    """Return the address of its page."""
    return f"/expectations/{expectation.id}"


def tell(session: Session, expectation: Expectation, title: str, body: str, now: dt.datetime) -> None:
    """Tell the managers, inside write(): the notice that is there says the new count and is unread again."""
    expectation.told_at = expectation.told_at or now
    session.flush()
    standing = {
        notice.user_id: notice
        for notice in session.scalars(sa.select(Notification).where(_standing(expectation)))
    }
    for user in manager_alerts.people_of(session, expectation.store_id):
        notice = standing.get(user.id) or Notification(
            store_id=expectation.store_id, user_id=user.id, path=path(expectation)
        )
        notice.title, notice.body, notice.read_at = title, body, None
        notice.created_at = expectation.told_at
        session.add(notice)
    session.flush()


def settle(session: Session, expectation: Expectation, now: dt.datetime) -> None:
    """Take the notices about it off the bell, inside write(); what breaks it next is told anew."""
    if expectation.told_at is not None:
        unread = sa.and_(_standing(expectation), Notification.read_at.is_(None))
        session.execute(
            sa.update(Notification).where(unread).values(read_at=now),
            execution_options={"synchronize_session": False},
        )
    expectation.told_at = None


def _standing(expectation: Expectation) -> sa.ColumnElement[bool]:
    return sa.and_(
        Notification.store_id == expectation.store_id,
        Notification.path == path(expectation),
        Notification.created_at == expectation.told_at,
    )
