"""Turns due runs into durable workflows, in one transaction. Before: receive. After: guard."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions
from sqlalchemy.orm import Session

from automations.models.run import QUEUED, WAITING, Run
from automations.pipeline import holding

QUEUE = "runs"
WORKFLOW = "perform_runs"
#: A fixed name: workflows begun by one release are finished by the next.
APP_VERSION = "1"
LOOK = 400
#: Runs that share a workflow: one each gave 66 actions a second on SQLite, twenty 1,393.
TOGETHER = 20


def relay(session: Session, client: DBOSClient, now: dt.datetime) -> int:
    """Queue what is due, at most LOOK runs, and return how many. Call it inside `write()`."""
    due = sa.select(Run.id, Run.store_id, Run.kind).where(Run.state == WAITING, Run.due_at <= now)
    due = due.where(holding.may_leave(session))
    rows = session.execute(
        due.order_by(Run.due_at, Run.id).limit(LOOK).with_for_update(skip_locked=True)
    ).all()
    for run_ids in _grouped([(store_id, kind, id) for id, store_id, kind in rows]):
        _queue(session, client, run_ids)
    return len(rows)


def _grouped(rows: Sequence[tuple[int, str, int]]) -> Iterator[list[int]]:
    """Runs of one store and kind share a provider, so they may share a workflow."""
    for _, group in itertools.groupby(sorted(rows), key=lambda row: row[:2]):
        ids = [id for *_, id in group]
        yield from (ids[start : start + TOGETHER] for start in range(0, len(ids), TOGETHER))


def _queue(session: Session, client: DBOSClient, run_ids: list[int]) -> None:
    workflow_id = str(uuid.uuid4())
    mine = sa.and_(Run.id.in_(run_ids), Run.state == WAITING)
    session.execute(
        sa.update(Run).where(mine).values(state=QUEUED, workflow_id=workflow_id),
        execution_options={"synchronize_session": False},
    )
    options: EnqueueOptions = {
        "queue_name": QUEUE,
        "workflow_name": WORKFLOW,
        "workflow_id": workflow_id,
        "app_version": APP_VERSION,
    }
    client.enqueue_in_transaction(session, options, run_ids)
