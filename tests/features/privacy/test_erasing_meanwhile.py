"""A customer who is erased while messages to them are under way does not come back."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from automations.features.privacy import complete_erasure
from automations.features.privacy.complete_erasure import Erased
from automations.models.db.base import db
from automations.models.tables.run import RUNNING, SKIPPED, SUCCEEDED, UNKNOWN, WAITING, Message
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from automations.pipeline.delivery import may_send, taking_back
from automations.pipeline.evaluation import outbox
from tests.kit import everywhere, shop
from tests.kit.live import wait_until, working
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink, Seen
from tests.kit.outside.smtp_sink import PATIENCE as LIMIT
from tests.kit.outside.smtp_sink import SinkThatWaits, SmtpSink
from tests.kit.set_up import calls_at_once, use_smtp_server
from tests.kit.steps import perform_and_record, perform_runs, queue, record_outcomes
from tests.world import NOW

PERSONAL = ("Zephyrine", "Quillfeather", "zephyrine@quill.example")
TELLS = "{{ customer.name }}, {{ customer.email }}"


@pytest.fixture
def zephyrine(app: Flask) -> int:
    """The id of a customer whose name nobody else has."""
    person = {"first_name": PERSONAL[0], "last_name": PERSONAL[1], "email": PERSONAL[2]}
    return shop.place_customer("C-77", **person).id


@contextmanager
def sending(app: Flask, sink: SinkThatWaits, now: dt.datetime = NOW) -> Iterator[None]:
    """Let a worker do what is due, until it waits for the answer of the mail server; then let it end."""

    def work() -> None:
        with app.app_context():
            perform_and_record(app, now)
            db.session.remove()

    thread = threading.Thread(target=work)
    thread.start()
    assert sink.has_one.wait(LIMIT)
    try:
        yield
    finally:
        sink.may_answer.set()
        thread.join(LIMIT)
        db.session.rollback()


def erase(app: Flask, customer_id: int) -> Erased:
    with app.app_context():
        store_id = db.session.query(Store).filter_by(name="Bloom & Wild St").one().id
        db.session.rollback()
        return complete_erasure.erase_completely(store_id, customer_id, NOW, lambda _: None)


def thank(customer_id: int, orders: int = 1, *actions: dict[str, Any]) -> None:
    shop.publish_automation(
        "Thank", "created", actions=list(actions) or [shop.email_to(subject=TELLS, message=TELLS)]
    )
    for number in range(orders):
        shop.place_order(str(number), customer_id=customer_id)


def test_erasing_waits_for_the_answer_of_a_message_under_way(app: Flask, zephyrine: int) -> None:
    thank(zephyrine, 3)
    with SinkThatWaits() as sink:
        use_smtp_server(app, sink.port)
        with sending(app, sink):
            eraser = threading.Thread(target=erase, args=(app, zephyrine))
            eraser.start()
            eraser.join(0.3)
            assert eraser.is_alive(), "it waits"
            sink.may_answer.set()
            eraser.join(LIMIT)
        record_outcomes(perform_runs(app, queue()))
    db.session.rollback()
    sent = [run for run in shop.runs() if run.state == SUCCEEDED]
    assert len(sink.emails) == len(sent) >= 1
    assert {run.reason for run in shop.runs() if run not in sent} <= {may_send.GONE}
    assert everywhere.find_in_database(PERSONAL) == {}
    assert {(message.to, message.body) for message in db.session.query(Message)} == {
        ("erased", "erased, erased")
    }


def test_a_late_answer_brings_nobody_back(
    app: Flask, zephyrine: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complete_erasure, "PATIENCE", 0)
    thank(zephyrine, 3)
    with SinkThatWaits() as sink:
        use_smtp_server(app, sink.port)
        with sending(app, sink):
            assert erase(app, zephyrine).changed
            assert everywhere.find_in_database(PERSONAL) == {}
        assert everywhere.find_in_database(PERSONAL) == {}
        record_outcomes(perform_runs(app, queue()))
    db.session.rollback()
    assert len(sink.emails) == 1
    assert [run.state for run in shop.runs()] == [UNKNOWN, SKIPPED, SKIPPED]
    assert shop.runs()[0].reason == taking_back.UNHEARD
    assert everywhere.find_in_database(PERSONAL) == {}


def test_a_late_answer_of_a_system_brings_nobody_back(
    app: Flask, zephyrine: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complete_erasure, "PATIENCE", 0)

    def answer(_: Seen) -> int:
        erase(app, zephyrine)
        return 200

    # One after the other: those that leave beside the first have left when she is erased.
    calls_at_once(1)
    with HttpSink(answer=answer) as sink, allowing("127.0.0.1"):
        call = shop.request_to(sink.url(path="/jobs"))
        call["settings"] |= {"body_kind": "json", "body": "name = {{ customer.name }}"}
        thank(zephyrine, 3, call)
        record_outcomes(perform_runs(app, queue()))
        assert everywhere.find_in_database(PERSONAL) == {}
        sink.answer = lambda _: 200
        record_outcomes(perform_runs(app, queue()))
    db.session.rollback()
    assert [run.state for run in shop.runs()] == [SUCCEEDED] * 3
    assert sum(PERSONAL[0].encode() in seen.body for seen in sink.seen) == 1
    assert everywhere.find_in_database(PERSONAL) == {}


@pytest.mark.parametrize("kind", ["email", "task"])
def test_what_was_rendered_before_and_stays_inside_is_rendered_anew(
    app: Flask, zephyrine: int, kind: str
) -> None:
    task = {"title": TELLS, "assignee": "manager", "due_from": "", "priority": "low"}
    inside = {"kind": "create_task", "settings": task}
    thank(zephyrine, 1, shop.email_to("team", subject=TELLS) if kind == "email" else inside)
    outcomes = perform_runs(app, queue())
    assert shop.runs()[0].state == RUNNING
    erase(app, zephyrine)
    assert record_outcomes(outcomes) == 0
    db.session.rollback()
    assert shop.runs()[0].state == WAITING
    perform_and_record(app)
    db.session.rollback()
    assert shop.runs()[0].state == SUCCEEDED
    texts = [message.subject for message in db.session.query(Message)]
    texts += [task.title for task in db.session.query(Task)]
    assert set(texts) == {"erased, erased"}
    assert everywhere.find_in_database(PERSONAL) == {}


def test_a_message_answered_and_not_recorded_yet_keeps_its_result(
    app: Flask, zephyrine: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    thank(zephyrine)
    with SmtpSink() as sink:
        use_smtp_server(app, sink.port)
        outcomes = perform_runs(app, queue())
        erase(app, zephyrine)
        assert record_outcomes(outcomes) == 0
        perform_and_record(app)
    db.session.rollback()
    assert (len(sink.emails), shop.runs()[0].state) == (1, SUCCEEDED)
    assert db.session.query(Message).one().to == "erased"
    assert everywhere.find_in_database(PERSONAL) == {}


def test_a_change_of_an_order_that_had_read_the_name_does_not_bring_it_back(
    app: Flask, zephyrine: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Postgres, where a reader of the customer's row does not stop the one who erases it."""
    thank(zephyrine)
    if db.engine.dialect.name == "sqlite":
        return  # one transaction writes at a time, and reads nothing before
    has_read, may_write = threading.Event(), threading.Event()
    insert = outbox.Outbox.write

    def waits(self: outbox.Outbox) -> list[int]:
        has_read.set()
        may_write.wait(LIMIT)
        return insert(self)

    def till() -> None:
        with app.app_context():
            shop.place_order("0", status="confirmed")
            db.session.remove()

    with monkeypatch.context() as patch:
        patch.setattr(outbox.Outbox, "write", waits)
        change = threading.Thread(target=till)
        change.start()
        assert has_read.wait(LIMIT)
    eraser = threading.Thread(target=erase, args=(app, zephyrine))
    eraser.start()
    eraser.join(0.5)
    may_write.set()
    change.join(LIMIT)
    eraser.join(LIMIT)
    db.session.rollback()
    assert len(shop.occurrences()) == 3
    assert everywhere.find_in_database(PERSONAL) == {}


