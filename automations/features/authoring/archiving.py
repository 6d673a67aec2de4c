"""Automations are archived, not deleted; their pending runs are cancelled with a reason.

A run that had begun when its worker died may have left, so it is finished rather than cancelled.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.authoring import publish
from automations.models.access import audit
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, HELD, WAITING, Attempt, Run, in_order
from automations.models.tables.shadow import ENDED
from automations.pipeline.runs import held_while_off
from automations.pipeline.runs.claimed_run import STARTED, UNCERTAIN


def waiting(session: Session, automation: Automation) -> int:
    """Return the number of waiting runs."""
    return session.scalar(sa.select(sa.func.count(Run.id)).where(_waits(automation))) or 0


def archive(session: Session, automation: Automation, user: User, now: dt.datetime) -> int:
    """Switch it off, cancel its waiting runs and hide it, inside write(); return how many were cancelled."""
    publish.deactivate(session, automation, now)
    publish.end_shadow(session, publish.lock(session, automation), automation, now, ENDED)
    reason = held_while_off.ARCHIVED.format(user.name)
    gone = sa.update(Run).where(in_order(_waits(automation)))
    values = {"state": CANCELLED, "reason": reason, "finished_at": now}
    cancelled = session.connection().execute(gone.values(**values)).rowcount
    automation.archived_at, automation.archived_by = now, user.id
    _note(session, automation, user, now, "archived")
    return int(cancelled)


def restore(session: Session, automation: Automation, user: User, now: dt.datetime) -> None:
    """Return it to the list, off, inside write()."""
    automation.archived_at = automation.archived_by = None
    _note(session, automation, user, now, "restored")


def _waits(automation: Automation) -> sa.ColumnElement[bool]:
    evaluations = sa.select(Evaluation.id).where(
        Evaluation.store_id == automation.store_id, Evaluation.automation_id == automation.id
    )
    waits = sa.and_(Run.store_id == automation.store_id, Run.state.in_((WAITING, HELD)))
    begun = sa.and_(Run.deaths.is_not(None), Run.attempts.any(Attempt.result.in_((STARTED, UNCERTAIN))))
    return sa.and_(waits, Run.evaluation_id.in_(evaluations), ~begun)


def _note(session: Session, automation: Automation, user: User, now: dt.datetime, action: str) -> None:
    about = f"automation “{automation.name}”"
    audit.note(session, action=action, about=about, store_id=automation.store_id, user_id=user.id, at=now)
