"""A person's decisions about what is still to come: skip it, or send it now."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures import counting
from automations.features.scheduling import due_occurrences
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, WAITING, Run
from automations.models.tables.schedule_progress import Due
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.runs import relay_signal
from automations.pipeline.runs.run_decisions import AlreadyDecided

SKIPPED_RUN, SKIPPED_DUE = "skipped run", "skipped instant"


def skip_run(session: Session, run: Run, user: User, now: dt.datetime) -> UndoStep:
    """Cancel a waiting run; return what takes it back. Raises AlreadyDecided."""
    reason = f"{user.name} skipped it before it was due."
    _move(session, run, {"state": CANCELLED, "reason": reason, "finished_at": now})
    _audit(session, run.store_id, user, now, "skipped", f"run {run.id}")
    after = {"reason": reason, "at": now.isoformat()}
    return undo_steps.remember(session, SKIPPED_RUN, user, run.store_id, run.id, None, after)


def unskip_run(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Run:
    """Let a skipped run wait again, inside write(). Raises CannotUndo."""
    run = session.get(Run, step.about_id)
    evaluation = run.evaluation if run else None
    if run is None or evaluation is None or evaluation.version.automation.archived_at:
        raise CannotUndo("Its automation was archived in the meantime, so nothing was undone.")
    counting.open_again(
        session,
        session.get_one(Store, run.store_id),
        sa.select(Run.evaluation_id).where(Run.id == run.id),
    )
    skipped = sa.and_(Run.id == run.id, Run.state == CANCELLED, Run.reason == step.after["reason"])
    values = {"state": WAITING, "reason": None, "finished_at": None}
    if session.connection().execute(sa.update(Run).where(skipped).values(**values)).rowcount == 0:
        raise CannotUndo("This action was changed in the meantime, so nothing was undone.")
    session.expire(run)
    _audit(session, run.store_id, user, now, "took back skipping", f"run {run.id}")
    relay_signal.on_commit(session)
    return run


def send_now(session: Session, run: Run, user: User, now: dt.datetime) -> None:
    """Make a waiting run due at once, wherever its date moved; its conditions are still checked again.

    Raises AlreadyDecided.
    """
    _move(session, run, {"due_at": now, "hastened_at": now})
    _audit(session, run.store_id, user, now, "sent now", f"run {run.id}")
    relay_signal.on_commit(session)


def skip_due(
    session: Session,
    automation: Automation,
    subject: str,
    record_id: int,
    due_at: dt.datetime,
    user: User,
    now: dt.datetime,
) -> UndoStep:
    """Mark a future instant as processed; return what takes it back.

    Raises AlreadyDecided if it already is, or nothing waits.
    """
    of_record = sa.and_(
        Due.automation_id == automation.id, Due.subject == subject, Due.record_id == record_id
    )
    if automation.active_version_id is None or session.scalar(
        sa.select(Due.id).where(of_record, Due.due_at == due_at)
    ):
        raise AlreadyDecided("Someone else got there first: this is no longer coming up.")
    whose = {"store_id": automation.store_id, "automation_id": automation.id, "subject": subject}
    values = {"version_id": automation.active_version_id, "record_id": record_id, "due_at": due_at}
    due_occurrences.insert(session, [whose | values])
    about = _about(automation, subject, record_id)
    _audit(session, automation.store_id, user, now, "skipped", about)
    before = {"subject": subject, "record": record_id, "at": due_at.isoformat()}
    return undo_steps.remember(session, SKIPPED_DUE, user, automation.store_id, automation.id, before)


def unskip_due(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Automation:
    """Let a skipped instant come, inside write(). Raises CannotUndo once its time is over."""
    automation = session.get_one(Automation, step.about_id)
    at = dt.datetime.fromisoformat(step.before["at"])
    if at <= now:
        raise CannotUndo("Its time is over, so it stays skipped.")
    subject, record_id = step.before["subject"], step.before["record"]
    skipped = sa.and_(
        Due.automation_id == automation.id,
        Due.subject == subject,
        Due.record_id == record_id,
        Due.due_at == at,
        Due.occurrence_id.is_(None),
    )
    if session.connection().execute(sa.delete(Due).where(skipped)).rowcount == 0:
        raise CannotUndo("This was changed in the meantime, so nothing was undone.")
    about = _about(automation, subject, record_id)
    _audit(session, automation.store_id, user, now, "took back skipping", about)
    return automation


def _about(automation: Automation, subject: str, record_id: int) -> str:
    return f"automation “{automation.name}” for {subject} {record_id}"


def _move(session: Session, run: Run, values: dict[str, object]) -> None:
    update = sa.update(Run).where(Run.id == run.id, Run.state == WAITING).values(**values)
    if session.connection().execute(update).rowcount == 0:
        raise AlreadyDecided("Someone else got there first: this action is no longer waiting.")
    session.expire(run)


def _audit(session: Session, store_id: int, user: User, now: dt.datetime, action: str, about: str) -> None:
    audit.note(session, action=action, about=about, store_id=store_id, user_id=user.id, at=now)
