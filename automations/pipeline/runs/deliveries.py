"""Runs as the API shows them: what waits, what was sent, what needs a decision. Beside: run_decisions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.connectors.mailbox_connector import MAILBOX
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import FAILED, FINAL, HELD, QUEUED, RUNNING, UNKNOWN, WAITING, Message, Run
from automations.pipeline.records.snapshots import instant

#: The states in which a run waits for a decision.
OPEN = (FAILED, UNKNOWN)
#: Every state, in the order in which a run may go through them.
STATES = (WAITING, HELD, QUEUED, RUNNING, *FINAL)

Delivery = dict[str, Any]


def page(session: Session, store_id: int, states: Collection[str], after: int, limit: int) -> list[Delivery]:
    """Return up to `limit` runs of a store in these states with an id greater than `after`, oldest first."""
    wanted = _whole(store_id).where(Run.state.in_(states), Run.id > after)
    runs = session.scalars(wanted.order_by(Run.id).limit(limit)).all()
    kept = _kept_here(session, [run.id for run in runs])
    return [_as_data(run, run.id in kept) for run in runs]


def find(session: Session, store_id: int, run_id: int) -> Delivery | None:
    """Return one run of a store, whatever its state; None if there is none."""
    run = session.scalars(_whole(store_id).where(Run.id == run_id)).one_or_none()
    return _as_data(run, bool(_kept_here(session, [run.id]))) if run else None


def _whole(store_id: int) -> sa.Select[Run]:
    evaluation = joinedload(Run.evaluation)
    relations = (evaluation.joinedload(Evaluation.occurrence), evaluation.joinedload(Evaluation.version))
    return sa.select(Run).where(Run.store_id == store_id).options(*relations)


def _kept_here(session: Session, run_ids: Collection[int]) -> set[int]:
    kept = sa.select(Message.run_id).where(Message.run_id.in_(run_ids), Message.connector == MAILBOX)
    return {run_id for run_id in session.scalars(kept) if run_id} if run_ids else set()


def _as_data(run: Run, kept_here: bool) -> Delivery:
    occurrence, version = run.evaluation.occurrence, run.evaluation.version
    return {
        "id": run.id,
        "state": run.state,
        "kept_here": kept_here,
        "reason": run.reason,
        "action": run.kind,
        "tries": run.tries,
        "due_at": instant(run.due_at),
        "finished_at": instant(run.finished_at) if run.finished_at else None,
        "automation": {"id": version.automation_id, "name": version.name},
        "record": {"subject": occurrence.subject, "number": occurrence.snapshot["number"]},
    }
