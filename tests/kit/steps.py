"""Performs due runs in the test's own process as a workflow would, one step at a time."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from automations.connectors.secrets import SecretBox
from automations.models.base import in_write, write
from automations.models.run import QUEUED, WAITING, Run
from automations.pipeline.job import RunOutcome
from automations.pipeline.perform import perform
from automations.pipeline.record import settle
from tests.world import NOW

WORKFLOW = "workflow-1"


def queue(workflow_id: str = WORKFLOW, now: dt.datetime = NOW) -> list[int]:
    """Assign all due runs to this workflow, as the relay does without enqueueing; return their ids."""
    with write() as session:
        due = session.query(Run).filter(Run.state == WAITING, Run.due_at <= now).order_by(Run.id).all()
        for run in due:
            run.state, run.workflow_id = QUEUED, workflow_id
        return [run.id for run in due]


def do(
    app: Flask, run_ids: list[int], workflow_id: str = WORKFLOW, now: dt.datetime = NOW
) -> list[RunOutcome]:
    """Perform the runs: the first step of a workflow."""
    return perform(run_ids, workflow_id, SecretBox([app.config["SECRET_KEY"]]), lambda: now)


def write_down(outcomes: list[RunOutcome], now: dt.datetime = NOW) -> int:
    """Settle the outcomes: the second step of a workflow."""
    return in_write(lambda session: settle(session, outcomes, now), repeatable=True)


def work(app: Flask, now: dt.datetime = NOW) -> None:
    """Perform and record everything that is due."""
    write_down(do(app, queue(now=now), now=now), now)
