"""Rate limits per person and action, counted in the audit, which records each use anyway."""

from __future__ import annotations

import datetime as dt
import math

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.people import Audit

MINUTE = dt.timedelta(minutes=1)
#: The audit’s words for a test fire, and for sending a test message to oneself.
TRIED, SENT = "tried", "sent a test of"
#: The audit’s words for a request of a draft that was really sent.
CALLED = "tried a request of"
#: The audit’s words for a test message through the settings of a provider, to any recipient.
TESTED = "sent a test"
MOST = {TRIED: 30, SENT: 5, TESTED: 5, CALLED: 5}


def limit_message(session: Session, user_id: int, action: str, now: dt.datetime) -> str:
    """Return why the person has to wait, as a sentence; "" while they are within the limit."""
    # What was noted before the clock was set back lies in the future, and does not count.
    lately = sa.and_(Audit.at > now - MINUTE, Audit.at <= now + MINUTE)
    of_person = sa.and_(Audit.user_id == user_id, Audit.action == action, lately)
    most = MOST[action]
    latest = session.scalars(sa.select(Audit.at).where(of_person).order_by(Audit.at.desc()).limit(most)).all()
    if len(latest) < most:
        return ""
    seconds = max(1, math.ceil((latest[-1] + MINUTE - now).total_seconds()))
    wait = f"Wait {seconds} second{'' if seconds == 1 else 's'}, then try again."
    return f"That was {most} times within a minute. {wait}"
