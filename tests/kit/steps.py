"""Performs due runs in the test's own process as a workflow would, one step at a time."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import run_in_write, write
from automations.models.tables.run import QUEUED, WAITING, Run
from automations.pipeline.delivery.perform import Performed, perform
from automations.pipeline.delivery.settle import settle, settle_with_notes
from automations.pipeline.runs.claimed_run import RunOutcome
from tests.world import NOW

WORKFLOW = "workflow-1"


def queue(workflow_id: str = WORKFLOW, now: dt.datetime = NOW) -> list[int]:
    """Assign all due runs to this workflow, as the relay does without enqueueing; return their ids."""
    with write() as session:
        due = session.query(Run).filter(Run.state == WAITING, Run.due_at <= now).order_by(Run.id).all()
        for run in due:
            run.state, run.workflow_id = QUEUED, workflow_id
        return [run.id for run in due]


def perform_runs(
    app: Flask, run_ids: list[int], workflow_id: str = WORKFLOW, now: dt.datetime = NOW
) -> list[RunOutcome]:
    """Perform the runs, and write what came of the attempts."""
    return written(perform(run_ids, workflow_id, SecretBox([app.config["SECRET_KEY"]]), lambda: now))


def written(performed: Performed) -> list[RunOutcome]:
    """Write the results of the attempts before the runs are settled; return the outcomes."""
    performed.notes.write()
    return performed.outcomes


def record_outcomes(outcomes: list[RunOutcome], now: dt.datetime = NOW) -> int:
    """Settle the outcomes."""
    return run_in_write(lambda session: settle(session, outcomes, now), repeatable=True)


def perform_and_record(app: Flask, now: dt.datetime = NOW) -> None:
    """Perform and record everything that is due, as a workflow does that is begun for the first time."""
    box = SecretBox([app.config["SECRET_KEY"]])
    settle_with_notes(perform(queue(now=now), WORKFLOW, box, lambda: now, first_time=True), now)
