"""A clock that is set back or forward: nothing is lost, and nothing happens twice."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from random import Random

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from automations.features.audience import nightly_segments, segment_edits
from automations.features.scheduling import scan
from automations.models.access import action_rate_limit, sign_in_throttle
from automations.models.access.audit import note
from automations.models.db.base import db, run_in_write, write
from automations.models.tables import heartbeat
from automations.models.tables.called_host import CalledHost
from automations.models.tables.people import User
from automations.models.tables.segment import Segment
from automations.models.tables.store import Store
from automations.pipeline.delivery import circuit_breaker
from automations.worker import cleanup
from tests.kit.shop import condition, place_order
from tests.kit.time import at, dues, publish_schedule, reached, scan_through, timed
from tests.world import NOW

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
SOON = reached("placed_at", "after", 30, unit="minutes", time=None)
DAILY = {"every": "day", "weekday": None, "day": None, "time": "09:00"}


def order_at(number: str, now: dt.datetime) -> int:
    return place_order(number, now=now, placed_at=now).id


@pytest.mark.parametrize("back", [5 * MINUTE, HOUR, DAY])
def test_what_is_ordered_in_the_repeated_time_has_its_reminders(app: Flask, back: dt.timedelta) -> None:
    id = timed("Ask", "date_reached", SOON)
    before = order_at("1", NOW + MINUTE)
    scan_through(NOW, NOW + 2 * HOUR, 10 * MINUTE)
    repeated = NOW + 2 * HOUR - back
    within = [order_at(f"r{minutes}", repeated + minutes * MINUTE) for minutes in (0, 1, 2, 4)]
    scan_through(repeated + 4 * MINUTE, NOW + 3 * HOUR, 10 * MINUTE)
    assert Counter(record for record, _ in dues(id)) == Counter([before, *within])


def test_a_worker_that_was_away_when_the_clock_was_set_back_catches_up(app: Flask) -> None:
    id = timed("Ask", "date_reached", SOON)
    order_at("1", NOW + 115 * MINUTE)
    scan_through(NOW, NOW + 2 * HOUR, 10 * MINUTE)
    within = order_at("2", NOW + HOUR)
    scan.scan(NOW + 100 * MINUTE)
    assert [record for record, _ in dues(id)] == [within]


@pytest.mark.parametrize("back", [5 * MINUTE, HOUR, DAY])
def test_a_recurring_time_that_comes_again_is_for_the_new_records_only(
    app: Flask, back: dt.timedelta
) -> None:
    id = timed("Daily", "scheduled", DAILY, now=at("2026-11-22 08:00"))
    first = order_at("1", at("2026-11-22 08:10"))
    scan_through(at("2026-11-22 08:20"), at("2026-11-22 09:02"), MINUTE)
    assert [record for record, _ in dues(id)] == [first]
    repeated = at("2026-11-22 09:02") - back
    second = order_at("2", repeated)
    scan_through(repeated, at("2026-11-22 09:10"), 2 * MINUTE)
    today = [record for record, instant in dues(id) if instant == at("2026-11-22 09:00")]
    assert sorted(today) == [first, second]
    assert max(Counter(dues(id)).values()) == 1


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_clock_does_each_order_is_asked_once(app: Flask, seed: int) -> None:
    """The clock goes on, and now and then back or forward by minutes, an hour, a day."""
    chance, now, orders = Random(seed), NOW, {}
    soon = timed("Ask", "date_reached", SOON)
    daily = timed("Daily", "scheduled", DAILY)
    for step in range(60):
        now += chance.choice([MINUTE, 7 * MINUTE, 25 * MINUTE])
        if chance.random() < 0.15:
            now += chance.choice([-DAY, -HOUR, -10 * MINUTE, 10 * MINUTE, HOUR, DAY])
        if chance.random() < 0.4:
            orders[order_at(str(step), now)] = now
        scan.scan(now)
    last = max([now, *orders.values()]) + 2 * DAY
    scan_through(now, last, 3 * HOUR)
    assert Counter(record for record, _ in dues(soon)) == Counter(orders.keys())
    instants = dues(daily)
    assert len(set(instants)) == len(instants)
    for id, made in orders.items():
        mornings = {made.replace(hour=9, minute=0) + n * DAY for n in range(10)}
        expected = {instant for instant in mornings if made < instant <= last}
        assert expected <= {instant for record, instant in instants if record == id}, (seed, id)


def test_a_version_that_ended_before_the_clock_was_set_back_stays_ended(app: Flask) -> None:
    id = timed("Ask", "date_reached", SOON)
    scan_through(NOW, NOW + 2 * HOUR, 10 * MINUTE)
    publish_schedule(id, reached("placed_at", "after", 50, unit="minutes", time=None), NOW + 2 * HOUR)
    scan.scan(NOW + 2 * HOUR)
    order = order_at("1", NOW + HOUR)
    scan_through(NOW + HOUR, NOW + 3 * HOUR, 10 * MINUTE)
    assert dues(id) == [(order, NOW + HOUR + 50 * MINUTE)]


def test_a_heartbeat_from_before_the_clock_was_set_back_is_replaced(app: Flask) -> None:
    for now in (NOW, NOW - HOUR):
        run_in_write(lambda session, now=now: heartbeat.note(session, {heartbeat.SCAN: now}))
    assert heartbeat.latest(db.session())[heartbeat.SCAN].at == NOW - HOUR
    run_in_write(lambda session: heartbeat.note(session, {heartbeat.SCAN: NOW - HOUR - MINUTE}))
    assert heartbeat.latest(db.session())[heartbeat.SCAN].at == NOW - HOUR, "two workers at once"


def test_the_nightly_cleanup_does_not_wait_for_a_night_in_the_future(app: Flask) -> None:
    night = at("2026-11-23 02:00")
    assert run_in_write(lambda session: cleanup.is_time(session, night + 365 * DAY))
    assert run_in_write(lambda session: cleanup.is_time(session, night))
    assert not run_in_write(lambda session: cleanup.is_time(session, night + HOUR))


def test_the_nightly_refresh_of_segments_is_not_left_out(app: Flask, bloom: Store, rosa: User) -> None:
    lapsed = condition("last_order_date", "within_last", "30")
    with write() as session:
        segment_edits.save(session, bloom, rosa, None, "Lapsed", [lapsed], NOW)
    nightly_segments.refresh_due(NOW + 2 * DAY)
    nightly_segments.refresh_due(NOW + DAY)
    assert db.session.query(Segment).one().refreshed_on == (NOW + DAY).date()


def test_a_host_is_called_again_although_its_wait_lies_in_the_future(app: Flask, bloom: Store) -> None:
    def fails(session: Session) -> None:
        for _ in range(circuit_breaker.FAILURES):
            circuit_breaker.failed(session, bloom.id, "down.example", "down", NOW)

    run_in_write(fails)
    assert db.session.query(CalledHost).one().probe_at == NOW + circuit_breaker.FIRST_WAIT
    ask = (bloom.id, "down.example")
    assert run_in_write(lambda session: circuit_breaker.wait_for(session, *ask, NOW)) is not None
    assert run_in_write(lambda session: circuit_breaker.wait_for(session, *ask, NOW - HOUR)) is None


def test_nobody_is_kept_waiting_for_tries_that_lie_in_the_future(app: Flask, rosa: User) -> None:
    def tests(session: Session) -> None:
        for _ in range(action_rate_limit.MOST[action_rate_limit.SENT]):
            note(session, action=action_rate_limit.SENT, about="a test", user_id=rosa.id, at=NOW)

    run_in_write(tests)
    asked = (rosa.id, action_rate_limit.SENT)
    assert action_rate_limit.limit_message(db.session(), *asked, NOW)
    assert action_rate_limit.limit_message(db.session(), *asked, NOW - HOUR) == ""


def test_nobody_is_locked_out_for_wrong_passwords_that_lie_in_the_future(app: Flask) -> None:
    who = ("rosa@bloom.example", "10.0.0.1")
    with pytest.raises(sign_in_throttle.SignInThrottled):
        for _ in range(50):
            run_in_write(lambda session: sign_in_throttle.count_try(session, *who, NOW))
    run_in_write(lambda session: sign_in_throttle.count_try(session, *who, NOW - HOUR))
