"""A daily letter that may not have arrived: its person is told, and says whether it is sent again."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit
from automations.models.tables.daily_letter import FAILED, SENT, UNKNOWN, WAITING, DailyLetter
from automations.models.tables.notification import Notification
from automations.models.tables.people import Membership

TITLE = "Your daily letter may not have arrived"
PATH = "/notifications#letter-heading"
_OPEN = (UNKNOWN, FAILED)


class LetterDecided(Exception):
    """Nothing waits for a decision any more; `str(error)` is a sentence."""


def tell(session: Session, letter: DailyLetter, now: dt.datetime) -> None:
    """Notify the person of a letter whose fate is unknown, inside write()."""
    membership = session.get_one(Membership, letter.membership_id)
    body = "It may have been sent. Look into your inbox, then say whether it is sent again."
    about = {"title": TITLE, "body": body, "path": PATH, "created_at": now}
    session.add(Notification(store_id=letter.store_id, user_id=membership.user_id, **about))


def open_letter(session: Session, membership_id: int, day: dt.date) -> DailyLetter | None:
    """Return the letter of this day if it failed or may not have arrived."""
    query = sa.select(DailyLetter).where(DailyLetter.membership_id == membership_id, DailyLetter.day == day)
    return session.scalars(query.where(DailyLetter.state.in_(_OPEN))).first()


def arrived(session: Session, membership: Membership, day: dt.date, now: dt.datetime) -> None:
    """Keep that it arrived, as its person says, inside write(). Raises LetterDecided."""
    outcome = f"{membership.user.name} says it arrived."
    _move(session, membership, day, {"state": SENT, "outcome": outcome}, UNKNOWN)
    _note(session, membership, now, "said it arrived")


def send_again(session: Session, membership: Membership, day: dt.date, now: dt.datetime) -> None:
    """Put it back in line, inside write(). Raises LetterDecided."""
    _move(session, membership, day, {"state": WAITING, "due_at": now, "tries": 0}, *_OPEN)
    _note(session, membership, now, "sent again")


def _move(
    session: Session, membership: Membership, day: dt.date, values: dict[str, object], *states: str
) -> None:
    mine = sa.and_(DailyLetter.membership_id == membership.id, DailyLetter.day == day)
    update = sa.update(DailyLetter).where(mine, DailyLetter.state.in_(states)).values(**values)
    if session.connection().execute(update).rowcount == 0:
        raise LetterDecided("That letter no longer waits for a decision.")


def _note(session: Session, membership: Membership, now: dt.datetime, action: str) -> None:
    about, whose = f"the daily letter of {membership.user.name}", {"user_id": membership.user_id}
    audit.note(session, action=action, about=about, store_id=membership.store_id, at=now, **whose)
