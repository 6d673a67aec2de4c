"""The Checks card in a browser: a copy of a live automation is warned of with the orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.kit.shop import condition, draft_automation, place_order, publish_automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
RULE = (condition("fulfilment_method", "equals", "delivery"), condition("payment_status", "equals", "paid"))


def test_a_copy_of_a_live_automation_is_warned_of_with_the_orders(
    page: Page, live: str, enter: Enter, axe: Axe
) -> None:
    publish_automation("Confirm paid deliveries", "payment_status_changed", *RULE)
    now = dt.datetime.now(dt.UTC)
    for number in ("1", "2", "3", "4", "5"):
        place_order(number, customer_id=1, fulfilment_method="delivery", now=now)
        place_order(number, payment_status="paid", now=now)
    again = draft_automation("Another one", "payment_status_changed", *RULE)
    enter(page, "rosa")
    page.goto(f"{live}/automations/{again}")
    checks = page.get_by_role("region", name="Checks")
    overlap = checks.get_by_role("listitem").filter(has_text="Overlaps with Confirm paid deliveries")
    expect(overlap).to_contain_text(
        "5 orders in 90 days would have got two emails, within a day of each other."
    )
    expect(overlap.get_by_role("link", name="#5")).to_be_visible()
    expect(
        checks.get_by_text("No contradiction: an order can meet both conditions, #5 does.")
    ).to_be_visible()
    expect(overlap.get_by_role("link", name="#1")).to_be_hidden()
    overlap.get_by_text("and 2 more").click()
    expect(overlap.get_by_role("link", name="#1")).to_be_visible()
    assert axe(page) == []

    page.get_by_label("Condition 2 value", exact=True).select_option(label="Unpaid")
    expect(checks).to_contain_text("No overlap with the other that reaches the same people, in 90 days.")
    expect(checks).not_to_contain_text("Duplicate of")
    page.get_by_label("Condition 1 field", exact=True).select_option(label="Payment status")
    page.get_by_label("Condition 1 value", exact=True).select_option(label="Paid")
    never = checks.get_by_role("listitem").filter(has_text="It can never fire")
    expect(never).to_contain_text("No payment status meets both.")
    never.get_by_role("link", name="“its payment status is Unpaid”").click()
    expect(page.locator("[id^=conditions-1]:target")).to_be_visible()
    assert axe(page) == []


def test_a_made_up_order_is_tried_and_a_contradiction_stops_publishing(
    page: Page, live: str, enter: Enter, axe: Axe
) -> None:
    id = draft_automation("Rare", "payment_status_changed", *RULE)
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    checks = page.get_by_role("region", name="Checks")
    possible = checks.get_by_role("listitem").filter(has_text="No contradiction")
    expect(possible.get_by_role("term")).to_have_text(["Payment status", "Fulfilment method"])
    expect(possible.get_by_role("definition")).to_have_text(["Paid", "Delivery"])
    possible.get_by_role("button", name="Try it with this one").press("Enter")
    trial = page.get_by_role("region", name="Try it")
    expect(trial.get_by_label("Record to try it on")).to_have_value("sample:constructed")
    expect(trial).to_contain_text("It would fire")
    assert axe(page) == []

    page.get_by_label("Condition 1 field", exact=True).select_option(label="Payment status")
    page.get_by_label("Condition 1 value", exact=True).select_option(label="Unpaid")
    never = checks.get_by_role("listitem").filter(has_text="It can never fire")
    expect(never).to_contain_text("Change or remove one of them")
    expect(checks).to_contain_text("1 stops publishing")
    page.get_by_role("button", name="Publish…").press("Enter")
    expect(page.get_by_role("heading", name="Publish version 1?")).to_be_visible()
    expect(page.get_by_role("button", name="Publish version 1")).to_be_disabled()
    expect(page.get_by_role("button", name="Start shadow mode")).to_be_disabled()
    expect(page.get_by_text("Change or remove one of them").first).to_be_visible()
    assert axe(page) == []
