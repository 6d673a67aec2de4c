"""Whether a run still belongs to the workflow that claimed it: every question of the road is asked here.

A worker that slept past its time finds its runs claimed anew: by another workflow, with a higher try number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.fast_select import Lookup, in_list
from automations.models.tables.run import QUEUED, RUNNING, UNINDEXED_STATE, Run


def _locked(dialect: str) -> sa.Select[int, int, str]:
    columns = sa.select(Run.id, Run.tries, Run.state)
    return columns.where(in_list(Run.id, "run_ids", dialect)).order_by(Run.id).with_for_update()


def _still_claimed(dialect: str) -> sa.Select[int, int, str]:
    whose = Run.workflow_id == sa.bindparam("workflow_id"), Run.tries == sa.bindparam("number")
    return _locked(dialect).where(*whose, UNINDEXED_STATE == RUNNING)


_LOCKED, _STILL_CLAIMED = Lookup(_locked), Lookup(_still_claimed)


def of_workflow(run_ids: Sequence[int], workflow_id: str) -> sa.ColumnElement[bool]:
    """Select those of the runs that were queued for this workflow and no other since."""
    return sa.and_(Run.id.in_(run_ids), Run.workflow_id == workflow_id)


def may_be_claimed(run_ids: Sequence[int], workflow_id: str) -> sa.ColumnElement[bool]:
    """Select those of the runs that this workflow may claim, or claimed before its process died."""
    return sa.and_(of_workflow(run_ids, workflow_id), Run.state.in_((QUEUED, RUNNING)))


def claimable(dialect: str) -> sa.ColumnElement[bool]:
    """`may_be_claimed` for statements that are prepared once: `run_ids` and `workflow` are parameters."""
    ours = sa.and_(in_list(Run.id, "run_ids", dialect), Run.workflow_id == sa.bindparam("workflow"))
    return sa.and_(ours, sa.or_(UNINDEXED_STATE == QUEUED, UNINDEXED_STATE == RUNNING))


def claimed_as(run_id: int, workflow_id: str, number: int) -> sa.ColumnElement[bool]:
    """Select the run if it is still running as try `number` of this workflow."""
    return all_claimed_as([run_id], workflow_id, number)


def all_claimed_as(run_ids: Sequence[int], workflow_id: str, number: int) -> sa.ColumnElement[bool]:
    """Select those of the runs that are still running as try `number` of this workflow."""
    # The number alone would not do: a released run gives it back, and whoever claims next has the same.
    claim = sa.and_(Run.tries == number, Run.workflow_id == workflow_id)
    return sa.and_(Run.id.in_(run_ids), Run.state == RUNNING, claim)


def is_latest_try(run_id: sa.ColumnElement[int], number: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether nobody claimed the run after try `number`, as a condition on another table's rows."""
    return sa.select(Run.id).where(Run.id == run_id, Run.tries == number).exists()


def still_ours(session: Session, tries: Mapping[int, int], others: Collection[int] = ()) -> set[int]:
    """Return those of `tries`, run id -> try number, that are still running with that number.

    Their rows and those of `others` stay locked: nobody claims them anew before the transaction ends.
    """
    rows = _LOCKED.rows(session, run_ids=list({*tries, *others}))
    running = {row["id"]: row["tries"] for row in rows if row["state"] == RUNNING}
    return {run_id for run_id, number in tries.items() if running.get(run_id) == number}


def still_claimed_as(session: Session, run_ids: Sequence[int], workflow_id: str, number: int) -> list[int]:
    """Return those of the runs that are still running as try `number` of this workflow, and lock them."""
    whose = {"workflow_id": workflow_id, "number": number}
    return [row["id"] for row in _STILL_CLAIMED.rows(session, run_ids=list(run_ids), **whose)]


def is_still_ours(session: Session, run_id: int, number: int) -> bool:
    """`still_ours` for one run."""
    return run_id in still_ours(session, {run_id: number})
