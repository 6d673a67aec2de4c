"""The builder's card for a draft that waits for a time: shares, limits, comparison."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import write
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.kit.past_time import every
from tests.kit.time import reached, timed
from tests.web.builder.test_past_card import DELIVERY, counted
from tests.web.pages import assert_fragment, text_of

DAY = dt.timedelta(days=1)
#: Number, fulfilment method, total.
ORDERS = (("1", "delivery", "50"), ("2", "collection", "90"), ("3", "delivery", "32.50"))
BEFORE = {"key": "date_reached", "from": None, "to": None, "schedule": reached("delivery_date", "before", 1)}


@pytest.fixture
def due(bloom: Store) -> None:
    """Three orders that were due two weeks ago."""
    now = dt.datetime.now(dt.UTC)
    for number, method, total in ORDERS:
        values = {
            "fulfilment_method": method,
            "total": Decimal(total),
            "delivery_date": (now - 14 * DAY).date(),
        }
        shop.place_order(number, now=now - 20 * DAY, **values)


def draft(*conditions: dict[str, Any], trigger: dict[str, Any] = BEFORE, **more: Any) -> int:
    automation_id = shop.draft_automation("Remind", "created", *conditions)
    change(automation_id, trigger=trigger, **more)
    return automation_id


def change(automation_id: int, **parts: Any) -> None:
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        automation.draft = automation.draft | parts


@pytest.mark.usefixtures("due")
def test_each_row_says_how_many_due_times_it_let_through(as_finn: FlaskClient) -> None:
    over_40 = shop.condition("total", "greater_than", "40")
    words = counted(as_finn, draft(DELIVERY, {"match": "any", "conditions": [over_40]}), record="3")
    assert "1 of 3 due times would have fired it" in words and "3 in 90 days" in words
    assert "2 of 3 · latest not met: #2 Collection" in words and "1 of 2 · latest not met: #3 £32.50" in words
    assert " #3: £32.50, needs over £40.00" in words


@pytest.mark.usefixtures("due")
def test_a_row_that_is_not_complete_is_left_out(as_finn: FlaskClient) -> None:
    words = counted(as_finn, draft(shop.condition("total", "greater_than"), DELIVERY))
    assert "2 of 3 due times would have fired it" in words
    assert "Without condition 1, which is not complete." in words


@pytest.mark.usefixtures("due")
def test_limits_and_the_live_version_are_counted_too(as_finn: FlaskClient) -> None:
    weekly = {"key": "scheduled", "from": None, "to": None, "schedule": every("week", weekday="monday")}
    once = {"once_per_record": True, "once_per_customer_days": None, "per_hour": None}
    automation_id = draft(DELIVERY, trigger=weekly, caps=once)
    words = counted(as_finn, automation_id)
    assert "for 2 orders With its limits it would have run 2 times." in words
    assert "Against" not in words


def test_a_draft_is_compared_moment_by_moment_with_the_live_version(as_finn: FlaskClient, due: None) -> None:
    automation_id = timed("Remind", "date_reached", BEFORE["schedule"], DELIVERY)
    assert "Against" not in counted(as_finn, automation_id)
    change(automation_id, conditions=[shop.condition("total", "greater_than", "40")])
    assert "Against version 1: +1 −1" in counted(as_finn, automation_id)
    change(automation_id, trigger={"key": "created", "from": None, "to": None})
    assert "Against version 1: +2 −2" in counted(as_finn, automation_id)


@pytest.mark.usefixtures("due")
def test_a_test_says_under_each_row_how_the_record_fares(as_rosa: FlaskClient) -> None:
    automation_id = draft(DELIVERY)
    form = {"name": "Remind", "revision": "1", "subject": "order", "trigger-key": "created"}
    form |= {"conditions-0-field": "fulfilment_method", "conditions-0-operator": "equals"}
    form |= {"conditions-0-value": "delivery", "record": "2"}
    address = f"/automations/{automation_id}/test-fires"
    answer = as_rosa.post(address, data=form, headers={"HX-Request": "true"})
    assert_fragment(answer, f"automation-{automation_id}-try")
    assert 'id="reach-try-conditions-0" hx-swap-oob="true"' in answer.text
    assert "#2: Collection, needs Delivery" in text_of(answer)
    unknown = as_rosa.post(address, data=form | {"record": "404"}, headers={"HX-Request": "true"})
    assert 'id="reach-try-conditions-0" hx-swap-oob="true"></span>' in unknown.text


def test_an_own_field_that_is_written_down_only_since_some_day_is_named(as_finn: FlaskClient) -> None:
    key, now = own_field("Gift card"), dt.datetime.now(dt.UTC)
    for number in range(8):
        custom = {"custom": {key.removeprefix("custom."): "yes"}} if number > 3 else {}
        shop.place_order(str(number), now=now - (9 - number) * DAY, **custom)
    automation_id = shop.draft_automation("Cards", "created", shop.condition(key, "equals", "yes"))
    words = counted(as_finn, automation_id)
    assert "4 of 8 new orders would have fired it" in words
    assert "“Gift card” is recorded since" in words
    assert "before that it is unknown." in words
