"""Try-it begins with a record that meets the conditions, and says at each condition whether it does."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.example import Example
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Cause, Change
from tests.kit import shop
from tests.kit.pages.plain_browser import PlainBrowser
from tests.web.building import HTMX, an_automation, opened
from tests.web.pages import text_of
from tests.world import NOW

RECORD = "Record to try it on"
SAMPLE = "One that fits: A sample delivery order, paid"
DOT = re.compile(r'class="met-dot (\w+)".*?class="met-word">([^<]+)<')


def place(store: Store, number: str, method: str, total: str = "12.50") -> None:
    """Take in an order."""
    values = {
        "total": Decimal(total),
        "fulfilment_method": method,
        "payment_status": "paid",
        "customer_id": 1,
    }
    with write() as session:
        receive(session, store, "order", [Change(number, values)], Cause("person", "Rosa Lind"), NOW)


@pytest.fixture
def plain(as_rosa: FlaskClient) -> PlainBrowser:
    return PlainBrowser(as_rosa)


def tried(plain: PlainBrowser) -> str:
    """Return the label of the record that is tried."""
    (control,) = [one for one in plain.page.controls if one.label == RECORD]
    return dict(control.options)[control.value]


def test_it_begins_with_the_newest_order_that_meets_the_conditions(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    for number, method in (("1001", "delivery"), ("1002", "delivery"), ("1003", "collection")):
        place(bloom, number, method)
    plain.goto(f"/automations/{id}")
    assert tried(plain).startswith("One that fits: Order 1002")
    assert "It would fire." in plain.words and "so this is a sample" not in plain.words


def test_a_newer_one_does_not_replace_the_one_in_view_until_that_fits_no_more(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=[shop.condition("fulfilment_method", "equals", "delivery")])
    place(bloom, "1001", "delivery")
    plain.goto(f"/automations/{id}")
    place(bloom, "1002", "delivery")
    place(bloom, "1003", "collection")
    plain.press("Update choices")
    assert tried(plain).startswith("One that fits: Order 1001")
    plain.put("Condition 1 value", "Collection")
    plain.press("Update choices")
    assert tried(plain).startswith("One that fits: Order 1003")


def test_without_one_it_says_so_and_takes_a_sample_that_fits(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=[shop.condition("order_type", "equals", "funeral")])
    plain.goto(f"/automations/{id}")
    assert tried(plain) == "One that fits: A sample funeral order, unpaid"
    assert "so this is a sample" not in plain.words
    place(bloom, "1001", "delivery")
    plain.goto(f"/automations/{id}")
    assert tried(plain) == "One that fits: A sample funeral order, unpaid"
    assert "None of the latest orders fits, so this is a sample." in plain.words


def test_a_record_that_was_chosen_stays_whether_it_fits_or_not(
    plain: PlainBrowser, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    place(bloom, "1001", "delivery")
    plain.goto(f"/automations/{id}")
    plain.put(RECORD, "A sample collection order, paid")
    plain.press("Update choices")
    assert tried(plain) == "A sample collection order, paid" and "It would not fire" in plain.words
    plain.put(RECORD, "One that fits")
    plain.press("Update choices")
    assert tried(plain).startswith("One that fits: Order 1001")


def test_the_one_that_fits_is_pinned_as_itself(plain: PlainBrowser, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    place(bloom, "1001", "delivery")
    plain.goto(f"/automations/{id}")
    plain.press("Must fire")
    db.session.rollback()
    assert db.session.query(Example).one().snapshot["number"] == "1001"


def test_each_condition_has_its_dot_with_a_word(as_rosa: FlaskClient, bloom: Store, rosa: User) -> None:
    conditions = [
        shop.condition("fulfilment_method", "equals", "delivery"),
        shop.condition("total", "greater_than", "5000"),
        shop.condition("note", "contains", ""),
    ]
    id = an_automation(bloom, rosa, conditions=conditions)
    page = as_rosa.get(f"/automations/{id}").text
    rows = [page.index(f'id="reach-try-conditions-{place}"') for place in range(3)]
    met, unmet, unjudged = ("met", "met"), ("unmet", "not met"), ("unjudged", "could not be checked")
    assert [DOT.findall(page[row : row + 900])[0] for row in rows] == [met, unmet, unjudged]
    trial = page[page.index('class="met-list"') :]
    assert DOT.findall(trial)[-3:] == [met, unmet, unjudged]


def test_the_dots_follow_the_record_that_is_tested(as_rosa: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, conditions=[shop.condition("fulfilment_method", "equals", "delivery")])
    place(bloom, "1001", "collection")
    form = opened(as_rosa, id).values.to_dict() | {"record": "1001"}
    answer = as_rosa.post(f"/automations/{id}/test-fires", data=form, headers=HTMX)
    assert DOT.findall(answer.text)[-1] == ("unmet", "not met")
    assert "not met #1001: Collection" in text_of(answer)
