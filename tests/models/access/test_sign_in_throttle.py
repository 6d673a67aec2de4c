"""Wrong passwords make the next try wait, but lock nobody out."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from flask import Flask

from automations.models.access import browser_sessions, sign_in_throttle
from automations.models.access.sign_in_throttle import (
    FREE_ADDRESS,
    FREE_ANYWHERE,
    FREE_HERE,
    LONGEST_WAIT,
    SignInThrottled,
)
from automations.models.db.base import db, write
from automations.models.tables.people import SignInFailure, User
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
ROSA, HERE, ELSEWHERE = "rosa@bloom.example", "198.51.100.1", "203.0.113.9"
SECOND = dt.timedelta(seconds=1)


def fail(email: str = ROSA, address: str = HERE, now: dt.datetime = NOW) -> int:
    """Try once; return how many seconds the try has to wait, 0 if it was counted."""
    try:
        with write() as session:
            sign_in_throttle.count_try(session, email, address, now)
    except SignInThrottled as error:
        return error.seconds
    return 0


def test_the_wait_doubles_up_to_a_minute_and_never_becomes_a_lockout() -> None:
    waits = [sign_in_throttle.wait_seconds(failures, 3) for failures in range(12)]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert sign_in_throttle.wait_seconds(10**6, 3) == LONGEST_WAIT


def test_after_a_few_failures_the_next_try_has_to_wait() -> None:
    assert [fail() for _ in range(FREE_HERE)] == [0] * FREE_HERE
    assert fail() == 1
    assert fail(now=NOW + SECOND) == 0
    assert fail(now=NOW + SECOND) == 2


def test_a_try_that_comes_too_soon_does_not_prolong_the_wait() -> None:
    for _ in range(FREE_HERE):
        fail()
    assert {fail() for _ in range(50)} == {1}
    assert db.session.query(SignInFailure).count() == FREE_HERE
    assert fail(now=NOW + SECOND) == 0


def test_an_address_that_tries_many_accounts_has_to_wait() -> None:
    assert [fail(f"{number}@bloom.example") for number in range(FREE_ADDRESS)] == [0] * FREE_ADDRESS
    assert fail("another@bloom.example") == 1
    assert fail("another@bloom.example", ELSEWHERE) == 0


def test_an_account_tried_from_many_addresses_has_to_wait() -> None:
    assert [fail(address=f"203.0.113.{number}") for number in range(FREE_ANYWHERE)] == [0] * FREE_ANYWHERE
    assert fail(address="203.0.113.200") == 1


def test_failures_elsewhere_cause_no_wait_at_an_address_the_person_signed_in_from() -> None:
    with write() as session:
        rosa = session.query(User).filter_by(email=ROSA).one()
        browser_sessions.start(session, rosa, browser_sessions.Browser("", HERE), NOW)
    for number in range(FREE_ANYWHERE):
        fail(address=f"203.0.113.{number}")
    assert fail(address="203.0.113.200") > 0
    assert fail() == 0


def test_failures_are_forgotten_after_an_hour() -> None:
    for second in range(20):
        fail(now=NOW + second * SECOND)
    assert fail(now=NOW + sign_in_throttle.WINDOW + 21 * SECOND) == 0


def test_simultaneous_tries_are_counted_one_after_the_other(app: Flask) -> None:
    counted = []

    def work() -> None:
        with app.app_context():
            counted.append(fail())
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted.count(0) == FREE_HERE
