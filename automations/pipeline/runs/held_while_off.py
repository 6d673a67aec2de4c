"""What an automation had begun waits while it is switched off, and goes on with it. Part of: guard.

Nobody's run is changed when somebody switches it off: whoever claims one looks. Of one that is archived,
what was already queued then is cancelled.
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

#: What is held is looked at again so often; switching it on lets it go at once.
LOOK_AGAIN = dt.timedelta(hours=1)
HELD = KEPT_WORD + "this automation is switched off. It goes on when somebody switches it on again."
ARCHIVED = "Cancelled: the automation was archived by {}"


def hold(session: Session, runs: sa.ColumnElement[bool], now: dt.datetime) -> None:
    """Let those of the claimed `runs` wait whose automation is off; archived, they end. Inside write().

    What a person started by hand goes, and what was begun is brought to its end. Campaigns never listen.
    """
    ended = sa.select(Listening.id).join(Listening.version).where(Version.automation_id == Automation.id)
    is_off = sa.and_(Automation.active_version_id.is_(None), ended.exists())
    columns = (Run.id, Automation.archived_at, User.name)
    joined = sa.select(*columns).join(Run.evaluation).join(Evaluation.automation).join(Evaluation.occurrence)
    joined = joined.outerjoin(User, User.id == Automation.archived_by)
    held = joined.where(runs, Run.state == QUEUED, Run.tries == 0, is_off, Occurrence.trigger != MANUAL)
    # What managers are told because it was switched off is no action of it.
    held = held.where(Run.prepared.is_(None))
    found: dict[str, list[int]] = defaultdict(list)
    for id, archived_at, name in session.execute(held):
        found[name if archived_at else ""].append(id)
    waits = {"state": WAITING, "reason": HELD, "due_at": now + LOOK_AGAIN, "workflow_id": None}
    for archived_by, ids in found.items():
        ends = {"state": CANCELLED, "reason": ARCHIVED.format(archived_by), "finished_at": now}
        _update(session, Run.id.in_(ids), ends if archived_by else waits)


def let_go(session: Session, automation: Automation, now: dt.datetime) -> None:
    """It is on again: what was held is due. Inside write()."""
    mine = sa.select(Evaluation.id).where(Evaluation.automation_id == automation.id)
    held = sa.and_(Run.evaluation_id.in_(mine), Run.state == WAITING, Run.reason == HELD)
    _update(session, held, {"due_at": now, "reason": None})


def _update(session: Session, which: sa.ColumnElement[bool], values: dict[str, object]) -> None:
    session.execute(
        sa.update(Run).where(in_order(which)).values(**values),
        execution_options={"synchronize_session": False},
    )
