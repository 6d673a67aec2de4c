"""The worker takes workflows in the transaction that queues them, as far as it has room."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.run import SUCCEEDED, Run
from automations.worker import dequeuing, direct_taking, periodic_jobs
from automations.worker.worker import Worker
from tests.kit.live import wait_until
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink
from tests.kit.shop import place_order, publish_automation, request_to
from tests.world import NOW

EARLIER = NOW.replace(year=2020)


def performed(app: Flask, hosts: int) -> list[str]:
    """Let a worker perform an order's requests to so many hosts; return the states of its workflows."""
    with ExitStack() as stack:
        stack.enter_context(allowing("127.0.0.1"))
        sinks = [stack.enter_context(HttpSink()) for _ in range(hosts)]
        publish_automation("Book", "created", actions=[request_to(sink.url()) for sink in sinks])
        place_order("N-1", now=EARLIER)
        worker = Worker(app)
        worker.start()
        try:
            wait_until(lambda: db.session.query(Run).filter_by(state=SUCCEEDED).count() == hosts, 30)
            wait_until(lambda: set(statuses(worker)) == {"SUCCESS"})
            found = statuses(worker)
        finally:
            worker.stop()
        assert [len(sink.seen) for sink in sinks] == [1] * hosts
    return found


def statuses(worker: Worker) -> list[str]:
    """Return the state of each of the library's workflows."""
    assert worker.client
    return [workflow.status for workflow in worker.client.list_workflows(load_input=False, load_output=False)]


@pytest.mark.parametrize("room", [0, 1, 1000])
def test_what_there_is_no_room_for_waits_in_the_queue(
    app: Flask, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, queued = [], []
    begin = direct_taking.DirectTaking.begin

    def noting(self: direct_taking.DirectTaking) -> None:
        taken.extend(self.taken)
        queued.extend(self.queued)
        begin(self)

    monkeypatch.setattr(dequeuing, "TAKES_AT_ONCE", {"sqlite": room, "postgresql": room})
    monkeypatch.setattr(direct_taking.DirectTaking, "begin", noting)
    assert performed(app, 3) == ["SUCCESS"] * 3
    assert len(taken) + len(queued) == 3
    assert (not taken, not queued) == (room == 0, room == 1000)


def test_what_was_taken_and_not_begun_is_done_all_the_same(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin: Any = direct_taking.execute_dequeued_workflow
    failed = []

    def fails_at_first(*arguments: Any) -> Any:
        if failed:
            return begin(*arguments)
        failed.append(True)
        raise RuntimeError("no thread can be started")

    monkeypatch.setattr(direct_taking, "execute_dequeued_workflow", fails_at_first)
    monkeypatch.setattr(periodic_jobs, "SWEEP_EVERY", 0.2)
    assert performed(app, 1) == ["SUCCESS"]
    assert failed
