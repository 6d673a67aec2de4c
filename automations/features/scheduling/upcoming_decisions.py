"""A person's decisions about what is still to come: skip it, or send it now."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.scheduling import due_occurrences
from automations.models.access import audit
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, WAITING, Run
from automations.models.tables.schedule_progress import Due
from automations.pipeline.runs import relay_signal
from automations.pipeline.runs.run_decisions import AlreadyDecided


def skip_run(session: Session, run: Run, user: User, now: dt.datetime) -> None:
    """Cancel a waiting run. Raises AlreadyDecided."""
    reason = f"{user.name} skipped it before it was due."
    _move(session, run, {"state": CANCELLED, "reason": reason, "finished_at": now})
    _audit(session, run.store_id, user, now, "skipped", f"run {run.id}")


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
) -> None:
    """Mark a future instant as processed. Raises AlreadyDecided if it already is, or nothing waits."""
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
    about = f"{automation.name} for {subject} {record_id}"
    _audit(session, automation.store_id, user, now, "skipped", about)


def _move(session: Session, run: Run, values: dict[str, object]) -> None:
    update = sa.update(Run).where(Run.id == run.id, Run.state == WAITING).values(**values)
    if session.connection().execute(update).rowcount == 0:
        raise AlreadyDecided("Someone else got there first: this action is no longer waiting.")
    session.expire(run)


def _audit(session: Session, store_id: int, user: User, now: dt.datetime, action: str, about: str) -> None:
    audit.note(session, action=action, about=about, store_id=store_id, user_id=user.id, at=now)
