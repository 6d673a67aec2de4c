"""What will be sent, to which record and when."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from automations.features.history.upcoming_runs import Upcoming, next_firings, upcoming
from automations.features.scheduling import scan, upcoming_decisions
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.runs.run_decisions import AlreadyDecided
from tests.kit.doing import perform_due
from tests.kit.shop import condition, email_to, place_event, place_order, publish_automation, runs, switch_off
from tests.kit.time import at, london, reached, timed
from tests.world import NOW

DAY = dt.timedelta(days=1)
LATER = {"when": "after", "amount": "2", "unit": "hours", "recheck": True}


def test_waiting_runs_and_future_instants_share_one_list(app: Flask, bloom: Store) -> None:
    publish_automation("Thanks", "created", actions=[email_to() | {"timing": LATER}])
    timed("Prepare", "date_reached", reached("delivery_date", "before", 1))
    order = place_order(delivery_date=dt.date(2026, 11, 26))
    found = _upcoming(bloom)
    assert [(one.at, one.automation, one.record_id) for one in found] == [
        (NOW + dt.timedelta(hours=2), "Thanks", order.id),
        (at("2026-11-25 09:00"), "Prepare", order.id),
    ]
    assert found[0].run_id and not found[1].run_id
    assert found[1].record == "Order 10482" and found[1].action


def test_what_is_listed_is_what_happens(app: Flask, bloom: Store) -> None:
    again = reached("delivery_date", "after", 1, repeat_every="3", repeat_unit="days", repeat_times="2")
    timed("Ask", "date_reached", again, condition("payment_status", "equals", "unpaid"))
    for n in range(6):
        day = dt.date(2026, 11, 24) + n * DAY
        place_order(str(n), delivery_date=day, payment_status="paid" if n == 3 else "unpaid")
    foretold = [(one.at, one.record_id) for one in _upcoming(bloom)]
    assert len(foretold) == 15
    for hours in range(0, 24 * 16, 12):
        now = NOW + dt.timedelta(hours=hours)
        before = [(one.at, one.record_id) for one in _upcoming(bloom, now=now) if one.run_id is None]
        assert before == [one for one in foretold if one[0] > now]
        scan.scan(now)


def test_finished_runs_and_switched_off_automations_are_not_listed(app: Flask, bloom: Store) -> None:
    id = timed("Prepare", "date_reached", reached("event_date", "before", 3), subject="event")
    place_event(event_date=dt.date(2026, 12, 10))
    assert len(_upcoming(bloom, db.session.get_one(Automation, id))) == 1
    switch_off(id)
    assert _upcoming(bloom) == []


def test_a_schedule_says_how_many_records_it_would_fire_for(app: Flask, bloom: Store) -> None:
    weekly = {"every": "week", "weekday": "monday", "day": None, "time": "08:00"}
    timed("Unpaid", "scheduled", weekly, condition("payment_status", "equals", "unpaid"))
    place_order("1")
    place_order("2", payment_status="paid")
    (found,) = _upcoming(bloom)
    assert (found.at, found.count, found.record, found.record_id) == (
        at("2026-11-23 08:00"),
        1,
        "1 order",
        None,
    )


def test_the_limit_keeps_the_soonest_actions(app: Flask, bloom: Store) -> None:
    timed("Prepare", "date_reached", reached("delivery_date", "before", 1))
    for n in range(5):
        place_order(str(n), delivery_date=dt.date(2026, 12, 20) - n * DAY)
    found = upcoming(db.session(), bloom, limit=2, now=NOW)
    assert [one.record for one in found] == ["Order 4", "Order 3"]


def test_the_builder_shows_the_next_times_of_a_schedule(app: Flask, bloom: Store) -> None:
    trigger = {
        "key": "scheduled",
        "schedule": {"every": "month", "weekday": None, "day": "31", "time": "08:00"},
    }
    found = next_firings(trigger, "order", bloom, NOW, 3, session=db.session())
    days = (dt.date(2026, 11, 30), dt.date(2026, 12, 31), dt.date(2027, 1, 31))
    assert found == [london(day, "08:00") for day in days]


def test_the_builder_shows_the_next_times_for_existing_records(app: Flask, bloom: Store) -> None:
    for n, day in enumerate((10, 10, 4, 20)):
        place_event(f"E-{n}", event_date=dt.date(2026, 12, day))
    trigger = {"key": "date_reached", "schedule": reached("event_date", "before", 3)}
    found = next_firings(trigger, "event", bloom, NOW, 2, session=db.session())
    assert found == [at("2026-12-01 09:00"), at("2026-12-07 09:00")]
    assert next_firings({"key": "created"}, "event", bloom, NOW, session=db.session()) == []


def test_a_skipped_instant_never_fires(app: Flask, bloom: Store, rosa: User) -> None:
    publish_automation("Thanks", "created", actions=[email_to() | {"timing": LATER}])
    id = timed("Prepare", "date_reached", reached("delivery_date", "before", 1))
    order = place_order(delivery_date=dt.date(2026, 11, 26))
    _skip_run(rosa)
    _skip_due(rosa, id, order.id)
    assert _upcoming(bloom) == []
    assert scan.scan(at("2026-11-25 10:00")) == 0
    (run,) = runs()
    assert (run.state, run.reason) == ("cancelled", "Rosa Lind skipped it before it was due.")
    with pytest.raises(AlreadyDecided):
        _skip_run(rosa)
    with pytest.raises(AlreadyDecided):
        _skip_due(rosa, id, order.id)


def test_a_run_sent_now_does_not_wait(app: Flask, rosa: User) -> None:
    date = {"when": "date", "field": "delivery_date", "amount": "0", "unit": "days", "direction": "after"}
    publish_automation("Thanks", "created", actions=[email_to() | {"timing": date}])
    place_order(delivery_date=dt.date(2026, 11, 26))
    with write() as session:
        upcoming_decisions.send_now(session, runs()[0], rosa, NOW)
    assert perform_due(NOW) == 1
    db.session.rollback()
    # There is nobody to write to, which only shows when it is done.
    assert [run.state for run in runs()] == ["skipped"]


def test_a_run_sent_now_leaves_though_its_date_moved(app: Flask, rosa: User) -> None:
    date = {"when": "date", "field": "delivery_date", "amount": "0", "unit": "days", "direction": "after"}
    publish_automation("Thanks", "created", actions=[email_to("manager") | {"timing": date}])
    place_order(delivery_date=dt.date(2026, 11, 26))
    place_order(delivery_date=dt.date(2026, 12, 24), now=NOW + dt.timedelta(hours=1))
    with write() as session:
        upcoming_decisions.send_now(session, runs()[0], rosa, NOW + DAY)
    perform_due(NOW + DAY)
    db.session.rollback()
    assert [run.state for run in runs()] == ["succeeded"]


def _skip_run(user: User) -> None:
    with write() as session:
        upcoming_decisions.skip_run(session, runs()[0], user, NOW)


def _skip_due(user: User, automation_id: int, order_id: int) -> None:
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        due_at = at("2026-11-25 09:00")
        upcoming_decisions.skip_due(session, automation, "order", order_id, due_at, user, NOW)


def _upcoming(store: Store, automation: Automation | None = None, now: dt.datetime = NOW) -> list[Upcoming]:
    db.session.rollback()
    return upcoming(db.session(), store, automation, now=now)
