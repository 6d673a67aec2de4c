"""Attempts are committed before anything leaves; those at requests, which have keys, all at once."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from pytest_httpserver import HTTPServer
from werkzeug import Response

from automations.models.db.base import db
from automations.models.tables.run import SUCCEEDED, WAITING, Attempt
from automations.pipeline.delivery.perform import perform
from tests.kit.doing import BOX
from tests.kit.outside.outside import allowing
from tests.kit.set_up import calls_at_once, use_smtp_server
from tests.kit.shop import email_to, place_order, publish_automation, runs
from tests.kit.statements import recorded_statements
from tests.kit.steps import WORKFLOW, perform_and_record, perform_runs, queue, record_outcomes, written
from tests.world import NOW

ANNA = 1


def attempts() -> list[tuple[int, str]]:
    """Return (run id, result) of each attempt, read in a new transaction."""
    db.session.rollback()
    return [(row.run_id, row.result) for row in db.session.query(Attempt).order_by(Attempt.id)]


@pytest.fixture
def three_requests(httpserver: HTTPServer, app: Flask) -> Iterator[list[Any]]:
    """Place three orders whose requests are due; yield the attempts that exist when each request arrives."""
    seen: list[Any] = []

    def answer(_request: object) -> Response:
        with app.app_context():
            seen.append(attempts())
            db.session.remove()
        return Response("ok")

    httpserver.expect_request("/job").respond_with_handler(answer)
    settings = {"method": "POST", "url": httpserver.url_for("/job"), "headers": "", "body_kind": "json"}
    action = {"kind": "http_request", "settings": settings | {"body": "order = {{ order.number }}"}}
    with allowing("localhost", "127.0.0.1"):
        publish_automation("Book", "created", actions=[action])
        for number in "123":
            place_order(number, customer_id=ANNA)
        yield seen


def test_attempts_at_requests_of_a_workflow_are_committed_together_before_the_first_leaves(
    app: Flask, three_requests: list[Any]
) -> None:
    with recorded_statements() as statements:
        perform_and_record(app)
    assert three_requests[0] == [(run.id, "started") for run in runs()]
    assert attempts() == [(run.id, "sent") for run in runs()]
    assert {run.state for run in runs()} == {SUCCEEDED}
    assert sum("INSERT INTO attempt" in text for text, _ in statements) == 1


def test_requests_not_reached_before_a_stop_are_done_later_as_the_first_try(
    app: Flask, three_requests: list[Any]
) -> None:
    calls_at_once(1)
    ids = queue()
    # It is told to stop once the first request has left.
    outcomes = written(perform(ids, WORKFLOW, BOX, lambda: NOW, lambda: not three_requests))
    assert attempts() == [(ids[0], "sent")]
    record_outcomes(outcomes)
    assert [(run.state, run.tries) for run in runs()] == [(SUCCEEDED, 1), (WAITING, 0), (WAITING, 0)]
    perform_and_record(app)
    assert attempts() == [(id, "sent") for id in ids]
    assert [(run.state, run.tries) for run in runs()] == [(SUCCEEDED, 1)] * 3
    assert len(three_requests) == 3


def test_the_attempt_at_an_email_starts_after_the_previous_one_is_noted(app: Flask) -> None:
    publish_automation("Confirm", "created", actions=[email_to()])
    for number in "12":
        place_order(number, customer_id=ANNA)
    first, second = (run.id for run in runs())
    with _asking_server(app) as (port, seen):
        use_smtp_server(app, port)
        perform_runs(app, queue())
    assert seen[0] == [(first, "started")]
    assert [run_id for run_id, _ in seen[-1]] == [first, second]
    assert (first, "started") not in seen[-1]


@contextmanager
def _asking_server(app: Flask) -> Iterator[tuple[int, list[Any]]]:
    """Run a server that reads the attempts when a connection comes in, then hangs up."""
    seen: list[Any] = []

    class Ask(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with app.app_context():
                seen.append(attempts())
                db.session.remove()

    with socketserver.TCPServer(("127.0.0.1", 0), Ask) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1], seen
        finally:
            server.shutdown()
            thread.join(timeout=60)
