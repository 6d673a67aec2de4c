"""Turns due runs into durable workflows, in one transaction. Before: receive. After: guard."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions
from sqlalchemy.orm import Session

from automations.models.run import HAS_LANE, QUEUED, RUNNING, SUSPECT, WAITING, Run
from automations.pipeline import breaker, holding, pausing

QUEUE = "runs"
WORKFLOW = "perform_runs"
#: A fixed name: workflows begun by one release are finished by the next.
APP_VERSION = "1"
LOOK = 400
#: Workflows under way at once that call one host, so that one that hangs leaves the other threads alone.
PER_LANE = 2
#: Runs that share a workflow: one each gave 66 actions a second on SQLite, twenty 1,393.
TOGETHER = 20


def relay(session: Session, client: DBOSClient, now: dt.datetime) -> int:
    """Queue what is due, looking at LOOK runs at most, and return how many. Call it inside `write()`."""
    pausing.pause_asked(session, now)
    breaker.hold_back(session, now)
    busy = _workflows_per_lane(session)
    full = [lane for lane, count in busy.items() if count >= PER_LANE]
    columns = (Run.id, Run.store_id, Run.kind, Run.lane, Run.deaths)
    due = sa.select(*columns).where(_is_due(session, now))
    due = due.where(Run.lane.not_in(full)) if full else due
    watched = _is_suspect_under_way(session)
    due = due.where(Run.deaths.is_(None)) if watched else due
    due = due.order_by(Run.due_at, Run.id).limit(LOOK).with_for_update(skip_locked=True)
    rows = session.execute(due).all()
    groups = [_Group(row.store_id, row.kind, row.lane, row.id if row.deaths else 0, row.id) for row in rows]
    for one, run_ids in _grouped(groups):
        if (one.lane and busy[one.lane] >= PER_LANE) or (one.suspect and watched):
            continue
        busy[one.lane] += 1
        watched = watched or bool(one.suspect)
        _queue(session, client, run_ids)
    return len(rows)


def has_due(session: Session, now: dt.datetime) -> bool:
    """Whether there may be something to relay."""
    return session.execute(sa.select(Run.id).where(_is_due(session, now)).limit(1)).first() is not None


def _is_due(session: Session, now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Run.state == WAITING, Run.due_at <= now, holding.may_leave(session))


class _Group(NamedTuple):
    """What runs of one workflow have in common: store and kind share a provider, and they call one host."""

    store_id: int
    kind: str
    lane: str
    #: The run itself, if its worker died: it goes alone, so that it can do that to no other run.
    suspect: int
    run_id: int


def _workflows_per_lane(session: Session) -> Counter[str]:
    count = sa.func.count(sa.distinct(Run.workflow_id))
    under_way = sa.select(Run.lane, count).where(HAS_LANE, Run.state.in_((QUEUED, RUNNING)))
    return Counter(dict(session.execute(under_way.group_by(Run.lane)).all()))


def _is_suspect_under_way(session: Session) -> bool:
    """Suspects go one after the other, or the innocent would die with the guilty again and again."""
    under_way = sa.select(Run.id).where(SUSPECT, Run.state.in_((QUEUED, RUNNING)))
    return session.execute(under_way.limit(1)).first() is not None


def _grouped(rows: Sequence[_Group]) -> Iterator[tuple[_Group, list[int]]]:
    for _, group in itertools.groupby(sorted(rows), key=lambda one: one[:4]):
        found = list(group)
        for start in range(0, len(found), TOGETHER):
            yield found[0], [one.run_id for one in found[start : start + TOGETHER]]


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
