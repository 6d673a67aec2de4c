"""Health metrics of the whole installation, in numbers that say nothing about any person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db import schema
from automations.models.db.database import sqlite_path
from automations.models.tables import heartbeat
from automations.models.tables.automation import Automation
from automations.models.tables.called_host import CalledHost, ClosedEndpoint
from automations.models.tables.heartbeat import Heartbeat
from automations.models.tables.hold import Hold
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import HELD, QUEUED, RUNNING, UNKNOWN, WAITING, Run
from automations.models.tables.store import Store

#: States that are counted: runs that ended well need no attention, and their number grows for ever.
COUNTED = (WAITING, HELD, QUEUED, RUNNING, "failed", UNKNOWN)


@dataclass(frozen=True, slots=True)
class HealthMetrics:
    """The state of the whole installation at one instant."""

    #: Number of due runs not yet started, and since when the oldest is due.
    due: int
    oldest_due: dt.datetime | None
    #: Runs by state, for those in COUNTED.
    runs: Mapping[str, int]
    #: Evaluations ever held because they would have gone round in a loop.
    held: int
    stores_on_hold: int
    #: Hosts whose circuit breaker is open after repeated failures.
    hosts_open: int
    #: Addresses that answered that they are gone for good.
    endpoints_closed: int
    #: Automations paused because they triggered themselves.
    paused: int
    beats: Mapping[str, Heartbeat]
    revision: str | None
    #: Bytes of the SQLite file and of its write-ahead log; None on Postgres.
    file_size: int | None
    log_size: int | None

    def age_of_queue(self, now: dt.datetime) -> float:
        """Return for how many seconds the oldest due run has been due."""
        return max(0.0, (now - self.oldest_due).total_seconds()) if self.oldest_due else 0.0


def measure(session: Session, now: dt.datetime) -> HealthMetrics:
    """Return the metrics as of `now`; each query uses an index or a table that stays small."""
    # Runs of a store on hold are not late: a person decides about them.
    not_on_hold = Run.store_id.not_in(sa.select(Hold.store_id).where(Hold.ended_at.is_(None)))
    due = sa.select(sa.func.count(Run.id), sa.func.min(Run.due_at))
    due = due.where(Run.state == WAITING, Run.due_at <= now, not_on_hold)
    count, oldest = session.execute(due).one()
    states = sa.select(Run.state, sa.func.count()).where(Run.state.in_(COUNTED)).group_by(Run.state)
    # By store, because the index starts with it.
    held = sa.select(sa.func.count(Evaluation.id)).where(
        Evaluation.store_id.in_(sa.select(Store.id)), Evaluation.outcome == "held"
    )
    on_hold = sa.select(sa.func.count(sa.distinct(Hold.store_id))).where(Hold.ended_at.is_(None))
    open_hosts = sa.select(sa.func.count(CalledHost.id)).where(CalledHost.opened_at.is_not(None))
    paused = sa.select(sa.func.count(Automation.id)).where(Automation.paused_at.is_not(None))
    path = sqlite_path(str(session.get_bind().engine.url))
    return HealthMetrics(
        due=count,
        oldest_due=oldest,
        runs={row.state: row[1] for row in session.execute(states)},
        held=session.scalar(held) or 0,
        stores_on_hold=session.scalar(on_hold) or 0,
        hosts_open=session.scalar(open_hosts) or 0,
        endpoints_closed=session.scalar(sa.select(sa.func.count(ClosedEndpoint.id))) or 0,
        paused=session.scalar(paused) or 0,
        beats=heartbeat.latest(session),
        revision=schema.current_revision(session.connection()),
        file_size=_size(path) if path else None,
        log_size=_size(path.with_name(path.name + "-wal")) if path else None,
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
