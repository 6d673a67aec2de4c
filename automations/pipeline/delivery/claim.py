"""Claims the runs of a workflow that are still its own. Before: relay. After: perform."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared import empty_fields
from automations.faults import crash
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import QUEUED, RUNNING, Attempt, Run
from automations.pipeline.delivery import ownership, poison_runs
from automations.pipeline.delivery.earlier_changes import follows_change
from automations.pipeline.delivery.recheck import recheck_runs
from automations.pipeline.evaluation import quiet_hours
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.records.current_records import Present
from automations.pipeline.runs import fence, held_while_off, shadow_fence, store_hold
from automations.pipeline.runs.claimed_run import ClaimedRun, EarlierAttempt


def claim(
    session: Session, run_ids: Sequence[int], workflow_id: str, now: dt.datetime | None = None
) -> list[ClaimedRun]:
    """Mark the runs as running and return them, ordered by id.

    With `now`, runs that had to wait are checked once more and may be cancelled or postponed, marketing is
    postponed to the end of the quiet hours, and runs are held whose automation is off or whose owner lacks
    the right to have it act.
    A run that is `running` already was claimed by this workflow before its process died: it goes back to
    the relay, to be done again. Should the earlier process wake up, it can record nothing: by then the run
    has another workflow and a higher try number.
    """
    shadow_fence.refuse(session, run_ids, now)
    # Those queued a moment before their store was put on hold stay queued: the sweep puts them back.
    claimable = sa.and_(fence.may_be_claimed(run_ids, workflow_id), store_hold.may_leave(session))
    crash.at("claim.begun")
    if now:
        poison_runs.requeue_after_death(session, fence.of_workflow(run_ids, workflow_id), now)
        quiet_hours.postpone(session, claimable, MARKETING, now)
        # Before ownership: nobody has to answer for an automation that is archived.
        held_while_off.hold(session, claimable, now)
        ownership.hold(session, claimable, now)
    present = recheck_runs(session, claimable, now) if now else {}
    session.connection().execute(sa.update(Run).where(claimable).values(state=RUNNING, tries=Run.tries + 1))
    crash.at("claim.marked")
    about = (Occurrence.subject, Occurrence.record_id)
    columns = (Run, Version.definition, *about, Occurrence.snapshot)
    joined = sa.select(*columns).join(Run.evaluation).join(Evaluation.version).join(Evaluation.occurrence)
    fresh = joined.where(claimable).order_by(Run.id).execution_options(populate_existing=True)
    rows = session.execute(fresh).all()
    earlier = _earlier(session, [run.id for run, *_ in rows])
    return [
        _claimed_run(run, definition, tuple(about), present.get(run.id), snapshot, earlier.get(run.id, {}))
        for run, definition, *about, snapshot in rows
    ]


def claim_again(session: Session, run: ClaimedRun, now: dt.datetime) -> ClaimedRun | None:
    """Undo the claim of a run that was not begun, and claim it anew; None if something stops it by now."""
    claimed = fence.claimed_as(run.run_id, run.workflow_id, run.number)
    undone = sa.update(Run).where(claimed).values(state=QUEUED, tries=Run.tries - 1)
    if session.connection().execute(undone).rowcount == 0:
        return None
    return next(iter(claim(session, [run.run_id], run.workflow_id, now)), None)


def _earlier(session: Session, run_ids: Sequence[int]) -> dict[int, dict[int, EarlierAttempt]]:
    by_run: dict[int, dict[int, EarlierAttempt]] = defaultdict(dict)
    attempts = sa.select(Attempt).where(Attempt.run_id.in_(run_ids)).order_by(Attempt.id)
    for row in session.scalars(attempts):
        earlier = EarlierAttempt(row.result, row.detail or "", row.prepared or {}, row.provider_id or "")
        by_run[row.run_id][row.part] = earlier
    return by_run


def _claimed_run(
    run: Run,
    definition: Any,
    about: tuple[str, int],
    present: Present | None,
    then: Any,
    earlier: dict[int, EarlierAttempt],
) -> ClaimedRun:
    action = {} if run.prepared else definition["actions"][run.position]
    return ClaimedRun(
        run_id=run.id,
        workflow_id=run.workflow_id or "",
        store_id=run.store_id,
        number=run.tries,
        kind=run.kind,
        settings=action.get("settings", {}),
        subject=about[0],
        record_id=about[1],
        snapshot=present.snapshot if present else then,
        earlier=earlier,
        evaluation_id=run.evaluation_id,
        skip_when_empty=empty_fields.is_skipped(action),
        prepared=run.prepared or (),
        present=present,
        follows_change=not run.prepared and follows_change(definition["actions"], run.position),
    )
