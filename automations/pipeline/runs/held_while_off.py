"""Holds the runs of an automation while it is switched off, and lets them go with it. Part of: claim.

Switching off changes no run: the worker that claims one checks. Runs of an archived automation that were
already queued are cancelled.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.occurrence import MANUAL, Evaluation, Occurrence
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, KEPT_WORD, QUEUED, WAITING, Run, in_order

#: How often held runs are checked again; switching the automation on lets them go at once.
LOOK_AGAIN = dt.timedelta(hours=1)
HELD = KEPT_WORD + "this automation is switched off. It continues when someone switches it on again."
ARCHIVED = "Cancelled: the automation was archived by {}"


def hold(session: Session, runs: sa.ColumnElement[bool], now: dt.datetime) -> None:
    """Hold claimed `runs` whose automation is off; cancel them if it is archived. Inside write().

    Runs started by hand, and runs already tried, are left alone; so are campaigns, which never listen.
    """
    columns = (Run.id, Automation.archived_at, User.name)
    joined = sa.select(*columns).join(Run.evaluation).join(Evaluation.automation).join(Evaluation.occurrence)
    joined = joined.outerjoin(User, User.id == Automation.archived_by)
    held = joined.where(runs, Run.state == QUEUED, Run.tries == 0, is_off(), Occurrence.trigger != MANUAL)
    # An alert to the managers that it was switched off is not one of its actions.
    held = held.where(Run.prepared.is_(None))
    ids_by_archiver: dict[str, list[int]] = defaultdict(list)
    for id, archived_at, name in session.execute(held):
        ids_by_archiver[name if archived_at else ""].append(id)
    waits = {"state": WAITING, "reason": HELD, "due_at": now + LOOK_AGAIN, "workflow_id": None}
    for archived_by, ids in ids_by_archiver.items():
        ends = {"state": CANCELLED, "reason": ARCHIVED.format(archived_by), "finished_at": now}
        _update(session, Run.id.in_(ids), ends if archived_by else waits)


def is_off() -> sa.ColumnElement[bool]:
    """Whether an automation is switched off or archived, as a condition on its row; campaigns never are."""
    ended = sa.select(Listening.id).join(Listening.version).where(Version.automation_id == Automation.id)
    return sa.and_(Automation.active_version_id.is_(None), ended.exists())


def release(session: Session, automation: Automation, now: dt.datetime) -> None:
    """Make the held runs of an automation due, because it is on again. Inside write()."""
    evaluations = sa.select(Evaluation.id).where(Evaluation.automation_id == automation.id)
    held = sa.and_(Run.evaluation_id.in_(evaluations), Run.state == WAITING, Run.reason == HELD)
    _update(session, held, {"due_at": now, "reason": None})


def _update(session: Session, which: sa.ColumnElement[bool], values: dict[str, object]) -> None:
    session.execute(
        sa.update(Run).where(in_order(which)).values(**values),
        execution_options={"synchronize_session": False},
    )
