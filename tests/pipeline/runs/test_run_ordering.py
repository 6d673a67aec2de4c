"""Runs about one record leave in the order of its changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from automations.connectors.mailbox_connector import MailboxConnector
from automations.connectors.receipts import Receipt, TryAgain
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.run import QUEUED, RUNNING, SUCCEEDED, WAITING, Message, Run
from automations.pipeline.delivery import circuit_breaker, claim, poison_runs
from automations.pipeline.delivery.relay import relay
from automations.pipeline.delivery.settle import settle
from automations.pipeline.runs import claimed_run, run_ordering
from automations.worker.worker import Worker
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.kit.live import wait_until, working
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink
from tests.kit.set_up import sign_in
from tests.kit.shop import request_to
from tests.kit.statements import before_each_statement
from tests.kit.steps import perform_runs, queue, record_outcomes
from tests.world import NOW

ANNA = 1
EARLIER = NOW.replace(year=2020)
STATUSES = ("confirmed", "picked", "delivered")


@pytest.fixture(autouse=True)
def every_status(app: Flask) -> None:
    shop.publish_automation("Tell", "status_changed", actions=[shop.email_to(subject="{{ order.status }}")])


def change_often(number: str, statuses: tuple[str, ...] = STATUSES) -> None:
    shop.place_order(number, customer_id=ANNA, status="unconfirmed", now=EARLIER)
    for status in statuses:
        shop.place_order(number, status=status, now=EARLIER)


def relayed(worker: Worker) -> int:
    return run_in_write(lambda session: relay(session, worker.client, NOW))


def workflows() -> list[str | None]:
    db.session.rollback()
    return [run.workflow_id for run in shop.runs()]


class Enqueued:
    """Stands in for the workflow library and keeps what is enqueued."""

    client: Any

    def __init__(self) -> None:
        self.client = self
        #: The runs of each workflow.
        self.enqueued: list[list[int]] = []

    def enqueue_in_transaction(self, _session: object, _options: object, run_ids: list[int]) -> None:
        """Keep the runs of one workflow."""
        self.enqueued.append(run_ids)


@pytest.mark.parametrize(("kind", "sizes"), [("send_email", [20, 20, 5]), ("send_marketing", [40, 5])])
def test_more_of_marketing_than_of_other_messages_share_a_workflow(
    app: Flask, kind: str, sizes: list[int]
) -> None:
    shop.publish_automation("Write", "created", actions=[shop.email_to()])
    for number in range(45):
        shop.place_order(str(number), now=EARLIER)
    with write() as session:
        session.query(Run).update({"kind": kind})
    enqueued = Enqueued()
    assert relayed(enqueued) == 45
    assert [len(run_ids) for run_ids in enqueued.enqueued] == sizes


def test_runs_of_one_record_that_are_due_together_share_a_workflow(app: Flask) -> None:
    for number in range(15):
        change_often(str(number))
    assert relayed(Enqueued()) == 45
    workflow_ids = workflows()
    assert all(len(set(workflow_ids[start : start + 3])) == 1 for start in range(0, 45, 3))
    assert len(set(workflow_ids)) == 3


def test_a_run_waits_while_another_of_its_record_is_under_way(app: Flask) -> None:
    change_often("1", ("confirmed",))
    change_often("2", ("confirmed",))
    assert relayed(Enqueued()) == 2
    shop.place_order("1", status="picked", now=EARLIER)
    shop.place_order("3", customer_id=ANNA, status="unconfirmed", now=EARLIER)
    shop.place_order("3", status="picked", now=EARLIER)
    assert relayed(Enqueued()) == 1
    assert [run.state for run in shop.runs()] == [QUEUED, QUEUED, WAITING, QUEUED]
    shop.set_run(1, state=SUCCEEDED)
    assert relayed(Enqueued()) == 1


def test_the_relay_queues_no_more_runs_ahead_than_its_limit(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.pipeline.delivery.relay.AHEAD", 4)
    for number in range(6):
        change_often(str(number), ("confirmed",))
    assert [relayed(Enqueued()) for _ in range(2)] == [4, 0]
    shop.set_run(1, state=SUCCEEDED)
    assert relayed(Enqueued()) == 1


def test_the_relay_queues_more_once_there_is_room_for_several(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.pipeline.delivery.relay.AHEAD", 10)
    for number in range(14):
        change_often(str(number), ("confirmed",))
    assert relayed(Enqueued()) == 10
    for run_id, queued in ((1, 0), (2, 0), (3, 3)):
        shop.set_run(run_id, state=SUCCEEDED)
        assert relayed(Enqueued()) == queued


def test_messages_about_one_record_leave_in_the_order_of_its_changes(app: Flask) -> None:
    for number in range(10):
        change_often(str(number))
    with working(app):
        wait_until(lambda: {run.state for run in shop.runs()} == {SUCCEEDED}, limit=60)
    sent = db.session.execute(sa.select(Message.run_id, Message.subject).order_by(Message.id)).all()
    for start in range(10):
        ids = range(3 * start + 1, 3 * start + 4)
        assert [subject.lower() for run_id, subject in sent if run_id in ids] == list(STATUSES)


def test_a_run_waiting_for_a_retry_is_overtaken_and_the_log_says_so(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails_once(monkeypatch)
    change_often("1", ("confirmed", "picked"))
    perform_due()
    db.session.rollback()
    first, second = shop.runs()
    assert (first.state, second.state, second.reason) == (WAITING, SUCCEEDED, run_ordering.OVERTOOK)
    perform_due(NOW + dt.timedelta(minutes=1))
    db.session.rollback()
    assert [(run.state, run.reason) for run in db.session.query(Run).order_by(Run.id)] == [
        (SUCCEEDED, None),
        (SUCCEEDED, run_ordering.OVERTOOK),
    ]
    sign_in(client, "rosa@bloom.example")
    assert client.get("/orders/1").text.count(run_ordering.OVERTOOK) == 1


@pytest.mark.parametrize("died", [False, True])
def test_a_released_run_keeps_its_place(app: Flask, died: bool) -> None:
    change_often("1", ("confirmed",))
    assert relayed(Enqueued()) == 1
    shop.place_order("1", status="picked", now=EARLIER)
    (workflow_id, _), later = workflows(), NOW - dt.timedelta(minutes=1)
    claimed = run_in_write(lambda session: claim.claim(session, [1], workflow_id, later))
    if died:
        run_in_write(lambda session: poison_runs.requeue_after_death(session, Run.id == 1, later))
    else:
        run_in_write(lambda session: settle(session, [claimed_run.released(run) for run in claimed], later))
    library = Enqueued()
    assert relayed(library) == 2
    assert library.enqueued == [[1, 2]]


#: What another process does to the first of two runs on its connection.
Meanwhile = Callable[[sa.Connection], None]


def is_put_back(connection: sa.Connection) -> None:
    """Put the run back, as if its workflow had ended without claiming it."""
    with suppress(sa.exc.OperationalError):  # too late: the relay has locked it
        of_it = sa.update(Run).where(Run.id == locked_by(connection))
        connection.execute(of_it.values(state=WAITING, workflow_id=None))
        connection.commit()


def is_being_changed(connection: sa.Connection) -> None:
    """Keep the run locked in a transaction that is not finished."""
    with suppress(sa.exc.OperationalError):
        locked_by(connection)


def locked_by(connection: sa.Connection) -> int | None:
    first = sa.select(Run.id).where(Run.id == 1).with_for_update(nowait=True)
    return connection.scalar(first)


@contextmanager
def at_statement(wanted: int, meanwhile: Meanwhile) -> Iterator[list[int]]:
    """Let the other process act right before the `wanted`-th statement; yield a list with their number."""
    other, count = db.engine.connect(), [0]

    def before(connection: sa.Connection, _text: str) -> None:
        if connection is not other:
            count[0] += 1
            if count[0] == wanted:
                meanwhile(other)

    try:
        with before_each_statement(before):
            yield count
    finally:
        other.rollback()
        other.close()


@pytest.mark.parametrize("meanwhile", [is_put_back, is_being_changed])
def test_a_concurrent_change_of_the_first_run_never_lets_the_second_pass_it(
    app: Flask, meanwhile: Meanwhile
) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # SQLite has one writer at a time
    change_often("1", ("confirmed", "picked"))
    at_first = {"state": QUEUED, "workflow_id": "gone"} if meanwhile is is_put_back else {"state": WAITING}
    wanted, count = 0, [1]
    while wanted <= count[0]:
        shop.set_run(1, **{"workflow_id": None} | at_first)
        shop.set_run(2, state=WAITING, workflow_id=None)
        db.session.rollback()
        wanted += 1
        library = Enqueued()
        with at_statement(wanted, meanwhile) as count:
            relayed(library)
        assert library.enqueued in ([], [[1]], [[1, 2]]), wanted
    assert wanted > 8


def test_a_suspected_poison_run_keeps_its_place_while_another_is_under_way(app: Flask) -> None:
    for number in "123":
        change_often(number, ("confirmed", "picked"))
    died = [NOW.isoformat()] * poison_runs.SUSPECT_AFTER
    shop.set_run(1, state=RUNNING, workflow_id="under way", deaths=died)
    shop.set_run(3, deaths=died)
    shop.set_run(5, deaths=died[:1])
    library = Enqueued()
    assert relayed(library) == 2
    assert library.enqueued == [[5, 6]]
    shop.set_run(1, state=SUCCEEDED)
    library = Enqueued()
    assert relayed(library) == 2
    assert library.enqueued == [[2], [3]]


def test_a_suspected_poison_run_that_is_due_later_keeps_its_place_too(app: Flask) -> None:
    change_often("1", ("confirmed", "picked", "delivered"))
    shop.set_run(1, deaths=[NOW.isoformat()] * poison_runs.SUSPECT_AFTER, due_at=NOW)
    library = Enqueued()
    assert relayed(library) == 1
    assert library.enqueued == [[1]]
    shop.set_run(1, state=SUCCEEDED)
    shop.set_run(2, due_at=NOW)
    library = Enqueued()
    assert relayed(library) == 2
    assert library.enqueued == [[2, 3]]


def test_a_run_that_overtakes_one_waiting_for_its_host_says_so(app: Flask) -> None:
    change_often("1", ("confirmed", "picked"))
    later = NOW + dt.timedelta(minutes=1)
    shop.set_run(1, reason=circuit_breaker.sentence("mail.example"), due_at=later)
    perform_due()
    db.session.rollback()
    assert [(run.state, run.reason) for run in shop.runs()][1] == (SUCCEEDED, run_ordering.OVERTOOK)


def test_a_run_that_overtook_another_before_its_worker_died_says_so_afterwards(app: Flask) -> None:
    answers = [503]
    with HttpSink(answer=lambda _: answers.pop() if answers else 200) as sink, allowing("127.0.0.1"):
        call = request_to(sink.url(0, "/{{ order.status }}"))
        shop.publish_automation("Call", "status_changed", actions=[call])
        change_often("1")
        with write() as session:
            session.query(Run).filter_by(kind="send_email").update({"state": SUCCEEDED})
        perform_runs(app, queue())  # the first call fails, the others succeed, and the worker dies
        run_in_write(lambda session: poison_runs.requeue_after_death(session, Run.state == RUNNING, NOW))
        record_outcomes(perform_runs(app, queue()))
    assert [request.path.lower() for request in sink.seen] == [
        "/confirmed",
        "/picked",
        "/delivered",
        "/confirmed",
    ]
    db.session.rollback()
    calls = [run for run in shop.runs() if run.kind == "http_request"]
    assert [(run.state, run.reason) for run in calls] == [
        (SUCCEEDED, None),
        (SUCCEEDED, run_ordering.OVERTOOK),
        (SUCCEEDED, run_ordering.OVERTOOK),
    ]


def test_a_run_says_so_that_overtook_one_never_tried_before_its_worker_died(app: Flask) -> None:
    with HttpSink() as sink, allowing("127.0.0.1"):
        call = request_to(sink.url(0, "/{{ order.status }}"))
        shop.publish_automation("Call", "status_changed", actions=[call])
        change_often("1", ("confirmed", "picked"))
        with write() as session:
            session.query(Run).filter_by(kind="send_email").update({"state": SUCCEEDED})
        first, _ = [run.id for run in shop.runs() if run.kind == "http_request"]
        shop.set_run(
            first, reason=circuit_breaker.sentence("127.0.0.1"), due_at=NOW + dt.timedelta(minutes=1)
        )
        perform_runs(app, queue())  # the second call leaves, and the worker dies
        run_in_write(lambda session: poison_runs.requeue_after_death(session, Run.state == RUNNING, NOW))
        shop.set_run(first, reason=None, due_at=NOW)
        record_outcomes(perform_runs(app, queue()))
    assert [request.path.lower() for request in sink.seen] == ["/picked", "/confirmed"]
    db.session.rollback()
    assert [(run.state, run.reason) for run in shop.runs() if run.kind == "http_request"] == [
        (SUCCEEDED, None),
        (SUCCEEDED, run_ordering.OVERTOOK),
    ]


def test_a_run_due_later_anyway_does_not_count_as_overtaken(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_often("1", ("confirmed", "picked"))
    later = NOW + dt.timedelta(minutes=10)
    shop.set_run(1, due_at=later)
    perform_due()
    fails_once(monkeypatch)
    perform_due(later)
    perform_due(later + dt.timedelta(minutes=1))
    db.session.rollback()
    assert [(run.state, run.tries, run.reason) for run in shop.runs()] == [
        (SUCCEEDED, 2, None),
        (SUCCEEDED, 1, None),
    ]


def fails_once(monkeypatch: pytest.MonkeyPatch) -> None:
    send, failures = MailboxConnector.send, [TryAgain("The server is busy.")]

    def sometimes(self: MailboxConnector, email: Any) -> Receipt:
        if failures:
            raise failures.pop()
        return send(self, email)

    monkeypatch.setattr(MailboxConnector, "send", sometimes)
