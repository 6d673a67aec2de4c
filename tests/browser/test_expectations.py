"""An expectation from the first sentence to the bell, and an automation that has gone quiet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from automations.features.expectations.looking_after import look_after_all
from automations.features.past import gone_quiet
from automations.models.db.base import write
from automations.models.tables.expectation import Expectation
from tests.browser.conftest import go_back
from tests.kit.expecting import MINUTE, confirming, pay, pay_and_send
from tests.kit.shop import condition, place_order, publish_automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


def _a_past_with_three_broken(now: dt.datetime) -> None:
    big = condition("total", "greater_than", "40.00")
    confirming("Confirm large ones", big, now=now)
    pay_and_send("small", now + MINUTE)
    confirming("Confirm", now=now + 2 * MINUTE)
    pay_and_send("1042", now + 3 * MINUTE)
    pay_and_send("unreachable", now + 4 * MINUTE, customer_id=2)
    confirming("Confirm again", now=now + 5 * MINUTE)
    pay_and_send("twice", now + 6 * MINUTE)


def test_a_manager_writes_an_expectation_and_is_told_when_it_is_broken(
    page: Page, live: str, enter: Enter, axe: Axe
) -> None:
    now = dt.datetime.now(dt.UTC)
    _a_past_with_three_broken(now - dt.timedelta(hours=3))
    enter(page, "rosa")
    page.goto(f"{live}/automations")
    page.get_by_role("link", name="Expectations").click()
    page.get_by_role("link", name="Write the first").click()
    page.get_by_label("Kind of record", exact=True).select_option("order")
    page.get_by_label("Trigger", exact=True).select_option(label="Payment status changed")
    page.get_by_label("To", exact=True).select_option(label="Paid")
    page.get_by_role("button", name="Add condition").click()
    page.get_by_label("Condition 1 field").select_option(label="Fulfilment method")
    page.get_by_label("Condition 1 value").select_option(label="Delivery")
    page.get_by_label("How many must follow").select_option(label="exactly one")
    page.get_by_label("Within how long").fill("10")
    words = page.get_by_role("region", name="In words")
    expect(words).to_contain_text("exactly one email goes to the customer within 10 minutes.")

    # Before it is saved, the past says who would have broken it, and why.
    past = page.get_by_role("region", name="The last 30 days")
    expect(past).to_contain_text("3 of 4 orders broke it")
    expect(past).to_contain_text("1 got exactly one email in time, all only kept here")
    assert axe(page) == []
    page.get_by_role("button", name="Save expectation").last.click()
    expect(page.get_by_text("From now on you are told when it is broken.")).to_be_visible()
    expect(page.get_by_text("Nothing happened yet")).to_be_visible()
    rows = page.get_by_role("region", name="The last 30 days").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Order twice")
    expect(rows.nth(0)).to_contain_text("2 were kept here: Confirm at")
    expect(rows.nth(1)).to_contain_text("Skipped: ")
    expect(rows.nth(2)).to_contain_text("total is £0.00, needs over £40.00.")
    assert axe(page) == []

    # A new one rings the bell; the notice leads to the orders, and seeing to it takes it off the bell.
    _saved_at(now - dt.timedelta(hours=1))
    pay("1050", now - dt.timedelta(minutes=30))
    assert look_after_all(dt.datetime.now(dt.UTC)) == 1
    page.goto(f"{live}/notifications")
    notice = page.get_by_role("listitem").filter(has_text="Broken: “Every time")
    expect(notice).to_contain_text("The newest: #1050.")
    notice.get_by_role("button", name="Broken: “Every time").click()
    expect(page.get_by_text("Broken by 1")).to_be_visible()
    rows.nth(0).get_by_role("link", name="Order 1050").click()
    expect(page.get_by_role("main")).to_contain_text("1050")
    go_back(page)
    page.get_by_role("button", name="Mark 1 as seen").click()
    expect(page.get_by_text("What breaks it next is told anew.")).to_be_visible()
    page.get_by_role("link", name="Expectations", exact=True).click()
    expect(page.get_by_text("Broken by")).to_have_count(0)
    assert axe(page) == []


def _saved_at(then: dt.datetime) -> None:
    with write() as session:
        saved = session.query(Expectation).one()
        saved.looked_to = saved.counted_from = then


def test_an_automation_that_has_gone_quiet_is_told_and_looked_after(
    page: Page, live: str, enter: Enter, axe: Axe
) -> None:
    now = dt.datetime.now(dt.UTC)
    week, begun = dt.timedelta(weeks=1), now - dt.timedelta(weeks=6)
    id = publish_automation("Greet", "created", now=begun)
    for place in range(16):
        for hour in range(2):
            placed = begun + (place // 4) * week + place % 4 * dt.timedelta(days=1)
            place_order(f"{place}-{hour}", now=placed + hour * dt.timedelta(hours=1))
    assert gone_quiet.tell_all(now) == 1
    enter(page, "rosa")
    page.goto(f"{live}/notifications")
    notice = page.get_by_role("listitem").filter(has_text="“Greet” has gone quiet")
    expect(notice).to_contain_text("it should have fired")
    notice.get_by_role("button", name="“Greet” has gone quiet").click()
    expect(page).to_have_url(f"{live}/automations/{id}/overview")
    expect(page.get_by_role("status").filter(has_text="Gone quiet.")).to_be_visible()
    assert axe(page) == []
    # It fires again: nothing is quiet any more.
    place_order("again", now=dt.datetime.now(dt.UTC))
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Greet")).to_be_visible()
    expect(page.get_by_text("Gone quiet.")).to_have_count(0)
