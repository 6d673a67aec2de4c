"""Takes the runs of a workflow that are still its own. Before: relay. After: perform."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.faults import crash
from automations.models.automation import Version
from automations.models.occurrence import Evaluation, Occurrence
from automations.models.run import RUNNING, Attempt, Run
from automations.pipeline import fence, holding, ownership, parking, quiet, switched_off
from automations.pipeline.consent import MARKETING
from automations.pipeline.job import Earlier, Job
from automations.pipeline.recheck import look_again


def claim(
    session: Session, run_ids: Sequence[int], workflow_id: str, now: dt.datetime | None = None
) -> list[Job]:
    """Mark the runs as running and return what there is to do, in the order given.

    As of `now`, if that is given, what had to wait is looked at once more, and marketing keeps the quiet
    hours: both may be put off, and the first cancelled. What acts for somebody without the right to,
    or for an automation that is off, is held.
    A run that is `running` already was claimed by this workflow before its process died: it goes back to
    the relay, to be done again. The earlier process, should it wake up, can record nothing: the run has
    another workflow then, and a higher try number.
    """
    # Those queued a moment before their store was put on hold stay queued: the sweep puts them back.
    mine = sa.and_(fence.may_be_claimed(run_ids, workflow_id), holding.may_leave(session))
    crash.at("claim.begun")
    if now:
        parking.again(session, fence.of_workflow(run_ids, workflow_id), now)
        quiet.put_off(session, mine, MARKETING, now)
        # First: who answers for an automation that is archived is not asked.
        switched_off.hold(session, mine, now)
        ownership.hold(session, mine, now)
    present = look_again(session, mine, now) if now else {}
    session.connection().execute(sa.update(Run).where(mine).values(state=RUNNING, tries=Run.tries + 1))
    crash.at("claim.marked")
    columns = (Run, Version.definition, Occurrence.subject, Occurrence.snapshot)
    joined = sa.select(*columns).join(Run.evaluation).join(Evaluation.version).join(Evaluation.occurrence)
    fresh = joined.where(mine).order_by(Run.id).execution_options(populate_existing=True)
    rows = session.execute(fresh).all()
    earlier = _earlier(session, [run.id for run, *_ in rows])
    return [
        _job(run, definition, subject, present.get(run.id, snapshot), earlier.get(run.id, {}))
        for run, definition, subject, snapshot in rows
    ]


def _earlier(session: Session, run_ids: Sequence[int]) -> dict[int, dict[int, Earlier]]:
    found: dict[int, dict[int, Earlier]] = defaultdict(dict)
    attempts = sa.select(Attempt).where(Attempt.run_id.in_(run_ids)).order_by(Attempt.id)
    for row in session.scalars(attempts):
        latest = Earlier(row.result, row.detail or "", row.prepared or {}, row.provider_id or "")
        found[row.run_id][row.part] = latest
    return found


def _job(run: Run, definition: Any, subject: str, snapshot: Any, earlier: dict[int, Earlier]) -> Job:
    return Job(
        run_id=run.id,
        workflow_id=run.workflow_id or "",
        store_id=run.store_id,
        number=run.tries,
        kind=run.kind,
        settings={} if run.prepared else definition["actions"][run.position]["settings"],
        subject=subject,
        snapshot=snapshot,
        earlier=earlier,
        evaluation_id=run.evaluation_id,
        prepared=run.prepared or (),
    )
