"""Neither a worker that slept past its claim nor one that died half way does anything twice.

Each mechanism is also removed once, to prove that a test would notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.connectors.email_message import OutgoingEmail
from automations.connectors.receipts import Receipt, Refused, TryAgain
from automations.connectors.smtp import SmtpConnector
from automations.features.authoring import archiving
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, FAILED, SUCCEEDED, UNKNOWN, WAITING, Attempt, Run
from automations.pipeline.delivery import attempts, last_look, perform, poison_runs
from automations.pipeline.delivery.attempts import Notes, OpenedRun
from automations.pipeline.runs import claimed_run, fence, run_decisions
from automations.pipeline.runs.claimed_run import SENT
from tests.kit import shop
from tests.kit.fire import fire
from tests.kit.outside.outside import allowing
from tests.kit.outside.sinks import Sinks, sinks
from tests.kit.steps import perform_runs, queue, record_outcomes, written
from tests.world import NOW

ANNA = 1
STALE = "the worker that slept"


class Killed(BaseException):
    """Stands for the death of the process."""


@pytest.fixture
def outside(app: Flask) -> Iterator[Sinks]:
    with sinks(faults=0) as outside_systems:
        fire.publish_automations(app, outside_systems)
        with allowing("127.0.0.1"):
            yield outside_systems


def place() -> None:
    values = {"note": "1/0", "total": Decimal("124.50"), "fulfilment_method": "delivery"}
    shop.place_order("1", customer_id=ANNA, **values)


def sleeps_before_it_sends(app: Flask, meanwhile: Callable[[], None]) -> None:
    """Let a worker claim runs, stand still while `meanwhile` happens, and go on."""
    reads = 0

    def clock() -> dt.datetime:
        nonlocal reads
        reads += 1
        if reads == 2:  # first for the claim, then before anything is written or sent
            meanwhile()
        return NOW

    ids = queue(STALE)
    record_outcomes(written(perform.perform(ids, STALE, fire.box_of(app), clock)))


def another_worker_does_it(app: Flask) -> None:
    for run_id in [run.id for run in db.session.query(Run)]:
        shop.set_run(run_id, state=WAITING, workflow_id=None)
    record_outcomes(perform_runs(app, queue("another one"), "another one"))


def test_a_worker_whose_claim_was_taken_over_sends_nothing_and_changes_nothing(
    app: Flask, outside: Sinks
) -> None:
    place()
    sleeps_before_it_sends(app, lambda: another_worker_does_it(app))
    assert {run.state for run in shop.runs()} == {SUCCEEDED}
    assert (dict(outside.emails), dict(outside.calls)) == ({"confirm 1/0": 1}, {"book 1/0": 1})
    assert {attempt.number for attempt in db.session.query(Attempt)} == {2}


def test_without_the_fence_a_stale_worker_would_send_twice(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    monkeypatch.setattr(fence, "still_ours", lambda _session, tries, *_: set(tries))
    # The last look would notice as well.
    monkeypatch.setattr(last_look, "may_be_stopped", lambda *_: set())
    # It would also write a second task, which the unique index refuses.
    with pytest.raises(sa.exc.IntegrityError):
        sleeps_before_it_sends(app, lambda: another_worker_does_it(app))
    assert dict(outside.emails) == {"confirm 1/0": 2}


def dies_after_sending(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker die after sending, before it notes the answer; another worker takes over."""
    with monkeypatch.context() as patch:
        patch.setattr(Notes, "add", _killed)
        with pytest.raises(Killed):
            perform_runs(app, queue())
    db.session.rollback()
    another_worker_does_it(app)


def _killed(*_: object, **__: object) -> None:
    raise Killed


