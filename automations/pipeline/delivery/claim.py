"""Claims the runs of a workflow that are still its own. Before: relay. After: perform."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared import empty_fields
from automations.faults import crash
from automations.models.db.fast_select import Lookup, Row, RowChange
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import QUEUED, RUNNING, Attempt, Run
from automations.pipeline.delivery import claim_look, ownership, poison_runs
from automations.pipeline.delivery.earlier_changes import follows_change
from automations.pipeline.delivery.recheck import recheck_runs
from automations.pipeline.evaluation import quiet_hours
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.records.current_records import Present
from automations.pipeline.runs import fence, held_while_off, shadow_fence, store_hold
from automations.pipeline.runs.claimed_run import ClaimedRun, EarlierAttempt, refused_copies

_COLUMNS = (
    *(Run.id, Run.workflow_id, Run.store_id, Run.tries, Run.kind, Run.prepared, Run.position),
    *(Run.evaluation_id, Occurrence.subject, Occurrence.record_id, Occurrence.snapshot),
)


def _claimable(dialect: str) -> sa.ColumnElement[bool]:
    # Those queued a moment before their store was put on hold stay queued: the sweep puts them back.
    return sa.and_(fence.claimable(dialect), store_hold.may_leave())


def _claimed(dialect: str) -> sa.Select[Any]:
    joined = sa.select(*_COLUMNS).join(Run.evaluation).join(Evaluation.occurrence)
    return joined.where(_claimable(dialect)).order_by(Run.id)


_CLAIM = RowChange(
    lambda dialect: sa.update(Run).where(_claimable(dialect)).values(state=RUNNING, tries=Run.tries + 1)
)
_CLAIMED = Lookup(_claimed)


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
    found = claim_look.look(session, run_ids, now)
    crash.at("claim.begun")
    if found.may_be_stopped:
        _ask_the_fences(session, run_ids, workflow_id, now)
    present, waited = {}, found.later() if now else set()
    if now and waited:
        present = recheck_runs(
            session, sa.and_(_may_be_claimed(run_ids, workflow_id), Run.id.in_(waited)), now
        )
    which: Row = {"run_ids": list(run_ids), "workflow": workflow_id}
    _CLAIM.execute(session, [which])
    crash.at("claim.marked")
    rows = _CLAIMED.rows(session, **which)
    # Nothing was begun before the first try.
    earlier = _earlier(session, [row["id"] for row in rows if row["tries"] > 1])
    definitions = found.definition_of()
    return [
        _claimed_run(row, definitions[row["id"]], present.get(row["id"]), earlier.get(row["id"], {}))
        for row in rows
    ]


def _ask_the_fences(
    session: Session, run_ids: Sequence[int], workflow_id: str, now: dt.datetime | None
) -> None:
    claimable = _may_be_claimed(run_ids, workflow_id)
    shadow_fence.refuse(session, run_ids, now)
    if now:
        poison_runs.requeue_after_death(session, fence.of_workflow(run_ids, workflow_id), now)
        quiet_hours.postpone(session, claimable, MARKETING, now)
        # Before ownership: nobody has to answer for an automation that is archived.
        held_while_off.hold(session, claimable, now)
        ownership.hold(session, claimable, now)


def _may_be_claimed(run_ids: Sequence[int], workflow_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(fence.may_be_claimed(run_ids, workflow_id), store_hold.may_leave())


def claim_again(session: Session, run: ClaimedRun, now: dt.datetime) -> ClaimedRun | None:
    """Undo the claim of a run that was not begun, and claim it anew; None if something stops it by now."""
    claimed = fence.claimed_as(run.run_id, run.workflow_id, run.number)
    undone = sa.update(Run).where(claimed).values(state=QUEUED, tries=Run.tries - 1)
    if session.connection().execute(undone).rowcount == 0:
        return None
    return next(iter(claim(session, [run.run_id], run.workflow_id, now)), None)


def _earlier(session: Session, run_ids: Sequence[int]) -> dict[int, dict[int, EarlierAttempt]]:
    by_run: dict[int, dict[int, EarlierAttempt]] = defaultdict(dict)
    if not run_ids:
        return by_run
    attempts = sa.select(Attempt).where(Attempt.run_id.in_(run_ids)).order_by(Attempt.id)
    for row in session.scalars(attempts):
        what = (row.result, row.detail or "", row.prepared or {}, row.provider_id or "")
        by_run[row.run_id][row.part] = EarlierAttempt(*what, refused_copies(row.answer))
    return by_run


def _claimed_run(
    row: Row,
    definition: Mapping[str, Any],
    present: Present | None,
    earlier: dict[int, EarlierAttempt],
) -> ClaimedRun:
    action = {} if row["prepared"] else definition["actions"][row["position"]]
    return ClaimedRun(
        run_id=row["id"],
        workflow_id=row["workflow_id"] or "",
        store_id=row["store_id"],
        number=row["tries"],
        kind=row["kind"],
        settings=action.get("settings", {}),
        subject=row["subject"],
        record_id=row["record_id"],
        snapshot=present.snapshot if present else row["snapshot"],
        earlier=earlier,
        evaluation_id=row["evaluation_id"],
        skip_when_empty=empty_fields.is_skipped(action),
        prepared=row["prepared"] or (),
        present=present,
        follows_change=not row["prepared"] and follows_change(definition["actions"], row["position"]),
    )
