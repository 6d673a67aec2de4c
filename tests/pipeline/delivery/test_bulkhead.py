"""A host that hangs does not delay runs for other hosts, however many of its own are due."""

from __future__ import annotations

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.settings import call_limits
from automations.models.tables.run import QUEUED, RUNNING, SUCCEEDED, Run
from automations.pipeline.delivery import circuit_breaker
from tests.kit.live import wait_until, working
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink
from tests.kit.shop import place_order, publish_automation, request_to
from tests.world import NOW

EARLIER = NOW.replace(year=2020)
OTHERS = 100
#: Seconds for three hundred runs on a busy machine.
LIMIT = 240.0
#: Actions of one automation: as many as a workflow takes.
EACH = 20


@pytest.mark.slow
def test_a_host_that_hangs_does_not_delay_a_hundred_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow machine the breaker would stop the calls to the hanging host before the others are done.
    monkeypatch.setattr(circuit_breaker, "FAILURES", 1_000_000)
    with allowing("127.0.0.1"), HttpSink(hosts=OTHERS + 1) as sink:
        hanging = sink.ports[0]
        sink.hanging.add(hanging)
        publish_automation("Hang", "created", actions=[request_to(sink.url())] * EACH)
        for number in range(10):
            place_order(f"H-{number}", now=EARLIER)
        for first in range(1, OTHERS + 1, EACH):
            actions = [request_to(sink.url(place)) for place in range(first, first + EACH)]
            publish_automation(f"Others {first}", "status_changed", actions=actions)
        place_order("H-0", status="picked", now=EARLIER)
        with working(app):
            wait_until(lambda: called(sink, hanging) == OTHERS, limit=LIMIT)
            wait_until(lambda: others_done(hanging) == OTHERS, limit=LIMIT)
            assert all(run.state != SUCCEEDED for run in to(hanging))
            assert workflows(hanging) <= call_limits.WORKFLOWS
            wait_until(lambda: sink.under_way[hanging] > 0, limit=LIMIT)
            sink.let_go()


def called(sink: HttpSink, hanging: int) -> int:
    return len({request.port for request in sink.seen} - {hanging})


def others_done(hanging: int) -> int:
    done = db.session.query(Run).filter(Run.state == SUCCEEDED, Run.lane != f"127.0.0.1:{hanging}")
    return done.count()


def workflows(port: int) -> int:
    return len({run.workflow_id for run in to(port) if run.state in (QUEUED, RUNNING)})


def to(port: int) -> list[Run]:
    db.session.rollback()
    return db.session.query(Run).filter_by(lane=f"127.0.0.1:{port}").all()
