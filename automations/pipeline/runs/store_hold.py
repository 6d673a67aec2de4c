"""Puts stores on hold after a restore, until a person ends it. Part of: relay, claim.

A backup does not know what was sent after it was made: runs that it shows as waiting may have left.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.wording.formats import BRITISH, count_words
from automations.models.access.audit import note
from automations.models.tables.hold import Hold, Release
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import SignIn, SignInLink, User
from automations.models.tables.run import QUEUED, RUNNING, SUCCEEDED, WAITING, Attempt, Run, in_order
from automations.models.tables.schedule_progress import Due
from automations.models.tables.store import Store
from automations.pipeline.runs import relay_signal
from automations.pipeline.runs.claimed_run import SENT, STARTED, UNCERTAIN
from automations.pipeline.runs.run_decisions import AlreadyDecided

NO_LETTER = "Not valid any more: a backup was restored. Ask for another."
_OPEN = Hold.ended_at.is_(None)


def begin(session: Session, now: dt.datetime, backup_at: dt.datetime | None = None) -> int:
    """Put every store on hold, inside write(); runs under way wait again. Return the number of stores.

    `backup_at` is when the data was copied, if that is known.
    """
    session.execute(sa.update(Hold).where(_OPEN).values(ended_at=now))
    stores = list(session.scalars(sa.select(Store.id)))
    rows = [{"store_id": store_id, "since": now, "backup_at": backup_at} for store_id in stores]
    if rows:
        session.execute(sa.insert(Hold), rows)
    session.execute(
        sa.update(Run)
        .where(in_order(Run.state.in_((QUEUED, RUNNING))))
        .values(state=WAITING, workflow_id=None),
        execution_options={"synchronize_session": False},
    )
    return len(stores)


def after_restore(session: Session, now: dt.datetime, backup_at: dt.datetime | None = None) -> int:
    """Put every store on hold, end all sign-ins and links; return how many stores. Inside write().

    Otherwise a person who signed out since the backup would be signed in again, and a link to set a password
    that was used since would work once more.
    """
    session.execute(sa.update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now))
    links = sa.update(SignInLink).where(SignInLink.used_at.is_(None))
    session.execute(links.values(expires_at=now, due_at=None, outcome=NO_LETTER))
    about = f"a backup, as of {backup_at:%d %b %Y %H:%M} UTC" if backup_at else "a backup"
    for store_id in session.scalars(sa.select(Store.id)).all():
        note(session, action="restored", about=about, store_id=store_id, at=now)
    return begin(session, now, backup_at)


def current(session: Session, store_id: int) -> Hold | None:
    """Return the hold that a store is on; None if it is on none."""
    holds = sa.select(Hold).where(Hold.store_id == store_id, _OPEN)
    return session.scalars(holds.order_by(Hold.id.desc())).first()


def may_leave() -> sa.ColumnElement[bool]:
    """Select the runs that may be begun: of stores that are not on hold, and those a person released."""
    held = sa.select(Hold.store_id).where(_OPEN)
    released = sa.select(Release.run_id).join(Hold, Hold.id == Release.hold_id).where(_OPEN)
    return sa.or_(Run.store_id.not_in(held), Run.id.in_(released))


def is_on_hold() -> sa.ColumnElement[bool]:
    """Whether the store of a run is on hold, as a condition on the run's row."""
    return Run.store_id.in_(sa.select(Hold.store_id).where(_OPEN))


def waiting_runs(hold: Hold, now: dt.datetime) -> sa.ColumnElement[bool]:
    """Select the runs that are due and wait for a decision."""
    released = sa.select(Release.run_id).where(Release.hold_id == hold.id)
    due = sa.and_(Run.store_id == hold.store_id, Run.state == WAITING, Run.due_at <= now)
    return sa.and_(due, Run.id.not_in(released))


