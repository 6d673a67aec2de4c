"""Performs due runs as the worker does, in this process and at once."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from automations.connectors.secret_encryption import SecretBox
from automations.features.authoring import auto_pause
from automations.models.db.base import run_in_write
from automations.models.tables.run import QUEUED, WAITING, Run
from automations.models.tables.store import Connection, Store
from automations.pipeline.delivery.perform import perform
from automations.pipeline.delivery.settle import settle_with_notes
from tests.world import NOW

BOX = SecretBox(["a key that only tests know"])


def perform_due(now: dt.datetime = NOW) -> int:
    """Claim, perform and record all due runs once; return their number."""
    run_in_write(lambda session: auto_pause.pause_asked(session, now))
    ids, workflow_id = run_in_write(lambda session: _queue(session, now))
    settle_with_notes(perform(ids, workflow_id, BOX, lambda: now, first_time=True), now)
    return len(ids)


def perform_all(now: dt.datetime = NOW, most: int = 60) -> int:
    """Repeat `do_due` until nothing is due; return the number of runs. Fails after `most` rounds."""
    done = 0
    for _ in range(most):
        count = perform_due(now)
        if not count:
            return done
        done += count
    raise AssertionError("It does not come to rest.")


def add_connection(kind: str, settings: dict[str, object], secret: str = "") -> None:
    """Add a provider to Bloom & Wild St."""

    def add(session: sa.orm.Session) -> None:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        token = BOX.encrypt(secret) if secret else None
        session.add(Connection(store_id=store.id, kind=kind, settings=settings, secret=token, updated_at=NOW))

    run_in_write(add)


def _queue(session: sa.orm.Session, now: dt.datetime) -> tuple[list[int], str]:
    due = sa.select(Run.id).where(Run.state == WAITING, Run.due_at <= now).order_by(Run.id)
    ids, workflow_id = list(session.scalars(due)), uuid.uuid4().hex
    session.execute(
        sa.update(Run).where(Run.id.in_(ids)).values(state=QUEUED, workflow_id=workflow_id),
        execution_options={"synchronize_session": False},
    )
    return ids, workflow_id
