"""A manager's decision about runs that were held: all of them, the first of them, or none."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.surge.waiting import runs_of_hold
from automations.models.access import audit
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, WAITING, Run, in_order
from automations.models.tables.surge_hold import DROPPED, RELEASED, SurgeHold, UsualPace
from automations.pipeline.runs import relay_signal
from automations.pipeline.runs.run_decisions import AlreadyDecided

#: How many are released to see how they fare.
FIRST = 10
_GONE = "Someone else got there first: nothing is held any more."
_DROPPED = "Cancelled: its automation fired far more than usual, and {} released none of it."


def release(
    session: Session, hold: SurgeHold, user: User, now: dt.datetime, up_to: int, first: int | None = None
) -> int:
    """Let the held firings up to this one go, or the `first` of them; return how many. Inside write().

    What fired meanwhile was not seen and waits on. Raises AlreadyDecided.
    """
    ids = _firings(session, hold, up_to, first)
    values = {"state": WAITING, "reason": None}
    _decide(session, hold, ids, RELEASED, values, first is None, now)
    _note(session, hold, user, now, "released", len(ids), first)
    relay_signal.on_commit(session)
    return len(ids)


def drop(session: Session, hold: SurgeHold, user: User, now: dt.datetime, up_to: int) -> int:
    """Cancel the held firings up to this one; return how many. Inside write(). Raises AlreadyDecided."""
    ids = _firings(session, hold, up_to, None)
    values = {"state": CANCELLED, "reason": _DROPPED.format(user.name), "finished_at": now}
    _decide(session, hold, ids, DROPPED, values, False, now)
    _note(session, hold, user, now, "released none of", len(ids), None)
    return len(ids)


def _firings(session: Session, hold: SurgeHold, up_to: int, first: int | None) -> list[int]:
    locked = sa.select(SurgeHold).where(SurgeHold.id == hold.id, SurgeHold.ended_at.is_(None))
    if session.scalars(locked.with_for_update().execution_options(populate_existing=True)).first() is None:
        raise AlreadyDecided(_GONE)
    query = sa.select(Run.evaluation_id).where(runs_of_hold(hold), Run.evaluation_id <= up_to).distinct()
    ids = list(session.scalars(query.order_by(Run.evaluation_id).limit(first)))
    if not ids:
        raise AlreadyDecided(_GONE)
    return ids


def _decide(
    session: Session,
    hold: SurgeHold,
    ids: list[int],
    what: str,
    values: dict[str, Any],
    every: bool,
    now: dt.datetime,
) -> None:
    to = ids[-1]
    chosen = sa.and_(runs_of_hold(hold), Run.evaluation_id <= to)
    session.execute(
        sa.update(Run).where(in_order(chosen)).values(**values),
        execution_options={"synchronize_session": False},
    )
    hold.decisions = [*hold.decisions, {"what": what, "after": hold.passed_to, "to": to, "all": every}]
    hold.passed_to = to
    session.flush()
    if session.scalar(sa.select(Run.id).where(runs_of_hold(hold)).limit(1)) is None:
        hold.ended_at = now
        # What was released is usual from now on.
        session.execute(sa.delete(UsualPace).where(UsualPace.automation_id == hold.automation_id))
    session.flush()


def _note(
    session: Session,
    hold: SurgeHold,
    user: User,
    now: dt.datetime,
    action: str,
    count: int,
    first: int | None,
) -> None:
    about = f"what was held of automation “{hold.automation.name}”"
    after = {"firings": count} | ({"which": "the first"} if first else {})
    audit.note(
        session, action=action, about=about, store_id=hold.store_id, user_id=user.id, after=after, at=now
    )