def from_before_hold(hold: Hold) -> sa.ColumnElement[bool]:
    """Select the runs that may have left already: those created, or due by a schedule, before the hold."""
    made = sa.select(Evaluation.id).where(Evaluation.id == Run.evaluation_id, Evaluation.at <= hold.since)
    timed = sa.select(Due.id).join(Evaluation, Evaluation.occurrence_id == Due.occurrence_id)
    timed = timed.where(Evaluation.id == Run.evaluation_id, Due.due_at <= hold.since)
    return sa.or_(made.exists(), timed.exists())


def release(session: Session, run: Run, user: User, now: dt.datetime) -> None:
    """Let one run leave although its store is on hold. Raises AlreadyDecided."""
    hold = _waiting(session, run, now)
    session.add(Release(hold_id=hold.id, run_id=run.id, user_id=user.id, at=now))
    _note(session, hold, user, now, "released", f"run {run.id}")
    relay_signal.on_commit(session)


def arrived(session: Session, run: Run, user: User, now: dt.datetime) -> None:
    """Mark one run as sent before the backup was restored, as a person says. Raises AlreadyDecided."""
    hold = _waiting(session, run, now)
    _mark_arrived(session, [run.id], user, now)
    _note(session, hold, user, now, "marked as arrived", f"run {run.id}")


def all_arrived(session: Session, hold: Hold, user: User, now: dt.datetime, most: int = 500) -> int:
    """Mark runs from before the hold as sent, `most` at a time; return how many those were."""
    wanted = sa.select(Run.id).where(waiting_runs(hold, now), from_before_hold(hold)).order_by(Run.id)
    ids = list(session.scalars(wanted.limit(most).with_for_update(of=Run)))
    if ids:
        _mark_arrived(session, ids, user, now)
        these = f"{count_words(len(ids), 'runs', BRITISH)} from before the restore"
        _note(session, hold, user, now, "marked as arrived", these)
    return len(ids)


def end(session: Session, hold: Hold, user: User, now: dt.datetime) -> None:
    """End the hold: everything that waits is sent. Raises AlreadyDecided."""
    still = sa.update(Hold).where(Hold.id == hold.id, _OPEN)
    done = session.connection().execute(still.values(ended_at=now, ended_by=user.id))
    if done.rowcount == 0:
        raise AlreadyDecided("Someone else got there first: nothing is on hold any more.")
    _note(session, hold, user, now, "ended", "the hold after a restore")
    relay_signal.on_commit(session)


def _waiting(session: Session, run: Run, now: dt.datetime) -> Hold:
    hold = current(session, run.store_id)
    locked = sa.select(Run.id).where(Run.id == run.id).with_for_update(of=Run)
    if hold is None or session.scalar(locked.where(waiting_runs(hold, now))) is None:
        raise AlreadyDecided("Someone else got there first: this action no longer waits for a decision.")
    return hold


def _mark_arrived(session: Session, run_ids: list[int], user: User, now: dt.datetime) -> None:
    detail = f"{user.name} says it went out before the backup was restored."
    tries = dict(session.execute(sa.select(Run.id, Run.tries).where(Run.id.in_(run_ids))).all())
    done = {"state": SUCCEEDED, "reason": None, "finished_at": now, "tries": Run.tries + 1}
    session.execute(
        sa.update(Run).where(Run.id.in_(run_ids)).values(**done),
        execution_options={"synchronize_session": False},
    )
    begun = sa.and_(Attempt.run_id.in_(run_ids), Attempt.result.in_((STARTED, UNCERTAIN)))
    session.execute(sa.update(Attempt).where(begun).values(result=SENT, detail=detail, finished_at=now))
    rows = [
        {"run_id": id, "part": 0, "number": tries[id] + 1, "result": SENT, "detail": detail}
        | {"started_at": now, "finished_at": now}
        for id in run_ids
    ]
    session.execute(sa.insert(Attempt), rows)


def _note(session: Session, hold: Hold, user: User, now: dt.datetime, action: str, about: str) -> None:
    note(session, action=action, about=about, store_id=hold.store_id, user_id=user.id, at=now)
