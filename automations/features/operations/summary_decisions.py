"""A daily summary that may not have arrived: its person is told, and says whether it is sent again."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit
from automations.models.tables.daily_summary import FAILED, SENT, UNKNOWN, WAITING, DailySummary
from automations.models.tables.notification import Notification
from automations.models.tables.people import Membership

TITLE = "Your daily summary may not have arrived"
PATH = "/notifications#summary-heading"
_OPEN = (UNKNOWN, FAILED)


class SummaryDecided(Exception):
    """Nothing waits for a decision any more; `str(error)` is a sentence."""


def tell(session: Session, summary: DailySummary, now: dt.datetime) -> None:
    """Notify the person of a summary whose fate is unknown, inside write()."""
    membership = session.get_one(Membership, summary.membership_id)
    body = "It may have been sent. Look into your inbox, then say whether it is sent again."
    about = {"title": TITLE, "body": body, "path": PATH, "created_at": now}
    session.add(Notification(store_id=summary.store_id, user_id=membership.user_id, **about))


def open_summary(session: Session, membership_id: int, day: dt.date) -> DailySummary | None:
    """Return the summary of this day if it failed or may not have arrived."""
    query = sa.select(DailySummary).where(
        DailySummary.membership_id == membership_id, DailySummary.day == day
    )
    return session.scalars(query.where(DailySummary.state.in_(_OPEN))).first()


def arrived(session: Session, membership: Membership, day: dt.date, now: dt.datetime) -> None:
    """Keep that it arrived, as its person says, inside write(). Raises SummaryDecided."""
    outcome = f"{membership.user.name} says it arrived."
    _move(session, membership, day, {"state": SENT, "outcome": outcome}, UNKNOWN)
    _note(session, membership, now, "said it arrived")


def send_again(session: Session, membership: Membership, day: dt.date, now: dt.datetime) -> None:
    """Put it back in line, inside write(). Raises SummaryDecided."""
    _move(session, membership, day, {"state": WAITING, "due_at": now, "tries": 0}, *_OPEN)
    _note(session, membership, now, "sent again")


def _move(
    session: Session, membership: Membership, day: dt.date, values: dict[str, object], *states: str
) -> None:
    mine = sa.and_(DailySummary.membership_id == membership.id, DailySummary.day == day)
    update = sa.update(DailySummary).where(mine, DailySummary.state.in_(states)).values(**values)
    if session.connection().execute(update).rowcount == 0:
        raise SummaryDecided("That summary no longer waits for a decision.")


def _note(session: Session, membership: Membership, now: dt.datetime, action: str) -> None:
    about, whose = f"the daily summary of {membership.user.name}", {"user_id": membership.user_id}
    audit.note(session, action=action, about=about, store_id=membership.store_id, at=now, **whose)
