"""Performs due runs in the test's own process as a workflow would, one step at a time."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import run_in_write, write
from automations.models.tables.run import QUEUED, WAITING, Run
from automations.pipeline.delivery.perform import perform
from automations.pipeline.delivery.settle import settle
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
    """Perform the runs: the first step of a workflow."""
    return perform(run_ids, workflow_id, SecretBox([app.config["SECRET_KEY"]]), lambda: now)


def record_outcomes(outcomes: list[RunOutcome], now: dt.datetime = NOW) -> int:
    """Settle the outcomes: the second step of a workflow."""
    return run_in_write(lambda session: settle(session, outcomes, now), repeatable=True)


def perform_and_record(app: Flask, now: dt.datetime = NOW) -> None:
    """Perform and record everything that is due."""
    record_outcomes(perform_runs(app, queue(now=now), now=now), now)
