"""Recovery: puts runs back that no living workflow holds, and takes over from dead workers."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from dbos import DBOSClient
from sqlalchemy.orm import Session

from automations.models.db.database import WORKER_LOCK_SPACE
from automations.models.tables.run import QUEUED, WAITING, Run
from automations.pipeline.delivery import poison_runs
from automations.pipeline.delivery.relay import QUEUE
from automations.pipeline.runs import relay_signal

ALIVE = ("ENQUEUED", "PENDING", "DELAYED")
LOOK = 200
#: Seconds of silence after which a worker counts as dead; every sweep breaks the silence.
SILENT = 20.0
_END_SILENT = sa.text(
    "SELECT pg_terminate_backend(pid, :wait) FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND classid = :space AND objid = :number AND objsubid = 2 AND granted"
    " AND datname = current_database() AND state_change < now() - make_interval(secs => :seconds)"
)

#: The due time of a run, and its id.
Place = tuple[dt.datetime, int]
START: Place = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC), 0)


@dataclass(frozen=True, slots=True)
class Orphans:
    """(run id, workflow id) of the orphans found, and where the next search begins."""

    runs: list[tuple[int, str]]
    next: Place


def orphans(session: Session, client: DBOSClient, state: str, after: Place = START) -> Orphans:
    """Return the runs in this state whose workflow ended without settling them, among the next LOOK ones."""
    # In the order of the index on due runs: by id, it would walk through all runs ever done.
    place = sa.tuple_(Run.due_at, Run.id)
    held = sa.select(Run.id, Run.workflow_id, Run.due_at).where(Run.state == state, place > sa.tuple_(*after))
    rows = session.execute(held.order_by(Run.due_at, Run.id).limit(LOOK)).all()
    ids = sorted({workflow_id for _, workflow_id, _ in rows if workflow_id})
    workflows = client.list_workflows(workflow_ids=ids, load_input=False, load_output=False) if ids else []
    alive = {workflow.workflow_id for workflow in workflows if workflow.status in ALIVE}
    gone = [(id, workflow_id or "") for id, workflow_id, _ in rows if workflow_id not in alive]
    return Orphans(gone, (rows[-1].due_at, rows[-1].id) if len(rows) == LOOK else START)


def claimed_by(client: DBOSClient, executor_id: str) -> set[str]:
    """Return the workflows that a worker took and has not ended."""
    workflows = client.list_workflows(
        status="PENDING", executor_id=executor_id, load_input=False, load_output=False
    )
    return {workflow.workflow_id for workflow in workflows}


def resume(client: DBOSClient, workflow_ids: Iterable[str]) -> None:
    """Resume workflows that were taken but that no one is working on, after an error."""
    ids = sorted(workflow_ids)
    if ids:
        client.resume_workflows(ids, queue_name=QUEUE)


def put_back(session: Session, orphans: Iterable[tuple[int, str]], now: dt.datetime) -> None:
    """Put the orphans back, to be queued again; their attempts tell the next worker what was begun."""
    for run_id, workflow_id in orphans:
        unchanged = sa.and_(Run.id == run_id, Run.workflow_id == workflow_id)
        poison_runs.requeue_after_death(session, unchanged, now)
        session.execute(
            sa.update(Run).where(unchanged, Run.state == QUEUED).values(state=WAITING, workflow_id=None),
            execution_options={"synchronize_session": False},
        )
    relay_signal.on_commit(session)


def hold_life_lock(connection: sa.Connection, executor_id: str) -> None:
    """Hold the lock that shows, on Postgres, that this worker is alive, for as long as `connection` lives."""
    connection.execute(sa.select(sa.func.pg_advisory_lock(WORKER_LOCK_SPACE, _number(executor_id))))
    connection.commit()


def say_alive(connection: sa.Connection) -> None:
    """Use the connection that holds the life lock, so that others see activity on it."""
    connection.execute(sa.text("SELECT 1"))
    connection.commit()


def take_over(connection: sa.Connection, client: DBOSClient, executor_id: str) -> int:
    """Return the workflows of dead workers to the queue; return how many."""
    pending = client.list_workflows(status="PENDING", load_input=False, load_output=False, limit=1000)
    taken = 0
    for other in {workflow.executor_id or "" for workflow in pending} - {executor_id}:
        key = (WORKER_LOCK_SPACE, _number(other))
        _end_silent(connection, key)
        if connection.execute(sa.select(sa.func.pg_try_advisory_lock(*key))).scalar():
            theirs = [workflow.workflow_id for workflow in pending if workflow.executor_id == other]
            client.resume_workflows(theirs, queue_name=QUEUE)
            connection.execute(sa.select(sa.func.pg_advisory_unlock(*key)))
            taken += len(theirs)
    connection.commit()
    return taken


def _end_silent(connection: sa.Connection, key: tuple[int, int]) -> None:
    """Terminate the connection of a worker that holds its life lock but has been silent for too long.

    Its machine may be gone, or it is frozen; if it wakes up, its runs are no longer its own.
    """
    words = {"space": key[0], "number": key[1], "seconds": SILENT, "wait": 2000}
    connection.execute(_END_SILENT, words)


def _number(executor_id: str) -> int:
    """Return a stable 31-bit number for a name."""
    return zlib.crc32(executor_id.encode()) & 0x7FFFFFFF
