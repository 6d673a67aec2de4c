"""A worker that slept past its time changes nothing when it wakes up; neither does one that died half way.

Each mechanism is also taken out once, to see that its absence would be noticed.
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
from automations.pipeline.delivery import attempts, perform, poison_runs
from automations.pipeline.delivery.attempts import Notes, OpenedRun
from automations.pipeline.runs import claimed_run, fence, run_decisions
from automations.pipeline.runs.claimed_run import SENT
from tests.kit import shop
from tests.kit.fire import fire
from tests.kit.outside.outside import allowing
from tests.kit.outside.sinks import Sinks, sinks
from tests.kit.steps import perform_runs, queue, record_outcomes
from tests.world import NOW

ANNA = 1
STALE = "the worker that slept"


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def outside(app: Flask) -> Iterator[Sinks]:
    with sinks(faults=0) as found:
        fire.publish_automations(app, found)
        with allowing("127.0.0.1"):
            yield found


def place() -> None:
    values = {"note": "1/0", "total": Decimal("124.50"), "fulfilment_method": "delivery"}
    shop.place_order("1", customer_id=ANNA, **values)


def sleeps_before_it_sends(app: Flask, meanwhile: Callable[[], None]) -> None:
    """A worker claims, stands still while `meanwhile` happens, and goes on."""
    asked = 0

    def clock() -> dt.datetime:
        nonlocal asked
        asked += 1
        if asked == 2:  # once for the claim, and then before anything is written or sent
            meanwhile()
        return NOW

    ids = queue(STALE)
    record_outcomes(perform.perform(ids, STALE, fire.box_of(app), clock))


def somebody_else_does_it(app: Flask) -> None:
    for run_id in [run.id for run in db.session.query(Run)]:
        shop.set_run(run_id, state=WAITING, workflow_id=None)
    record_outcomes(perform_runs(app, queue("another one"), "another one"))


def test_a_worker_that_slept_past_its_time_sends_nothing_and_changes_nothing(
    app: Flask, outside: Sinks
) -> None:
    place()
    sleeps_before_it_sends(app, lambda: somebody_else_does_it(app))
    assert {run.state for run in shop.runs()} == {SUCCEEDED}
    assert (dict(outside.emails), dict(outside.calls)) == ({"confirm 1/0": 1}, {"book 1/0": 1})
    assert {attempt.number for attempt in db.session.query(Attempt)} == {2}


def test_without_the_fence_it_would_send_a_second_time(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    monkeypatch.setattr(fence, "still_ours", lambda _session, tries: set(tries))
    # Its task would be a second one too: there the table itself says no.
    with pytest.raises(sa.exc.IntegrityError):
        sleeps_before_it_sends(app, lambda: somebody_else_does_it(app))
    assert dict(outside.emails) == {"confirm 1/0": 2}


def dies_after_sending(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is out, the answer was not written down, and another worker takes over."""
    with monkeypatch.context() as patch:
        patch.setattr(Notes, "add", _killed)
        with pytest.raises(Killed):
            perform_runs(app, queue())
    db.session.rollback()
    somebody_else_does_it(app)


def _killed(*_: object) -> None:
    raise Killed


def test_what_left_before_the_death_and_has_no_key_is_left_to_a_person(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    dies_after_sending(app, monkeypatch)
    assert [run.state for run in shop.runs()] == [UNKNOWN, SUCCEEDED, SUCCEEDED]
    assert dict(outside.emails) == {"confirm 1/0": 1}


def dies_often(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above, and so does whoever takes over."""
    with monkeypatch.context() as patch:
        patch.setattr(Notes, "add", _killed)
        for _ in range(poison_runs.MOST_DEATHS):
            with pytest.raises(Killed):
                perform_runs(app, queue(), "workflow-1")
            db.session.rollback()
            run_in_write(lambda session: poison_runs.again(session, sa.true(), NOW))


def test_what_may_have_left_is_not_called_failed_however_often_its_worker_died(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    dies_often(app, monkeypatch)
    run = shop.runs()[0]
    assert [one.state for one in shop.runs()] == [UNKNOWN, FAILED, FAILED]
    assert dict(outside.emails) == {"confirm 1/0": 1}
    assert (run.reason or "").startswith("Parked: the program stopped 3 times while doing this")


@pytest.mark.parametrize("said", [None, TryAgain("Later."), Refused("No.")])
def test_who_wakes_up_after_its_run_was_parked_and_decided_about_changes_nothing(
    app: Flask, outside: Sinks, rosa: User, monkeypatch: pytest.MonkeyPatch, said: Exception | None
) -> None:
    place()
    shop.set_run(1, deaths=[NOW.isoformat()] * 2)
    send = SmtpConnector.send

    def counts_as_dead(self: SmtpConnector, email: OutgoingEmail) -> Receipt:
        run_in_write(lambda session: poison_runs.again(session, Run.id == 1, NOW))
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


def test_what_may_have_left_is_not_called_cancelled_by_who_archives(
    app: Flask, outside: Sinks, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    with monkeypatch.context() as patch:
        patch.setattr(Notes, "add", _killed)
        with pytest.raises(Killed):
            perform_runs(app, queue())
    run_in_write(lambda session: poison_runs.again(session, sa.true(), NOW))
    with write() as session:
        (automation,) = session.query(Automation).filter_by(name="Confirm")
        archiving.archive(session, automation, session.get_one(User, rosa.id), NOW)
    record_outcomes(perform_runs(app, queue()))
    assert [run.state for run in shop.runs()] == [UNKNOWN, SUCCEEDED, CANCELLED]
    assert dict(outside.emails) == {"confirm 1/0": 1}


def test_without_the_attempt_before_the_connection_it_would_leave_twice(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    monkeypatch.setattr(attempts, "_insert", lambda *_: None)
    dies_after_sending(app, monkeypatch)
    assert dict(outside.emails) == {"confirm 1/0": 2}


def dies_after_the_call(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above, for the request, which has a key; the email is through."""
    add = Notes.add

    def dies_at_the_call(notes: Notes, one: OpenedRun, *rest: Any) -> None:
        if one.run.kind == "http_request":
            raise Killed
        add(notes, one, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Notes, "add", dies_at_the_call)
        with pytest.raises(Killed):
            perform_runs(app, queue())
    db.session.rollback()
    somebody_else_does_it(app)


def test_a_request_that_is_made_again_takes_effect_once(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    dies_after_the_call(app, monkeypatch)
    assert (dict(outside.calls), outside.deliveries) == ({"book 1/0": 1}, 3)


def test_without_the_same_key_at_every_try_it_would_take_effect_twice(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    keys = iter(range(100))
    monkeypatch.setattr(claimed_run, "key_of", lambda *_: f"key-{next(keys)}")
    dies_after_the_call(app, monkeypatch)
    assert dict(outside.calls) == {"book 1/0": 2}
