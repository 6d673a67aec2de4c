"""The builder counts the past while someone edits, and keeps the figures it has when a count fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
#: Oldest first.
ORDERS = (("1", "50", "delivery"), ("2", "90", "collection"), ("3", "30", "delivery"), ("4", "9", "delivery"))
DELIVERY = shop.condition("fulfilment_method", "equals", "delivery")


@pytest.fixture
def automation_id(live: str) -> int:
    """A live automation, and four orders of the last days: three deliveries, one collection."""
    now = dt.datetime.now(dt.UTC)
    for number, total, method in ORDERS:
        at = now - dt.timedelta(days=5 - int(number))
        shop.place_order(number, total=Decimal(total), fulfilment_method=method, now=at)
    return shop.publish_automation("Thanks", "created", DELIVERY)


def test_every_edit_is_counted_without_taking_the_focus(
    page: Page, live: str, enter: Enter, axe: Axe, automation_id: int
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}")
    card = page.get_by_role("region", name="The last 90 days")
    expect(card).to_contain_text("3 of 4 new orders would have fired it")
    row = page.get_by_role("group", name="Condition 1")
    expect(row).to_contain_text("3 of 4 · latest not met: #2 Collection")
    assert axe(page) == []

    value = page.get_by_label("Condition 1 value", exact=True)
    value.focus()
    value.select_option(label="Collection")
    expect(card).to_contain_text("1 of 4 new orders would have fired it")
    expect(card).to_contain_text("Against version 1: +1 −3")
    expect(row).to_contain_text("latest not met: #4 Delivery")
    expect(value).to_be_focused()

    page.get_by_role("button", name="Add condition").press("Enter")
    expect(card).to_contain_text("Without condition 2")
    page.get_by_label("Condition 2 field", exact=True).select_option(label="Total")
    page.get_by_label("Condition 2 operator", exact=True).select_option(label="greater than")
    amount = page.get_by_label("Condition 2 value", exact=True)
    amount.press_sequentially("100")
    expect(page.get_by_role("group", name="Condition 2")).to_contain_text(
        "0 of 1 · never met, latest #2 £90.00"
    )
    expect(amount).to_be_focused()
    card.get_by_role("link", name="Show it").press("Enter")
    page.get_by_label("Period").select_option(label="30 days")
    expect(page.get_by_role("region", name="The last 30 days")).to_contain_text("0 of 4 new orders")
    page.get_by_role("link", name="#2").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Created")


def test_a_count_that_takes_long_says_so_and_one_that_fails_keeps_the_last_figure(
    page: Page, live: str, enter: Enter, automation_id: int
) -> None:
    held: list[Route] = []
    slow: list[bool] = []
    page.route("**/past", lambda route: held.append(route) if slow else route.continue_())
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}")
    card = page.get_by_role("region", name="The last 90 days")
    figure = card.get_by_text("3 of 4 new orders would have fired it")
    expect(figure).to_be_visible()
    slow.append(True)
    page.get_by_label("Condition 1 value", exact=True).select_option(label="Collection")
    expect(card.get_by_text("counting…")).to_be_visible()
    expect(figure).to_be_hidden()
    held[0].fulfill(status=500, body="broken")
    expect(figure).to_be_visible()
    slow.clear()
    card.get_by_role("button", name="Count again").click()
    expect(card).to_contain_text("1 of 4 new orders would have fired it")
    expect(card.get_by_role("button", name="Count again")).to_be_hidden()


def test_without_scripts_and_on_a_phone_the_figures_come_with_the_next_submit(
    live: str, enter: Enter, browser: Browser, automation_id: int
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    plain = context.new_page()
    enter(plain, "rosa")
    plain.goto(f"{live}/automations/{automation_id}")
    plain.get_by_role("link", name="Count the saved draft").click()
    expect(plain.get_by_text("3 of 4 new orders would have fired it")).to_be_visible()
    plain.get_by_label("Condition 1 value", exact=True).select_option(label="Collection")
    plain.get_by_role("button", name="Update choices").click()
    expect(plain.get_by_text("1 of 4 new orders would have fired it")).to_be_visible()
    expect(plain.get_by_text("latest not met: #4 Delivery")).to_be_visible()
    context.close()
