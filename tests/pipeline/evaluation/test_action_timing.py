"""Delayed actions: when they are due, and whether they still run then."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording.formats import BRITISH
from automations.models.db.base import db
from automations.models.tables.run import CANCELLED, SKIPPED, SUCCEEDED, WAITING
from automations.pipeline.evaluation import action_timing
from tests.kit.doing import perform_due
from tests.kit.shop import condition, email_to, place_event, place_order, publish_automation, runs
from tests.kit.time import LONDON, at
from tests.world import NOW

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
AFTER = {"when": "after", "amount": "2", "unit": "hours", "recheck": True}
DATE: dict[str, Any] = {
    "when": "date",
    "field": "event_date",
    "amount": "0",
    "unit": "days",
    "direction": "after",
}
DATE |= {"time": "09:00", "recheck": True}


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (None, "2026-11-22 10:00"),
        ({"when": "now"}, "2026-11-22 10:00"),
        ({"when": "after", "amount": "30", "unit": "minutes"}, "2026-11-22 10:30"),
        ({"when": "after", "amount": "1", "unit": "days", "time": "08:15"}, "2026-11-23 08:15"),
        ({"when": "date", "field": "delivery_date", "time": "07:00"}, "2026-11-24 07:00"),
        ({"when": "date", "field": "placed_at"}, "2026-11-22 10:00"),
        # NOW is a Sunday.
        ({"when": "working_hours"}, "2026-11-23 09:00"),
    ],
)
def test_each_timing_is_due_at_its_instant(asked: dict[str, Any] | None, due: str) -> None:
    snapshot = {"delivery_date": "2026-11-24", "placed_at": "2026-11-20T08:00:00Z"}
    assert action_timing.run_at(asked, SUBJECTS["order"].fields, snapshot, NOW, LONDON, BRITISH) == at(due)


def test_a_delay_in_days_keeps_the_time_of_day_when_the_clock_changes() -> None:
    day = {"when": "after", "amount": "1", "unit": "days"}
    assert action_timing.run_at(
        day, SUBJECTS["order"].fields, {}, at("2026-03-28 09:00"), LONDON, BRITISH
    ) == at("2026-03-29 08:00")


def test_a_run_waits_until_it_is_due(app: Flask) -> None:
    publish_automation("Thanks", "created", actions=[email_to(), email_to() | {"timing": AFTER}])
    place_order(customer_id=_anna())
    assert [run.due_at for run in runs()] == [NOW, NOW + 2 * HOUR]
    assert perform_due(NOW) == 1
    assert perform_due(NOW + 2 * HOUR) == 1
    assert _states() == [SUCCEEDED, SUCCEEDED]


def test_an_action_that_waits_for_an_empty_date_is_skipped_with_the_reason(app: Flask) -> None:
    publish_automation("Prepare", "created", subject="event", actions=[email_to() | {"timing": DATE}])
    place_event()
    (run,) = runs()
    assert (run.state, run.reason) == (SKIPPED, "Event date is empty, so there is no date to wait for.")


def test_a_delayed_run_whose_conditions_no_longer_hold_is_cancelled_with_the_reason(app: Flask) -> None:
    unpaid = condition("payment_status", "equals", "unpaid")
    publish_automation("Chase", "created", unpaid, actions=[email_to() | {"timing": AFTER}])
    place_order(customer_id=_anna())
    place_order(payment_status="paid", now=NOW + HOUR)
    perform_due(NOW + 2 * HOUR)
    (run,) = _runs()
    assert run.state == CANCELLED and run.finished_at == NOW + 2 * HOUR
    assert run.reason == (
        "When it was due, its conditions no longer held: Payment status is Paid, needs Unpaid."
    )


def test_conditions_are_not_checked_again_if_that_is_switched_off(app: Flask) -> None:
    unpaid = condition("payment_status", "equals", "unpaid")
    once = AFTER | {"recheck": False}
    publish_automation("Chase", "created", unpaid, actions=[email_to() | {"timing": once}])
    place_order(customer_id=_anna())
    place_order(payment_status="paid", now=NOW + HOUR)
    perform_due(NOW + 2 * HOUR)
    assert _states() == [SUCCEEDED]


def test_a_delayed_message_is_rendered_from_the_record_as_it_is_then(app: Flask) -> None:
    message = email_to(message="For {{ order.note }}") | {"timing": AFTER}
    publish_automation("Thanks", "created", actions=[message])
    place_order(customer_id=_anna(), note="Monday")
    place_order(note="Tuesday", now=NOW + HOUR)
    perform_due(NOW + 2 * HOUR)
    assert [message.body for message in _runs()[0].messages] == ["For Tuesday"]


def test_a_run_is_postponed_when_its_date_moves_to_a_later_day(app: Flask) -> None:
    publish_automation("Prepare", "created", subject="event", actions=[email_to() | {"timing": DATE}])
    place_event(event_date=dt.date(2026, 11, 24), customer_id=_anna())
    place_event(event_date=dt.date(2026, 11, 26), now=NOW + HOUR)
    perform_due(at("2026-11-24 09:00"))
    (run,) = _runs()
    assert (run.state, run.due_at) == (WAITING, at("2026-11-26 09:00"))
    perform_due(at("2026-11-26 09:00"))
    assert _states() == [SUCCEEDED]


def _anna() -> int:
    return int(db.session.execute(db.text("SELECT id FROM customer WHERE number = 'C-1'")).scalar() or 0)


def _runs() -> list[Any]:
    db.session.rollback()
    return runs()


def _states() -> list[str]:
    return [run.state for run in _runs()]
