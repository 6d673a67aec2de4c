"""Workers of a test that live in one thread, each of which can stand still, die and wake up at any place.

They do the product's own steps; what the source names as a place to be killed is where one can be stopped.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import greenlet
import pytest
from flask import Flask

from automations.connectors.secrets import SecretBox
from automations.faults import crash
from automations.models.base import in_write
from automations.pipeline.job import RunOutcome
from automations.pipeline.perform import perform
from automations.pipeline.record import settle

BOX = SecretBox(["a key that only tests know"])
#: Where nothing is being written: a worker may stand still here while others go on.
STOPS = (
    "workflow.begun",
    "claim.committed",
    "send.begun",
    "send.ended",
    "attempt.noted",
    "perform.done",
    "workflow.performed",
    "workflow.records",
    "workflow.recorded",
)
#: In the middle of a transaction it can only die.
DEATHS = (
    "claim.begun",
    "claim.marked",
    "attempt.prepared",
    "record.begun",
    "record.effects_written",
    "record.settled",
    "record.written",
    "write.before_commit",
    "write.committed",
)
ENDED = "ended"


class Killed(greenlet.GreenletExit):
    """The process ends here."""


@dataclass
class Workflow:
    """What the workflow library keeps of one."""

    id: str
    run_ids: list[int]
    status: str = "ENQUEUED"
    #: Who took it last: nobody else's steps are noted.
    owner: object = None
    performed: list[RunOutcome] | None = None
    recorded: bool = False


class Library:
    """Stands for the workflow library: what it notes of workflows, and no threads."""

    def __init__(self) -> None:
        self.workflows: dict[str, Workflow] = {}

    def enqueue_in_transaction(self, _session: object, options: dict[str, Any], run_ids: list[int]) -> None:
        """A new one."""
        id = options["workflow_id"]
        self.workflows[id] = Workflow(id, list(run_ids))

    def list_workflows(self, *, workflow_ids: Iterable[str], **_: object) -> list[SimpleNamespace]:
        """Those that are known, as the sweep reads them."""
        found = [self.workflows[id] for id in workflow_ids if id in self.workflows]
        return [SimpleNamespace(workflow_id=one.id, status=one.status) for one in found]

    def of(self, status: str) -> list[Workflow]:
        return [one for one in self.workflows.values() if one.status == status]

    def resume(self, workflow: Workflow) -> None:
        """Whoever had it counts as dead: the next worker takes it from where it was noted."""
        if workflow.status == "PENDING":
            workflow.status, workflow.owner = "ENQUEUED", None

    def fail(self, workflow: Workflow) -> None:
        """It ended with an error: nobody takes it again."""
        workflow.status, workflow.owner = "ERROR", None


class LogicalWorker:
    """One worker at one workflow, as `worker.perform_runs` puts the steps together."""

    def __init__(self, app: Flask, workflow: Workflow, clock: Callable[[], dt.datetime]) -> None:
        self.id = uuid.uuid4().hex
        self.workflow = workflow
        self.stopping = False
        self.at = ""
        self._app, self._clock = app, clock
        self._dies_at = ""
        self._going = _Going(self)
        workflow.status, workflow.owner = "PENDING", self.id

    @property
    def alive(self) -> bool:
        return not self._going.dead

    @property
    def asleep_too_long(self) -> bool:
        """Whether somebody took its workflow away."""
        return self.workflow.owner != self.id

    def go_on(self, dies_at: str = "") -> str:
        """To the next place where it can stand still, or ENDED; dies on the way if it passes `dies_at`."""
        self._dies_at = dies_at
        said = self._going.switch()
        self.at = ENDED if isinstance(said, Killed) else said
        self._dies_at = ""
        return self.at

    def die(self) -> None:
        """Without another word: what it had noted stays, its workflow too."""
        if self.alive:
            self._going.throw(Killed)

    def passes(self, name: str) -> None:
        """It is at this place of the source."""
        if name == self._dies_at:
            raise Killed
        if name in STOPS:
            self._going.parent.switch(name)

    def work(self) -> str:
        """All steps."""
        with self._app.app_context():
            self._steps()
        return ENDED

    def _steps(self) -> None:
        flow = self.workflow
        crash.at("workflow.begun")
        if flow.performed is None:
            outcomes = perform(flow.run_ids, flow.id, BOX, self._clock, lambda: not self.stopping)
            if self.asleep_too_long:
                return
            flow.performed = outcomes
        outcomes = deepcopy(flow.performed)
        crash.at("workflow.performed")
        if not flow.recorded:
            crash.at("workflow.records")
            in_write(lambda session: settle(session, outcomes, self._clock()), repeatable=True)
            if self.asleep_too_long:
                return
            flow.recorded = True
        crash.at("workflow.recorded")
        if not self.asleep_too_long:
            flow.status = "SUCCESS"


class _Going(greenlet.greenlet):
    def __init__(self, worker: LogicalWorker) -> None:
        super().__init__(worker.work)
        self.worker = worker


def _at(name: str) -> None:
    going = greenlet.getcurrent()
    if isinstance(going, _Going):
        going.worker.passes(name)


@contextmanager
def places_watched() -> Iterator[pytest.MonkeyPatch]:
    """Logical workers stop at the places of the source."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crash, "at", _at)
        yield patch
