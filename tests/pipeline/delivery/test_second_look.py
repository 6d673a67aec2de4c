"""An action that waited asks all of it again: what set the automation off as well as its conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from automations.features.audience import segment_edits
from automations.features.scheduling import manual_run, scan, send_early
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation, Version
from automations.models.tables.customer import Customer
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, SUCCEEDED
from automations.models.tables.store import Store
from tests.kit.doing import perform_due
from tests.kit.shop import (
    condition,
    email_to,
    place_customer,
    place_event,
    place_order,
    publish_automation,
    runs,
)
from tests.kit.time import at, reached, timed
from tests.world import NOW

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
WEEK = {"when": "after", "amount": "7", "unit": "days", "recheck": True}
NO_LONGER = "When it was due, its conditions no longer held: "
ANNA = {"email": "anna@grandhotel.example"}
STAYS = {"status_field": "status", "status": "confirmed", "amount": "2", "unit": "days"}
DAILY = {"every": "day", "time": "08:00"}

Step = Callable[[dt.datetime], Any]


def order(**values: Any) -> Step:
    return lambda now: place_order(customer_id=_anna(), now=now, **values)


def event(**values: Any) -> Step:
    return lambda now: place_event(customer_id=_anna(), now=now, **values)


def customer(**values: Any) -> Step:
    return lambda now: place_customer("C-9", now=now, **ANNA, **values)


def time_passes(days: int) -> Step:
    return lambda now: scan.scan(now + days * DAY)


@dataclass(frozen=True)
class Case:
    """An automation with an action a week later, the steps that set it off, and what happens meanwhile."""

    listens: dict[str, Any]
    #: Two hours apart; it fires at the last of them.
    steps: tuple[Step, ...]
    meanwhile: Step
    reason: str
    subject: str = "order"


STATUS = {"trigger": "status_changed"}
PAYMENT = {"trigger": "payment_status_changed"}
CARRIER = {"trigger": "carrier_changed"}
CASES = {
    "a status to": Case(
        STATUS | {"after": "fulfilled"},
        (order(), order(status="fulfilled")),
        order(status="cancelled"),
        "Status changed to Cancelled, needs Fulfilled.",
    ),
    "a status from": Case(
        STATUS | {"before": "unconfirmed"},
        (order(), order(status="picked")),
        order(status="unconfirmed"),
        "Status is Unconfirmed again.",
    ),
    "a payment status": Case(
        PAYMENT | {"before": "unpaid", "after": "paid"},
        (order(), order(payment_status="paid")),
        order(payment_status="refunded"),
        "Payment status changed to Refunded, needs Paid.",
    ),
    "a payment status from": Case(
        PAYMENT | {"before": "unpaid"},
        (order(), order(payment_status="paid")),
        order(payment_status="unpaid"),
        "Payment status is Unpaid again.",
    ),
    "the carrier’s status": Case(
        CARRIER | {"after": "delivered"},
        (order(), order(delivery_status="delivered")),
        order(delivery_status="returned"),
        "Delivery status changed to Returned, needs Delivered.",
    ),
    "a choice that changed": Case(
        {"trigger": "field_changed", "field": "fulfilment_method", "after": "delivery"},
        (order(), order(fulfilment_method="delivery")),
        order(fulfilment_method="collection"),
        "Fulfilment method changed to Collection, needs Delivery.",
    ),
    "a status as a field that changed": Case(
        {"trigger": "field_changed", "field": "status", "before": "unconfirmed", "after": "picked"},
        (order(), order(status="picked")),
        order(status="unconfirmed"),
        "Status is Unconfirmed again.",
    ),
    "a condition on the change": Case(
        STATUS | {"conditions": (condition("status", "changed_to", "fulfilled"),)},
        (order(), order(status="fulfilled")),
        order(status="cancelled"),
        "Status changed to Cancelled, needs Fulfilled.",
    ),
    "one alternative beside the weekday": Case(
        STATUS
        | {
            "conditions": (
                {
                    "match": "any",
                    "conditions": [
                        condition("now.weekday", "equals", "monday"),
                        condition("payment_status", "equals", "unpaid"),
                    ],
                },
            )
        },
        (order(), order(status="fulfilled")),
        order(payment_status="paid"),
        "None of the alternatives holds (weekday is Sunday, needs Monday; payment status is Paid, "
        "needs Unpaid).",
    ),
    "a status that lasted": Case(
        {"trigger": "stays_in_status", "schedule": STAYS},
        (order(status="confirmed"), time_passes(2)),
        order(status="cancelled"),
        "Status is Cancelled, needs Confirmed.",
    ),
    "a date that moved": Case(
        {"trigger": "date_reached", "schedule": reached("event_date", "before", 3)},
        (event(event_date=dt.date(2026, 11, 26)), time_passes(2)),
        event(event_date=dt.date(2027, 1, 10)),
        "Event date is 10 Jan 2027 now, and that is still to come.",
        subject="event",
    ),
    "a date that had to be so far away": Case(
        {"trigger": "created", "conditions": (condition("event_date", "in_exactly", "2 weeks"),)},
        (event(event_date=NOW.date() + 14 * DAY),),
        event(event_date=dt.date(2027, 1, 10)),
        "Event date is 10 Jan 2027, needs to be in exactly 2 weeks.",
        subject="event",
    ),
    "a date that was taken away": Case(
        {"trigger": "date_reached", "schedule": reached("event_date", "before", 3)},
        (event(event_date=dt.date(2026, 11, 26)), time_passes(2)),
        event(event_date=None),
        "Event date is empty.",
        subject="event",
    ),
    "a segment entered": Case(
        {"trigger": "segment_entered", "after": "segment"},
        (customer(), customer(tags=["vip"])),
        customer(tags=[]),
        "the customer is not in the segment Best any more.",
        subject="customer",
    ),
    "a segment left": Case(
        {"trigger": "segment_left", "before": "segment"},
        (customer(tags=["vip"]), customer(tags=[])),
        customer(tags=["vip"]),
        "the customer is in the segment Best again.",
        subject="customer",
    ),
    "a schedule for a segment": Case(
        {"trigger": "scheduled", "schedule": DAILY | {"segment": "segment"}},
        (customer(tags=["vip"]), time_passes(1)),
        customer(tags=[]),
        "the customer is not in the segment Best any more.",
        subject="customer",
    ),
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(app: Flask, request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    _publish(found)
    for place, step in enumerate(found.steps):
        step(NOW + place * 2 * HOUR)
    return found


def test_what_set_it_off_and_does_not_hold_any_more_cancels_it(case: Case) -> None:
    case.meanwhile(NOW + 4 * DAY)
    assert _at_the_second_look() == (CANCELLED, NO_LONGER + case.reason)


def test_what_still_holds_sends_it(case: Case) -> None:
    assert _at_the_second_look()[0] == SUCCEEDED


def test_a_change_undone_and_done_again_counts(app: Flask) -> None:
    _publish(CASES["a status to"])
    for place, status in enumerate(("unconfirmed", "fulfilled", "cancelled", "fulfilled")):
        place_order(status=status, customer_id=_anna(), now=NOW + place * HOUR)
    for run in runs():
        perform_due(run.due_at)
    assert _states() == [SUCCEEDED, SUCCEEDED]


def test_a_status_entered_again_has_not_lasted(app: Flask) -> None:
    _publish(CASES["a status that lasted"])
    place_order(status="confirmed", customer_id=_anna())
    scan.scan(NOW + 2 * DAY)
    place_order(status="picked", now=NOW + 8 * DAY)
    place_order(status="confirmed", now=NOW + 8 * DAY)
    reason = "Status is Confirmed again, but not for as long."
    assert _at_the_second_look() == (CANCELLED, NO_LONGER + reason)


def test_a_date_that_moved_closer_is_still_reached(app: Flask) -> None:
    _publish(CASES["a date that moved"])
    place_event(customer_id=_anna(), event_date=dt.date(2026, 11, 26))
    scan.scan(NOW + 2 * DAY)
    place_event(event_date=dt.date(2026, 11, 25), now=NOW + 2 * DAY)
    assert _at_the_second_look()[0] == SUCCEEDED


def test_in_any_case_is_in_any_case(app: Flask) -> None:
    _publish(CASES["a status to"], WEEK | {"recheck": False})
    place_order(customer_id=_anna())
    place_order(status="fulfilled", now=NOW + HOUR)
    place_order(status="cancelled", now=NOW + DAY)
    assert _at_the_second_look()[0] == SUCCEEDED


def test_who_runs_it_by_hand_is_not_asked_about_its_trigger(app: Flask) -> None:
    id = _publish(CASES["a status to"])
    placed = place_order(customer_id=_anna())
    with write() as session:
        store, rosa = _store(session), session.query(User).filter_by(email="rosa@bloom.example").one()
        version = session.query(Version).filter_by(automation_id=id).one()
        assert manual_run.run(session, store, version, [placed.id], rosa, NOW) == 1
    assert _at_the_second_look()[0] == SUCCEEDED


def test_what_was_sent_before_its_date_does_not_wait_for_the_date(app: Flask) -> None:
    id = _publish(CASES["a date that moved"])
    placed = place_event(customer_id=_anna(), event_date=dt.date(2027, 1, 10))
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        automation = session.get_one(Automation, id)
        send_early.send_due(session, automation, placed.id, at("2027-01-07 09:00"), rosa, NOW)
    assert _at_the_second_look()[0] == SUCCEEDED


def test_the_moment_keeps_its_first_answer_beside_what_is_asked_again(app: Flask) -> None:
    sunday = condition("now.weekday", "equals", "sunday")
    either = {"match": "any", "conditions": [sunday, condition("payment_status", "equals", "unpaid")]}
    later = email_to() | {"timing": WEEK | {"amount": "1"}}
    publish_automation("Thanks", "created", either, actions=[later])
    place_order(customer_id=_anna())
    place_order(payment_status="paid", now=NOW + HOUR)
    perform_due(NOW + DAY)
    assert _states() == [SUCCEEDED]


def _publish(case: Case, timing: dict[str, Any] = WEEK) -> int:
    segment = _segment() if "segment" in str(case.listens) else ""
    listens = {key: segment if value == "segment" else value for key, value in case.listens.items()}
    actions = [email_to() | {"timing": timing}]
    schedule = listens.pop("schedule", None)
    if schedule is None:
        conditions = listens.pop("conditions", ())
        return publish_automation(
            "Thanks", listens.pop("trigger"), *conditions, subject=case.subject, actions=actions, **listens
        )
    asked = {key: segment if value == "segment" else value for key, value in schedule.items()}
    return timed("Thanks", listens["trigger"], asked, subject=case.subject, actions=actions)


def _at_the_second_look() -> tuple[str, str | None]:
    """Perform the one run when it is due; return its state and reason."""
    db.session.rollback()
    (run,) = runs()
    assert run.due_at > run.evaluation.at
    perform_due(run.due_at)
    db.session.rollback()
    (run,) = runs()
    return run.state, run.reason


def _states() -> list[str]:
    db.session.rollback()
    return [run.state for run in runs()]


def _segment() -> str:
    vip = condition("tags", "contains", "vip")
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        return str(segment_edits.save(session, _store(session), rosa, None, "Best", [vip], NOW).id)


def _store(session: Any) -> Store:
    found: Store = session.query(Store).filter_by(name="Bloom & Wild St").one()
    return found


def _anna() -> int:
    return int(db.session.query(Customer).filter_by(number="C-1").one().id)
