"""Caps limit how often an automation runs, and the log says so; quiet hours postpone marketing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from automations.features.authoring import publish
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Evaluation
from automations.pipeline.evaluation.quiet_hours import after_quiet_hours
from tests.kit import shop
from tests.kit.statements import recorded_statements
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)


def capped(trigger: str = "status_changed", subject: str = "order", **caps: Any) -> None:
    id = shop.draft_automation("Thank you", trigger, subject=subject)
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"caps": caps}
        publish.publish(session, automation, shop._manager(), NOW)


def outcomes() -> list[str]:
    return [evaluation.outcome for evaluation in db.session.query(Evaluation).order_by(Evaluation.id)]


def test_a_cap_of_once_per_record_stops_the_second_run() -> None:
    capped(once_per_record=True)
    shop.place_order()
    for status in ("confirmed", "picked"):
        shop.place_order(status=status)
    shop.place_order("10483")
    shop.place_order("10483", status="confirmed")
    assert outcomes() == ["fired", "capped", "fired"]
    capped_evaluation = db.session.query(Evaluation).filter_by(outcome="capped").one()
    assert capped_evaluation.error == "It runs once for each record, and it already ran for this one."
    assert len(shop.runs()) == 2


def test_a_cap_per_customer_lasts_its_number_of_days() -> None:
    capped("created", once_per_customer_days=7)
    anna, bob = (customer.id for customer in db.session.query(Customer).order_by(Customer.id))
    for place, (customer, days) in enumerate([(anna, 0), (anna, 6), (bob, 6), (anna, 8), (None, 8)]):
        shop.place_order(str(place), customer_id=customer, now=NOW + days * DAY)
    assert outcomes() == ["fired", "capped", "fired", "fired", "fired"]


def test_a_cap_per_customer_counts_the_customers_own_changes_too() -> None:
    capped("field_changed", subject="customer", once_per_customer_days=7)
    for number in ("C-9", "C-10"):
        shop.place_customer(number)
    for number, note, days in (("C-9", "a", 0), ("C-9", "b", 6), ("C-10", "a", 6), ("C-9", "c", 8)):
        shop.place_customer(number, note=note, now=NOW + days * DAY)
    assert outcomes() == ["fired", "capped", "fired", "fired"]


def test_an_hourly_cap_counts_the_last_hour() -> None:
    capped("created", per_hour=2)
    for place, minutes in enumerate((0, 10, 20, 61)):
        shop.place_order(str(place), now=NOW + dt.timedelta(minutes=minutes))
    assert outcomes() == ["fired", "fired", "capped", "fired"]


def test_two_orders_at_once_count_one_after_the_other_because_the_automation_is_locked() -> None:
    capped("created", per_hour=2)
    with recorded_statements() as statements:
        for number in ("1", "2"):
            shop.place_order(number)
    locks = [text for text, _ in statements if re.search(r"FROM automation\s+WHERE automation.id = ", text)]
    assert len(locks) == 2
    if db.engine.dialect.name == "postgresql":
        assert all(text.endswith("FOR UPDATE") for text in locks)


@pytest.mark.parametrize(
    ("hours", "due", "moved"),
    [
        (None, "2026-11-22T19:59", "2026-11-22T19:59"),
        (None, "2026-11-22T20:00", "2026-11-23T08:00"),
        (None, "2026-11-22T07:59", "2026-11-22T08:00"),
        (None, "2026-07-01T19:30", "2026-07-02T07:00"),
        (["22:00", "00:00"], "2026-11-22T22:30", "2026-11-23T00:00"),
        (["22:00", "00:00"], "2026-11-22T00:00", "2026-11-22T00:00"),
        (["12:00", "14:00"], "2026-11-22T13:59", "2026-11-22T14:00"),
        (["12:00", "14:00"], "2026-11-22T14:00", "2026-11-22T14:00"),
        # That day 01:30 does not exist: the clock goes from 01:00 to 02:00.
        (["20:00", "01:30"], "2026-03-28T23:00", "2026-03-29T01:30"),
        ([], "2026-11-22T23:00", "2026-11-22T23:00"),
    ],
)
def test_marketing_in_quiet_hours_is_due_when_they_end_in_the_stores_time_zone(
    hours: list[str] | None, due: str, moved: str
) -> None:
    leaves_at = after_quiet_hours(dt.datetime.fromisoformat(f"{due}+00:00"), ZoneInfo("Europe/London"), hours)
    assert leaves_at == dt.datetime.fromisoformat(f"{moved}+00:00")
