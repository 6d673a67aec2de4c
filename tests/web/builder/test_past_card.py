"""What the builder says about the recorded past of a draft: the card, and the lines under its rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from automations.web.builder.past_bars import HEIGHT, MOST_DAYS, day_bars
from tests.kit import shop
from tests.web.pages import assert_fragment, text_of

HX = {"HX-Request": "true"}
DELIVERY = shop.condition("fulfilment_method", "equals", "delivery")
OVER_40 = shop.condition("total", "greater_than", "40")
#: Oldest first: number, fulfilment method, total.
ORDERS = (
    ("1", "delivery", "50"),
    ("2", "collection", "90"),
    ("3", "delivery", "32.50"),
    ("4", "delivery", "60"),
)


@pytest.fixture
def history(bloom: Store) -> None:
    for place, (number, method, total) in enumerate(ORDERS):
        at = dt.datetime.now(dt.UTC) - dt.timedelta(days=len(ORDERS) - place)
        shop.place_order(number, fulfilment_method=method, total=Decimal(total), now=at)


def counted(client: FlaskClient, automation_id: int, **asked: str) -> str:
    answer = client.get(f"/automations/{automation_id}/past", query_string=asked, headers=HX)
    assert_fragment(answer, f"automation-{automation_id}-past")
    return text_of(answer)


def draft(*conditions: dict[str, Any], name: str = "Thanks") -> int:
    return shop.draft_automation(name, "created", *conditions)


def test_a_new_store_is_told_that_counts_come_with_its_orders(as_finn: FlaskClient) -> None:
    words = counted(as_finn, draft())
    assert "Nothing recorded yet. Counts appear as orders come in." in words
    assert "Try it on the sample records" in words


@pytest.mark.usefixtures("history")
def test_each_row_says_how_many_it_let_through_and_which_it_turned_away_last(as_finn: FlaskClient) -> None:
    automation_id = draft(DELIVERY, OVER_40)
    answer = as_finn.get(f"/automations/{automation_id}/past", headers=HX)
    words = text_of(answer)
    assert "2 of 4 new orders would have fired it" in words
    assert "4 in 90 days" in words
    assert "3 of 4 · latest not met: #3 Collection" not in words
    assert "3 of 4 · latest not met: #2 Collection" in words and "2 of 3 · latest not met: #3 £32.50" in words
    (third,) = [row for row in shop.occurrences() if row.snapshot["number"] == "3"]
    address = f"/orders/~{third.record_id}/occurrences/{third.id}"
    assert f'href="{address}"' in answer.text
    assert as_finn.get(address).status_code == 200


@pytest.mark.usefixtures("history")
def test_the_tried_order_stands_on_the_left(as_finn: FlaskClient) -> None:
    words = counted(as_finn, draft(DELIVERY, OVER_40), record="3")
    assert " #3: Delivery" in words and " #3: £32.50, needs over £40.00" in words


@pytest.mark.usefixtures("history")
def test_a_row_that_is_not_complete_is_named_and_lets_everything_through(as_finn: FlaskClient) -> None:
    words = counted(as_finn, draft(shop.condition("total", "greater_than"), DELIVERY))
    assert "3 of 4 new orders would have fired it Without condition 1, which is not complete." in words
    assert "Complete it to see how many" in words


@pytest.mark.usefixtures("history")
def test_groups_and_their_rows_have_their_own_share(as_finn: FlaskClient) -> None:
    group = {"match": "any", "conditions": [shop.condition("fulfilment_method", "equals", "relay"), OVER_40]}
    answer = as_finn.get(f"/automations/{draft(DELIVERY, group)}/past", headers=HX)
    for row in ("trigger", "conditions-0", "conditions-1", "conditions-1-conditions-0"):
        assert f'id="reach-{row}" tabindex="-1" hx-swap-oob="true"' in answer.text, row
    assert "0 of 3 · never met, latest #4 Delivery" in text_of(answer)


@pytest.mark.usefixtures("history")
def test_a_row_that_never_held_is_shown_and_one_that_never_said_no_is_doubted(as_finn: FlaskClient) -> None:
    words = counted(as_finn, draft(OVER_40, shop.condition("total", "greater_than", "1000")))
    assert "0 of 4 new orders would have fired it Condition 2 never held. Show it" in words
    assert "4 of 4 · always met" in counted(
        as_finn, draft(shop.condition("total", "greater_than", "1"), name="Other")
    )


@pytest.mark.usefixtures("history")
def test_a_draft_is_compared_with_the_live_version(as_finn: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thanks", "created", DELIVERY)
    assert "Against" not in counted(as_finn, automation_id)
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        automation.draft = automation.draft | {"conditions": [OVER_40]}
    assert "Against version 1: +1 −1" in counted(as_finn, automation_id)


@pytest.mark.usefixtures("history")
def test_the_limits_of_the_automation_are_counted_apart(as_finn: FlaskClient) -> None:
    automation_id = draft()
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        automation.draft = automation.draft | {"caps": {"once_per_record": True}}
    shop.place_order("4", total=Decimal(61), now=dt.datetime.now(dt.UTC))
    assert "With its limits" not in counted(as_finn, automation_id)
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        trigger = {"key": "field_changed", "from": None, "to": None, "field": "total"}
        automation.draft = automation.draft | {"trigger": trigger}
    shop.place_order("4", total=Decimal(62), now=dt.datetime.now(dt.UTC))
    words = counted(as_finn, automation_id)
    assert "2 of 2 changes would have fired it, for 1 order" in words
    assert "With its limits it would have run 1 time." in words


@pytest.mark.parametrize(
    ("period", "title", "count"), [("30", "The last 30 days", 4), ("all", "All that is kept", 5)]
)
@pytest.mark.usefixtures("history")
def test_the_period_can_be_chosen(as_finn: FlaskClient, period: str, title: str, count: int) -> None:
    shop.place_order("0", now=dt.datetime.now(dt.UTC) - dt.timedelta(days=45))
    words = counted(as_finn, draft(), period=period)
    assert f"{title} 30 days 90 days All" in words and f"{count} of {count} new orders" in words


def test_a_period_without_entries_is_no_store_without_history(as_finn: FlaskClient) -> None:
    shop.place_order("0", now=dt.datetime.now(dt.UTC) - dt.timedelta(days=45))
    words = counted(as_finn, draft(), period="30")
    assert "0 of 0 new orders would have fired it" in words and "Nothing recorded yet" not in words


def test_what_retention_deleted_is_named_with_its_date(as_finn: FlaskClient) -> None:
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        store.created_at, store.retention = now - dt.timedelta(days=400), {"nothing": 30}
    shop.place_order("1", now=now - dt.timedelta(days=2))
    automation_id = draft()
    assert "It can only count from" in counted(as_finn, automation_id)
    assert "It can only count from" not in counted(as_finn, automation_id, period="30")


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ({"key": None, "from": None, "to": None}, "Choose what starts it"),
        ({"key": "manual", "from": None, "to": None}, "A person starts this one"),
        ({"key": "date_reached", "from": None, "to": None, "schedule": {}}, "Choose what starts it"),
    ],
)
def test_what_has_no_past_says_why(as_finn: FlaskClient, trigger: dict[str, Any], words: str) -> None:
    automation_id = draft()
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        automation.draft = automation.draft | {"trigger": trigger}
    assert words in counted(as_finn, automation_id)


@pytest.mark.usefixtures("history")
def test_the_page_comes_without_counting_and_the_form_without_scripts_with_its_figures(
    as_rosa: FlaskClient,
) -> None:
    automation_id = draft(DELIVERY)
    address = f"/automations/{automation_id}"
    page = as_rosa.get(address)
    assert 'hx-trigger="load, recount"' in page.text and "would have fired it" not in text_of(page)
    form = {"name": "Thanks", "revision": "1", "subject": "order", "trigger-key": "created", "period": "30"}
    sent = as_rosa.post(f"{address}/draft-form", data=form | {"edit": "update"})
    assert "The last 30 days" in text_of(sent) and "4 of 4 new orders would have fired it" in text_of(sent)
    redrawn = as_rosa.post(f"{address}/draft-form", data=form, headers=HX)
    assert "would have fired it" not in text_of(redrawn)
    saved = as_rosa.get(f"{address}/past")
    assert "3 of 4 new orders would have fired it" in text_of(saved) and "<html" in saved.text


@pytest.mark.usefixtures("history")
def test_what_is_typed_is_counted_and_not_saved(as_rosa: FlaskClient) -> None:
    automation_id = draft(DELIVERY)
    form = {"name": "Thanks", "revision": "1", "subject": "order", "trigger-key": "created"}
    answer = as_rosa.post(f"/automations/{automation_id}/past", data=form, headers=HX)
    assert "4 of 4 new orders would have fired it" in text_of(answer)
    db.session.expire_all()
    assert db.session.get_one(Automation, automation_id).draft["conditions"] == [DELIVERY]


def test_many_days_are_drawn_as_weeks_and_none_is_lost() -> None:
    first = dt.date(2026, 1, 1)
    days = [(first + dt.timedelta(days=place), place % 2, 1) for place in range(MOST_DAYS + 1)]
    drawn = day_bars(days)
    assert drawn is not None and len(drawn.bars) == 18
    assert drawn.bars[0].words == "Week from 1 Jan 2026: 10 would fire"
    assert drawn.name == "Bars of 18 weeks: 181 would have fired, at most 11 a week"
    assert max(bar.same + bar.gained for bar in drawn.bars) <= HEIGHT
    assert day_bars([]) is None
