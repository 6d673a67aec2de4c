"""How often a person may try something in a minute, counted in the audit, which keeps each try anyway."""

from __future__ import annotations

import datetime as dt
import math

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.people import Audit

MINUTE = dt.timedelta(minutes=1)
#: What the audit calls a test fire, and a message of one that was really sent, to the person herself.
TRIED, SENT = "tried", "sent a test of"
#: And one through the settings of a provider, to whomever it is addressed.
TESTED = "sent a test"
MOST = {TRIED: 30, SENT: 5, TESTED: 5}


def refusal(session: Session, user_id: int, action: str, now: dt.datetime) -> str:
    """Why she has to wait, as a sentence; "" while she has not done it too often within a minute."""
    mine = sa.and_(Audit.user_id == user_id, Audit.action == action, Audit.at > now - MINUTE)
    most = MOST[action]
    latest = session.scalars(sa.select(Audit.at).where(mine).order_by(Audit.at.desc()).limit(most)).all()
    if len(latest) < most:
        return ""
    seconds = max(1, math.ceil((latest[-1] + MINUTE - now).total_seconds()))
    wait = f"Wait {seconds} second{'' if seconds == 1 else 's'}, then try again."
    return f"That was {most} times within a minute. {wait}"
