"""Workers that share one thread, each of which can be paused, killed and resumed at any named place.

They perform the real steps of the product; the crash points named in its source are where they stop.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import greenlet
import pytest
from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.faults import crash
from automations.pipeline.delivery.perform import perform
from automations.pipeline.delivery.settle import settle_with_notes

BOX = SecretBox(["a key that only tests know"])
#: Outside transactions: a worker may pause here while others go on.
STOPS = (
    "workflow.begun",
    "claim.committed",
    "send.begun",
    "send.ended",
    "attempt.noted",
    "perform.done",
    "workflow.performed",
    "workflow.recorded",
)
#: Inside a transaction, where a worker can only die.
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
    """The state that the workflow library keeps of one workflow."""

    id: str
    run_ids: list[int]
    status: str = "ENQUEUED"
    #: The last worker that took it; what any other ends is not noted.
    owner: object = None
    #: Whether a worker had it before.
    handed_out: bool = False


class Library:
    """A stand-in for the workflow library: the same records of workflows, but no threads."""

    def __init__(self) -> None:
        self.workflows: dict[str, Workflow] = {}

    def enqueue_in_transaction(self, _session: object, options: dict[str, Any], run_ids: list[int]) -> None:
        """Add a workflow."""
        id = options["workflow_id"]
        self.workflows[id] = Workflow(id, list(run_ids))

    def list_workflows(self, *, workflow_ids: Iterable[str], **_: object) -> list[SimpleNamespace]:
        """Return the known workflows in the form that recovery reads."""
        workflows = [self.workflows[id] for id in workflow_ids if id in self.workflows]
        return [SimpleNamespace(workflow_id=workflow.id, status=workflow.status) for workflow in workflows]

    def of(self, status: str) -> list[Workflow]:
        """Return the workflows in a status."""
        return [workflow for workflow in self.workflows.values() if workflow.status == status]

    def resume(self, workflow: Workflow) -> None:
        """Count its worker as dead: the next worker begins it anew."""
        if workflow.status == "PENDING":
            workflow.status, workflow.owner = "ENQUEUED", None

    def fail(self, workflow: Workflow) -> None:
        """End it with an error: no worker takes it again."""
        workflow.status, workflow.owner = "ERROR", None


class LogicalWorker:
    """One worker at one workflow, which does what `worker.perform_runs` does."""

    def __init__(self, app: Flask, workflow: Workflow, clock: Callable[[], dt.datetime]) -> None:
        self.id = uuid.uuid4().hex
        self.workflow = workflow
        self.stopping = False
        self.at = ""
        self._app, self._clock = app, clock
        self._dies_at = ""
        self._going = _Going(self)
        self._is_the_first = not workflow.handed_out
        workflow.status, workflow.owner, workflow.handed_out = "PENDING", self.id, True

    @property
    def alive(self) -> bool:
        return not self._going.dead

    @property
    def asleep_too_long(self) -> bool:
        """Whether another worker took its workflow."""
        return self.workflow.owner != self.id

    def go_on(self, dies_at: str = "") -> str:
        """Run to the next stop or to ENDED, and return it; die if the worker passes `dies_at` first."""
        self._dies_at = dies_at
        stop = self._going.switch()
        self.at = ENDED if isinstance(stop, Killed) else stop
        self._dies_at = ""
        return self.at

    def die(self) -> None:
        """Kill the worker; what it recorded stays, and so does its workflow."""
        if self.alive:
            self._going.throw(Killed)

    def passes(self, name: str) -> None:
        """React to reaching a named place: die, pause or go on."""
        if name == self._dies_at:
            raise Killed
        if name in STOPS:
            self._going.parent.switch(name)

    def work(self) -> str:
        """Run all steps."""
        with self._app.app_context():
            self._steps()
        return ENDED

    def _steps(self) -> None:
        workflow = self.workflow
        crash.at("workflow.begun")
        work = workflow.run_ids, workflow.id, BOX, self._clock, lambda: not self.stopping
        performed = perform(*work, first_time=self._is_the_first)
        crash.at("workflow.performed")
        settle_with_notes(performed, self._clock())
        crash.at("workflow.recorded")
        if not self.asleep_too_long:
            workflow.status = "SUCCESS"


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
    """Make logical workers stop at the named places of the source."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crash, "at", _at)
        yield patch
