"""Automations are archived, not deleted; their pending runs are cancelled with a reason.

A run that had begun when its worker died may have left, so it is finished rather than cancelled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.authoring import publish
from automations.features.figures import counting
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.automation import Automation, Version
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, HELD, WAITING, Attempt, Run, in_order
from automations.models.tables.shadow import ENDED, Shadow
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.runs import held_while_off, relay_signal
from automations.pipeline.runs.claimed_run import STARTED, UNCERTAIN

KIND = "archive"
_WITHOUT = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Archived:
    """How many waiting runs were cancelled, and the step that takes it all back."""

    cancelled: int
    step_id: int


def waiting(session: Session, automation: Automation) -> int:
    """Return the number of waiting runs."""
    return session.scalar(sa.select(sa.func.count(Run.id)).where(_waits(automation))) or 0


def archive(session: Session, automation: Automation, user: User, now: dt.datetime) -> Archived:
    """Switch it off, cancel its waiting runs and hide it, inside write()."""
    store = publish.lock(session, automation)
    before = _before(session, automation)
    publish.deactivate(session, automation, now)
    publish.end_shadow(session, store, automation, now, ENDED)
    reason = held_while_off.ARCHIVED.format(user.name)
    gone = sa.update(Run).where(in_order(_waits(automation)))
    values = {"state": CANCELLED, "reason": reason, "finished_at": now}
    cancelled = session.connection().execute(gone.values(**values)).rowcount
    automation.archived_at, automation.archived_by = now, user.id
    _note(session, automation, user, now, "archived")
    after = {"at": now.isoformat(), "reason": reason}
    step = undo_steps.remember(session, KIND, user, store.id, automation.id, before, after)
    return Archived(int(cancelled), step.id)


def unarchive(session: Session, step: UndoStep, user: User, now: dt.datetime) -> tuple[Automation, int]:
    """Put back everything that `archive` ended, inside write(); return how many runs wait again.

    Raises CannotUndo if someone restored it since.
    """
    automation = session.get_one(Automation, step.about_id)
    store = publish.lock(session, automation)
    archived_at = dt.datetime.fromisoformat(step.after["at"])
    if automation.archived_at != archived_at:
        raise CannotUndo(f"“{automation.name}” was restored in the meantime, so nothing was undone.")
    automation.archived_at = automation.archived_by = None
    count = _revive(session, automation, step, archived_at)
    if step.before["shadow"]:
        publish.resume_shadow(session, store, session.get_one(Shadow, step.before["shadow"]), now)
    if step.before["active"]:
        publish.resume(session, store, automation, session.get_one(Version, step.before["active"]), now)
    _note(session, automation, user, now, "undid archiving")
    relay_signal.on_commit(session)
    return automation, count


def restore(session: Session, automation: Automation, user: User, now: dt.datetime) -> None:
    """Return it to the list, off, inside write()."""
    automation.archived_at = automation.archived_by = None
    _note(session, automation, user, now, "restored")


def _before(session: Session, automation: Automation) -> dict[str, Any]:
    """Return what archiving ends: the live version, a listening shadow mode, and the held runs."""
    listening = sa.select(Shadow.id).where(Shadow.automation_id == automation.id, Shadow.decided_at.is_(None))
    held = sa.select(Run.id).where(_waits(automation), Run.state == HELD).order_by(Run.id)
    return {
        "active": automation.active_version_id,
        "shadow": session.scalar(listening.where(Shadow.stopped_at.is_(None))),
        "held": list(session.scalars(held)),
    }


def _revive(session: Session, automation: Automation, step: UndoStep, archived_at: dt.datetime) -> int:
    """Make the runs that archiving cancelled wait again; return how many."""
    of_it = sa.select(Evaluation.id).where(Evaluation.automation_id == automation.id)
    cancelled = sa.and_(
        Run.store_id == automation.store_id,
        Run.state == CANCELLED,
        # One that was in the queue was cancelled when a worker took it.
        Run.finished_at >= archived_at,
        Run.reason == step.after["reason"],
        Run.evaluation_id.in_(of_it),
    )
    ids = list(session.scalars(sa.select(Run.id).where(cancelled).order_by(Run.id)))
    evaluations = sa.select(Run.evaluation_id).where(Run.id.in_(ids)).distinct()
    counting.open_again(session, session.get_one(Store, automation.store_id), evaluations)
    held = set(step.before["held"])
    _set(session, [id for id in ids if id in held], HELD)
    _set(session, [id for id in ids if id not in held], WAITING)
    return len(ids)


def _set(session: Session, ids: Sequence[int], state: str) -> None:
    values = {"state": state, "reason": None, "finished_at": None}
    gone = sa.update(Run).where(in_order(Run.id.in_(ids)))
    session.execute(gone.values(**values), execution_options=_WITHOUT)


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