def test_the_workflow_library_is_given_no_personal_data(app: Flask, zephyrine: int) -> None:
    task = {"title": TELLS, "assignee": "manager", "due_from": "", "priority": "low"}
    actions = [shop.email_to(subject=TELLS), {"kind": "create_task", "settings": task}]
    shop.publish_automation("Thank", "created", actions=actions)
    shop.place_order("1", customer_id=zephyrine, now=dt.datetime.now(dt.UTC))
    with working(app):
        wait_until(lambda: {run.state for run in shop.runs()} == {SUCCEEDED})
    places = everywhere.find_in_database(PERSONAL)
    assert "message" in places[PERSONAL[0]]
    ours = set(db.metadata.tables)
    assert {place for tables in places.values() for place in tables} <= ours


def test_an_error_in_a_step_does_not_tell_the_workflow_library_whom_it_was_about(
    app: Flask, zephyrine: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def breaks(*_: object, **__: object) -> None:
        begun.set()
        raise ValueError(f"cannot send to {PERSONAL[2]}")

    shop.publish_automation("Thank", "created")
    shop.place_order("1", customer_id=zephyrine, now=dt.datetime.now(dt.UTC))
    with monkeypatch.context() as patch:
        patch.setattr("automations.worker.worker.perform", breaks)
        with working(app):
            assert begun.wait(LIMIT)
            wait_until(lambda: _tables_with("WorkflowFailed") != [])
    ours = set(db.metadata.tables)
    places = everywhere.find_in_database(PERSONAL)
    assert {place for tables in places.values() for place in tables} <= ours


def _tables_with(word: str) -> list[str]:
    return everywhere.find_in_database([word]).get(word, [])
