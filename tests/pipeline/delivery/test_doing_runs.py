from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from automations.models.db.base import db, run_in_write, write
from automations.models.tables.run import (
    FAILED,
    QUEUED,
    RUNNING,
    SKIPPED,
    SUCCEEDED,
    UNKNOWN,
    WAITING,
    Attempt,
    Message,
    Run,
)
from automations.models.tables.store import Connection
from automations.pipeline.delivery import claim
from automations.pipeline.delivery import perform as performing
from automations.pipeline.runs import claimed_run
from tests.kit.fire.programs import free_port
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import use_smtp_server
from tests.kit.shop import email_to, place_order, publish_automation, runs, set_run
from tests.kit.steps import WORKFLOW, perform_and_record, perform_runs, queue, record_outcomes
from tests.world import NOW

ANNA, BOB = 1, 2
#: Seconds before the second, third … try, as docs/actions.md promises.
WAITS = (5, 30, 120, 600, 3_600, 14_400, 43_200)


def fire(customer: int | None = ANNA, to: str = "customer") -> int:
    """Place an order that fires one email; return the id of its run."""
    publish_automation("Confirm", "created", actions=[email_to(to)])
    place_order("1", customer_id=customer)
    (run,) = runs()
    return run.id


def the_run() -> Run:
    db.session.rollback()
    (run,) = runs()
    return run


def test_an_email_is_sent_once_and_stored_as_sent(app: Flask) -> None:
    fire()
    with SmtpSink() as smtp:
        use_smtp_server(app, smtp.port)
        perform_and_record(app)
        perform_and_record(app)
    assert (the_run().state, the_run().tries) == (SUCCEEDED, 1)
    assert smtp.recipients == [["anna@grandhotel.example"]]
    (message,) = the_run().messages
    assert (message.connector, message.subject, message.to) == (
        "smtp",
        "Thank you",
        "anna@grandhotel.example",
    )
    assert [attempt.result for attempt in the_run().attempts] == ["sent"]


def test_without_a_mail_server_the_message_goes_to_the_built_in_mailbox(app: Flask) -> None:
    fire()
    perform_and_record(app)
    assert the_run().state == SUCCEEDED
    assert [message.connector for message in the_run().messages] == ["mailbox"]


@pytest.mark.parametrize(("customer", "reason"), [(BOB, "bob(at)nowhere"), (None, "no customer")])
def test_an_invalid_or_missing_address_is_skipped_with_its_reason(
    app: Flask, customer: int | None, reason: str
) -> None:
    fire(customer)
    perform_and_record(app)
    assert the_run().state == SKIPPED
    assert reason in (the_run().reason or "")
    assert db.session.query(Attempt).count() == 0


def test_the_attempt_is_committed_before_anything_leaves(app: Flask) -> None:
    fire()
    with _server_that_asks(lambda: [row.result for row in db.session.query(Attempt)], app) as (port, seen):
        use_smtp_server(app, port)
        perform_runs(app, queue())
    assert seen == [["started"]]


def test_a_server_out_of_reach_is_retried_on_schedule_and_the_run_fails_after_the_last_try(
    app: Flask,
) -> None:
    fire()
    use_smtp_server(app, free_port())
    now = NOW
    for tries, wait in enumerate(WAITS, start=1):
        perform_and_record(app, now)
        assert (the_run().state, the_run().tries) == (WAITING, tries)
        assert wait * 0.9 <= (the_run().due_at - now).total_seconds() <= wait * 1.1
        now = the_run().due_at
    perform_and_record(app, now)
    assert (the_run().state, the_run().tries) == (FAILED, 8)
    assert "cannot be reached" in (the_run().reason or "")
    assert len(the_run().attempts) == 8


def test_a_retry_sends_the_message_that_the_first_try_rendered(app: Flask) -> None:
    publish_automation("Confirm", "created", actions=[email_to(message="Dear {{ customer.first_name }}")])
    place_order("1", customer_id=ANNA)
    use_smtp_server(app, port := free_port())
    perform_and_record(app)
    with write() as session:
        session.query(Attempt).one().prepared = {
            **session.query(Attempt).one().prepared,
            "body": "As it was",
        }
    due = the_run().due_at
    with SmtpSink() as smtp:
        _point_at(port, smtp.port)
        perform_and_record(app, due)
    assert "As it was" in smtp.emails[0].get_content()


