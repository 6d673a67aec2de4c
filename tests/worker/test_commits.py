"""A workflow of requests takes no more commits than its promises need, whatever its length."""

from __future__ import annotations

import math
from itertools import dropwhile

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.run import SUCCEEDED, Attempt, Run
from automations.pipeline.delivery import attempts
from automations.pipeline.delivery.relay import TOGETHER
from automations.worker.worker import Worker
from tests.kit.commits import committed_changes
from tests.kit.live import wait_until
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import calls_at_once, use_smtp_server
from tests.kit.shop import email_to, place_order, publish_automation, request_to
from tests.kit.statements import recorded_statements
from tests.kit.steps import perform_and_record
from tests.world import NOW

#: The worker goes by the real clock: due runs have to lie in its past.
EARLIER = NOW.replace(year=2020)


def place(sink: HttpSink, count: int) -> None:
    publish_automation("Book", "created", actions=[request_to(sink.url())])
    for number in range(count):
        place_order(f"N-{number}", now=EARLIER)


@pytest.mark.parametrize("count", [1, TOGETHER])
def test_a_workflow_commits_four_times(app: Flask, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # However long a busy machine takes for the answers.
    monkeypatch.setattr(attempts, "TOGETHER", math.inf)
    with HttpSink() as sink, allowing("127.0.0.1"):
        place(sink, count)
        worker = Worker(app)
        with committed_changes(db.engine, worker.engine) as committed:
            worker.start()
            try:
                wait_until(lambda: db.session.query(Run).filter_by(state=SUCCEEDED).count() == count)
                wait_until(lambda: any("workflow_output" in tables for tables in committed))
            finally:
                worker.stop()
    # The library sets up its tables first.
    since_the_relay = dropwhile(lambda tables: "run" not in tables, committed)
    ours = [tables & {"run", "attempt", "workflow_status"} for tables in since_the_relay]
    assert [tables for tables in ours if tables] == [
        {"run", "workflow_status"},  # the relay queues them, and the worker takes the workflow with them
        {"run", "attempt"},  # claimed and begun
        {"attempt", "run"},  # their results, and that they are done
        {"workflow_status"},  # the workflow has ended
    ]


def test_between_two_emails_is_one_commit(app: Flask) -> None:
    with SmtpSink() as smtp, allowing("127.0.0.1"):
        use_smtp_server(app, smtp.port)
        publish_automation("Thank", "created", actions=[email_to()])
        for number in range(3):
            place_order(f"N-{number}", now=EARLIER, customer_id=1)
        worker = Worker(app)
        with committed_changes(db.engine, worker.engine) as committed:
            worker.start()
            try:
                wait_until(lambda: db.session.query(Run).filter_by(state=SUCCEEDED).count() == 3)
                wait_until(lambda: any("workflow_output" in tables for tables in committed))
            finally:
                worker.stop()
        assert len(smtp.recipients) == 3
    since_the_relay = dropwhile(lambda tables: "run" not in tables, committed)
    ours = [tables & {"run", "attempt", "message"} for tables in since_the_relay]
    assert [tables for tables in ours if tables] == [
        {"run"},  # the relay queues them
        {"run"},  # claimed
        {"attempt"},  # the first is begun
        {"attempt"},  # what came of it, and the second is begun
        {"attempt"},  # the third
        {"attempt", "run", "message"},  # what came of that, and that all are done
    ]


def test_the_number_of_statements_hardly_grows_with_the_number_of_runs(app: Flask) -> None:
    counts = []
    with HttpSink() as sink, allowing("127.0.0.1"):
        calls_at_once(40)
        publish_automation("Book", "created", actions=[request_to(sink.url())])
        for batch in (2, TOGETHER):
            for number in range(batch):
                place_order(f"N-{batch}-{number}", now=NOW)
            with recorded_statements() as statements:
                perform_and_record(app)
            counts.append(sum(not of_a_last_look(statement[0]) for statement in statements))
    assert len(sink.seen) == 2 + TOGETHER
    assert db.session.query(Attempt).count() == 2 + TOGETHER
    few, many = counts
    assert many - few <= 2, counts
    assert many <= 36, counts


def test_an_email_takes_five_statements_before_it_leaves(app: Flask) -> None:
    counts = []
    with SmtpSink() as smtp, allowing("127.0.0.1"):
        use_smtp_server(app, smtp.port)
        publish_automation("Thank", "created", actions=[email_to()])
        for batch in (2, 7):
            for number in range(batch):
                place_order(f"N-{batch}-{number}", now=NOW, customer_id=1)
            with recorded_statements() as statements:
                perform_and_record(app)
            counts.append(sum(text.split()[0] not in ("BEGIN", "ROLLBACK") for text, _ in statements))
        assert len(smtp.recipients) == 9
    few, many = counts
    # The runs are locked, the result before is noted, its host and the next one's looked for among those
    # that fail, the last look taken and the attempt begun.
    assert many - few <= 5 * (7 - 2), counts


def of_a_last_look(statement: str) -> bool:
    """Return whether it begins or is a last look: how many leave after one depends on when answers come."""
    return statement == "BEGIN" or ("store.quiet_hours" in statement and "run.workflow_id" in statement)
