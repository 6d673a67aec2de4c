"""A host that fails repeatedly is not called for a while: its runs wait, and no others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from automations.features.history import record_log
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.called_host import CLOSED, HALF_OPEN, OPEN, CalledHost, ClosedEndpoint
from automations.models.tables.notification import Notification
from automations.models.tables.people import User
from automations.models.tables.run import FAILED, SKIPPED, SUCCEEDED, WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.delivery import circuit_breaker, closed_endpoints
from tests.kit import shop
from tests.kit.doing import add_connection, perform_due
from tests.kit.fire.programs import free_port
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink, Seen
from tests.kit.set_up import calls_at_once
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def local_calls() -> Iterator[None]:
    with allowing("127.0.0.1"):
        yield


def call(url: str, orders: int, name: str = "Call") -> int:
    """Publish an automation that calls `url` for each new order, and place so many orders."""
    id = shop.publish_automation(name, "created", actions=[shop.request_to(url)])
    for number in range(orders):
        shop.place_order(f"{name}-{number}")
    return id


def the_host() -> CalledHost:
    db.session.expire_all()
    return db.session.query(CalledHost).one()


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def fail_until_open() -> str:
    """Let a host without a server fail until its breaker opens; return its address."""
    url = f"http://127.0.0.1:{free_port()}/"
    call(url, circuit_breaker.FAILURES)
    perform_due()
    return url


def test_fewer_failures_than_the_limit_leave_the_breaker_closed() -> None:
    call(f"http://127.0.0.1:{free_port()}/", circuit_breaker.FAILURES - 1)
    perform_due()
    assert (the_host().failures, the_host().state(NOW)) == (circuit_breaker.FAILURES - 1, CLOSED)


def test_after_five_failures_in_a_row_runs_wait_untried_and_the_log_gives_the_reason(bloom: Store) -> None:
    url = fail_until_open()
    assert the_host().state(NOW) == OPEN
    received = shop.place_order("late")
    perform_due()
    late = shop.runs()[-1]
    assert (late.state, late.tries, late.due_at) == (WAITING, 0, the_host().probe_at)
    words = StoreWords(db.session(), bloom)
    log = record_log.log_for_record(db.session(), bloom, words, "order", received.id)
    (line,) = log.entries[0].verdicts[0].runs
    host = url.removeprefix("http://").rstrip("/")
    assert line.badge.word == "Delayed"
    assert line.reason == f"It waits until {host} answers again, which failed 5 times in a row."
    assert late.attempts == []


def test_after_the_wait_one_run_probes_the_host_and_its_failure_doubles_the_wait() -> None:
    fail_until_open()
    later = after(31)
    assert the_host().state(later) == HALF_OPEN
    perform_due(later)
    assert the_host().failures == circuit_breaker.FAILURES + 1
    assert the_host().probe_at == later + 2 * circuit_breaker.FIRST_WAIT
    assert sorted(run.tries for run in shop.runs()) == [1, 1, 1, 1, 2]


def test_the_wait_of_an_open_breaker_has_a_maximum() -> None:
    fail_until_open()
    with write() as session:
        for _ in range(20):
            circuit_breaker.failed(session, the_host().store_id, the_host().host, "x", NOW)
        assert the_host().probe_at == NOW + circuit_breaker.LONGEST_WAIT


def test_an_answer_closes_the_breaker_and_releases_all_runs() -> None:
    answers = [503] * circuit_breaker.FAILURES
    with HttpSink(answer=lambda _: answers.pop() if answers else 200) as sink:
        call(sink.url(), circuit_breaker.FAILURES)
        perform_due()
        shop.place_order("late")
        perform_due()
        assert shop.runs()[-1].due_at == the_host().probe_at
        perform_due(after(31))
        assert db.session.query(CalledHost).count() == 0
        perform_due(after(31))
        perform_due(after(120))
    assert {run.state for run in shop.runs()} == {SUCCEEDED}
    assert {run.reason for run in shop.runs()} == {None}


def test_an_answer_in_between_resets_the_count_of_failures() -> None:
    # Answers that come side by side have no order.
    calls_at_once(1)
    answers = [503, 503, 200, 503, 503]
    with HttpSink(answer=lambda _: answers.pop()) as sink:
        call(sink.url(), 5)
        perform_due()
    assert the_host().failures == 2


def test_a_refusal_does_not_count_as_a_failure_of_the_host() -> None:
    with HttpSink(answer=lambda _: 404) as sink:
        call(sink.url(), circuit_breaker.FAILURES + 2)
        perform_due()
        assert len(sink.seen) == circuit_breaker.FAILURES + 2
    assert db.session.query(CalledHost).count() == 0


def test_an_open_breaker_does_not_affect_other_hosts() -> None:
    fail_until_open()
    with HttpSink() as sink:
        call(sink.url(), 1, "Other")
        perform_due()
        assert len(sink.seen) == 1


def test_only_one_run_may_probe_a_host(bloom: Store) -> None:
    fail_until_open()
    host, later = the_host().host, after(31)
    with write() as session:
        tries = [circuit_breaker.wait_for(session, bloom.id, host, later) for _ in range(4)]
    assert tries == [None, *[later + circuit_breaker.PROBE] * 3]


def test_due_runs_for_a_host_with_an_open_breaker_are_postponed_before_queueing() -> None:
    fail_until_open()
    shop.place_order("late")
    with write() as session:
        circuit_breaker.hold_back(session, NOW)
    assert (shop.runs()[-1].due_at, shop.runs()[-1].tries) == (the_host().probe_at, 0)


def test_a_mail_server_out_of_reach_opens_a_breaker_too() -> None:
    add_connection("smtp", {"host": "127.0.0.1", "port": free_port(), "security": "none"})
    shop.publish_automation("Mail", "created", actions=[shop.email_to("manager")])
    for number in range(circuit_breaker.FAILURES + 1):
        shop.place_order(str(number))
    perform_due()
    assert (the_host().host, the_host().state(NOW)) == ("127.0.0.1", OPEN)
    assert [run.tries for run in shop.runs()] == [*[1] * circuit_breaker.FAILURES, 0]


def gone(_: Seen) -> int:
    return 410


def test_an_address_that_answers_gone_is_closed_and_managers_are_notified() -> None:
    calls_at_once(1)
    with HttpSink(answer=gone) as sink:
        url = sink.url(0, "/{{ order.number }}")
        id = call(url, 3)
        perform_due()
        assert len(sink.seen) == 1
    first, *others = shop.runs()
    assert first.state == FAILED and "closed for good" in (first.reason or "")
    assert {run.state for run in others} == {SKIPPED}
    assert "switched off" in (others[0].reason or "")
    (closed,) = db.session.query(ClosedEndpoint).all()
    assert closed.url == url
    assert db.session.query(Notification).count() == 2
    assert db.session.get_one(Automation, id).active_version_id


def test_a_closed_address_is_called_again_after_a_person_reopens_it() -> None:
    statuses = [200, 410]
    with HttpSink(answer=lambda _: statuses.pop()) as sink:
        call(sink.url(), 1)
        perform_due()
        with write() as session:
            rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
            closed_endpoints.reopen(session, session.query(ClosedEndpoint).one(), rosa, NOW)
        shop.place_order("again")
        perform_due()
    assert [run.state for run in shop.runs()] == [FAILED, SUCCEEDED]


def test_closing_an_address_leaves_others_of_the_same_host_open() -> None:
    with HttpSink(answer=lambda call_seen: 410 if call_seen.path == "/old" else 200) as sink:
        call(sink.url(0, "/old"), 1, "Old")
        call(sink.url(0, "/new"), 1, "New")
        perform_due()
    newest = db.session.query(Run).order_by(Run.id.desc()).first()
    assert newest and newest.state == SUCCEEDED


def test_calls_that_left_before_the_breaker_opened_do_not_make_the_wait_longer(bloom: Store) -> None:
    host = "api.example"
    with write() as session:
        for _ in range(2 * circuit_breaker.FAILURES):
            circuit_breaker.failed(session, bloom.id, host, "broken", NOW, left_at=NOW)
    (row,) = db.session.query(CalledHost).all()
    assert (row.failures, row.probe_at) == (circuit_breaker.FAILURES, NOW + circuit_breaker.FIRST_WAIT)
    later = NOW + circuit_breaker.FIRST_WAIT
    with write() as session:
        circuit_breaker.failed(session, bloom.id, host, "broken", later, left_at=later)
    db.session.rollback()
    (row,) = db.session.query(CalledHost).all()
    assert row.probe_at == later + 2 * circuit_breaker.FIRST_WAIT
