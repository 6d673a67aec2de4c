"""A worker that dies between the parts of a run, some of which left and some of which stay inside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from pytest_httpserver import HTTPServer

from automations.models.db.base import db
from automations.models.tables.run import QUEUED, SUCCEEDED, WAITING, Message
from automations.pipeline.delivery.perform import perform
from tests.kit import shop
from tests.kit.doing import BOX, add_connection, perform_due
from tests.kit.outside.outside import allowing
from tests.kit.steps import written
from tests.world import NOW


@pytest.fixture(autouse=True)
def local_calls(app: Flask) -> Iterator[None]:
    with allowing("localhost", "127.0.0.1"):
        yield


@pytest.mark.parametrize("also", ["chat", "email", "both"])
def test_a_worker_that_dies_between_the_chat_and_the_notification_loses_and_doubles_neither(
    httpserver: HTTPServer, also: str
) -> None:
    httpserver.expect_request("/room").respond_with_data("ok")
    add_connection("chat", {}, f"json://127.0.0.1:{httpserver.port}/room")
    notice = {"to": "manager", "title": "Late {{ order.number }}", "message": "", "also": also}
    shop.publish_automation("Tell", "created", actions=[{"kind": "notify", "settings": notice}])
    shop.place_order(customer_id=1)
    dies_before_settling()
    perform_due()
    db.session.rollback()
    (run,) = shop.runs()
    assert run.state == SUCCEEDED, run.reason
    assert len(httpserver.log) == (0 if also == "email" else 1)
    assert sorted(attempt.part for attempt in run.attempts) == list(range(len(run.attempts)))
    assert db.session.query(Message).count() == (0 if also == "chat" else 1)
    count = sa.select(sa.func.count()).select_from(sa.text("notification"))
    assert db.session.scalar(count) == 1


def dies_before_settling() -> None:
    """Do all due runs, and lose what was not written by then."""
    (run,) = shop.runs()
    shop.set_run(run.id, state=QUEUED, workflow_id="w-1")
    written(perform([run.id], "w-1", BOX, lambda: NOW))
    shop.set_run(run.id, state=WAITING, workflow_id=None)