def test_an_email_begun_without_an_answer_is_unknown_and_not_sent_again(app: Flask) -> None:
    fire()
    with SmtpSink() as smtp:
        use_smtp_server(app, smtp.port)
        run_ids = queue()
        perform_runs(app, run_ids)
        with write() as session:
            session.query(Attempt).update({"result": "started", "finished_at": None})
        assert perform_runs(app, run_ids) == []
        record_outcomes(perform_runs(app, queue()))
    assert the_run().state == UNKNOWN
    assert len(smtp.emails) == 1
    assert db.session.query(Message).count() == 0


def test_an_email_sent_before_the_program_stopped_is_logged_and_not_sent_again(app: Flask) -> None:
    fire()
    with SmtpSink() as smtp:
        use_smtp_server(app, smtp.port)
        run_ids = queue()
        perform_runs(app, run_ids)
        assert perform_runs(app, run_ids) == []
        record_outcomes(perform_runs(app, queue()))
    assert the_run().state == SUCCEEDED
    assert len(smtp.emails) == 1
    assert len(the_run().messages) == 1


def test_each_recipient_of_a_role_gets_one_message(app: Flask) -> None:
    fire(to="team")
    with SmtpSink() as smtp:
        use_smtp_server(app, smtp.port)
        perform_and_record(app)
    everyone = [["ada@bloom.example"], ["finn@bloom.example"], ["rosa@bloom.example"]]
    assert sorted(smtp.recipients) == everyone
    assert len(set(smtp.per_message_id())) == 3
    assert [message.part for message in the_run().messages] == [0, 1, 2]


def test_a_release_settled_late_does_not_release_a_newer_claim(app: Flask) -> None:
    fire()
    ids = queue("first")
    released = [
        claimed_run.released(run) for run in run_in_write(lambda session: claim.claim(session, ids, "first"))
    ]
    assert record_outcomes(released) == 1
    fresh = perform_runs(app, queue("second"), "second")
    assert the_run().tries == 1
    assert record_outcomes(released) == 0
    assert the_run().state == RUNNING
    assert record_outcomes(fresh) == 1
    assert the_run().state == SUCCEEDED


def test_the_outcomes_of_a_stale_worker_change_nothing(app: Flask) -> None:
    fire()
    run_ids = queue()
    stale = perform_runs(app, run_ids)
    assert perform_runs(app, run_ids) == []
    fresh = perform_runs(app, queue())
    assert record_outcomes(stale) == 0
    assert the_run().state == RUNNING
    assert record_outcomes(fresh) == 1
    assert record_outcomes(fresh) == 0
    assert db.session.query(Message).count() == 1


def test_a_run_of_another_workflow_is_left_alone(app: Flask) -> None:
    run_id = fire()
    queue("someone else's")
    assert perform_runs(app, [run_id], WORKFLOW) == []
    assert the_run().state == QUEUED


def test_an_unknown_kind_of_action_fails_with_a_sentence(app: Flask) -> None:
    run_id = fire()
    set_run(run_id, kind="send_pigeon")
    perform_and_record(app)
    assert the_run().state == FAILED
    assert "send_pigeon" in (the_run().reason or "")


def test_an_unreadable_password_fails_the_run_with_a_sentence(app: Flask) -> None:
    fire()
    use_smtp_server(app, free_port())
    app.config["SECRET_KEY"], kept = "another key altogether, long enough", app.config["SECRET_KEY"]
    try:
        perform_and_record(app)
    finally:
        app.config["SECRET_KEY"] = kept
    assert the_run().state == FAILED
    assert "email settings" in (the_run().reason or "")


def test_runs_beyond_the_time_budget_are_released_without_counting_a_try(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire()
    monkeypatch.setattr(performing, "BUDGET", -1.0)
    perform_and_record(app)
    assert (the_run().state, the_run().tries) == (WAITING, 0)


def _point_at(old: int, new: int) -> None:
    """Change the port of the store's mail server."""
    with write() as session:
        connection = session.query(Connection).one()
        assert connection.settings["port"] == old
        connection.settings = {**connection.settings, "port": new}


@contextmanager
def _server_that_asks(question: Callable[[], object], app: Flask) -> Iterator[tuple[int, list[object]]]:
    """Run a server that asks `question` when a connection comes in, then hangs up; yield port and answers."""
    seen: list[object] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listening.accept()
        with app.app_context():
            seen.append(question())
            db.session.remove()
        connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield listening.getsockname()[1], seen
    finally:
        thread.join(timeout=60)
        listening.close()