def test_an_email_sent_just_before_the_worker_died_is_left_to_a_person(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    dies_after_sending(app, monkeypatch)
    assert [run.state for run in shop.runs()] == [UNKNOWN, SUCCEEDED, SUCCEEDED]
    assert dict(outside.emails) == {"confirm 1/0": 1}


def dies_often(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every worker die after sending until the runs are parked."""
    with monkeypatch.context() as patch:
        patch.setattr(Notes, "add", _killed)
        for _ in range(poison_runs.MOST_DEATHS):
            with pytest.raises(Killed):
                perform_runs(app, queue(), "workflow-1")
            db.session.rollback()
            run_in_write(lambda session: poison_runs.requeue_after_death(session, sa.true(), NOW))


def test_an_email_that_may_have_left_is_never_marked_failed_after_repeated_deaths(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    dies_often(app, monkeypatch)
    run = shop.runs()[0]
    assert [each_run.state for each_run in shop.runs()] == [UNKNOWN, FAILED, FAILED]
    assert dict(outside.emails) == {"confirm 1/0": 1}
    assert (run.reason or "").startswith("Parked: the program stopped 3 times while doing this")


@pytest.mark.parametrize("said", [None, TryAgain("Later."), Refused("No.")])
def test_a_worker_that_wakes_up_after_its_run_was_parked_and_decided_changes_nothing(
    app: Flask, outside: Sinks, rosa: User, monkeypatch: pytest.MonkeyPatch, said: Exception | None
) -> None:
    place()
    shop.set_run(1, deaths=[NOW.isoformat()] * 2)
    send = SmtpConnector.send

    def counts_as_dead(self: SmtpConnector, email: OutgoingEmail) -> Receipt:
        run_in_write(lambda session: poison_runs.requeue_after_death(session, Run.id == 1, NOW))
        with write() as session:
            run_decisions.arrived(session, session.get_one(Run, 1), session.get_one(User, rosa.id), NOW)
        if said:
            raise said
        return send(self, email)

    monkeypatch.setattr(SmtpConnector, "send", counts_as_dead)
    record_outcomes(perform_runs(app, queue()))
    db.session.rollback()
    run, (attempt,) = shop.runs()[0], shop.runs()[0].attempts
    assert (run.state, attempt.result, attempt.detail) == (SUCCEEDED, SENT, "Rosa Lind says it arrived.")


def test_archiving_does_not_mark_an_email_that_may_have_left_as_cancelled(
    app: Flask, outside: Sinks, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    with monkeypatch.context() as patch:
        patch.setattr(Notes, "add", _killed)
        with pytest.raises(Killed):
            perform_runs(app, queue())
    run_in_write(lambda session: poison_runs.requeue_after_death(session, sa.true(), NOW))
    with write() as session:
        (automation,) = session.query(Automation).filter_by(name="Confirm")
        archiving.archive(session, automation, session.get_one(User, rosa.id), NOW)
    record_outcomes(perform_runs(app, queue()))
    assert [run.state for run in shop.runs()] == [UNKNOWN, SUCCEEDED, CANCELLED]
    assert dict(outside.emails) == {"confirm 1/0": 1}


def test_without_attempts_written_before_sending_an_email_would_leave_twice(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    monkeypatch.setattr(attempts, "_insert", lambda *_: None)
    dies_after_sending(app, monkeypatch)
    assert dict(outside.emails) == {"confirm 1/0": 2}


def dies_after_the_call(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker die after the request, which has a key, once the email is noted; another takes over."""
    add = Notes.add

    def dies_at_the_call(notes: Notes, opened: OpenedRun, *arguments: Any, **named: Any) -> None:
        if opened.run.kind == "http_request":
            raise Killed
        add(notes, opened, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Notes, "add", dies_at_the_call)
        with pytest.raises(Killed):
            perform_runs(app, queue())
    db.session.rollback()
    another_worker_does_it(app)


def test_a_repeated_request_takes_effect_once(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    dies_after_the_call(app, monkeypatch)
    assert (dict(outside.calls), outside.deliveries) == ({"book 1/0": 1}, 3)


def test_without_a_stable_key_a_repeated_request_would_take_effect_twice(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    keys = iter(range(100))
    monkeypatch.setattr(claimed_run, "key_of", lambda *_: f"key-{next(keys)}")
    dies_after_the_call(app, monkeypatch)
    assert dict(outside.calls) == {"book 1/0": 2}
