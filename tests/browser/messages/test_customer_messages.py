"""The messages on a customer's page, read by keyboard alone, and without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.kit import shop
from tests.kit.doing import perform_due

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def sent(live: str) -> None:
    """Ann, who got a message about each of ten orders."""
    now = dt.datetime.now(dt.UTC)
    shop.publish_automation("Thanks", "created", actions=[shop.email_to(message="It is beautiful.")], now=now)
    ann = shop.place_customer("C-50", first_name="Ann", email="ann@example.org", now=now).id
    for number in range(10):
        shop.place_order(str(number), customer_id=ann, now=now - dt.timedelta(minutes=number))
    perform_due(now)


def test_what_was_sent_unfolds_in_place_by_keyboard(
    page: Page, live: str, enter: Enter, axe: Axe, sent: None
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/customers/C-50")
    messages = page.get_by_role("region", name="Messages")
    first = messages.get_by_role("listitem").first
    expect(first).to_contain_text("Kept here")
    first.get_by_text("What was kept here").focus()
    page.keyboard.press("Enter")
    expect(first.get_by_text("It is beautiful.")).to_be_visible()
    assert axe(page) == []
    messages.get_by_role("link", name="Older messages").press("Enter")
    page.wait_for_url("**/messages?before=*")
    expect(page.get_by_role("region", name="Messages").get_by_role("listitem")).to_have_count(2)
    page.get_by_role("link", name="Ann").press("Enter")
    page.wait_for_url("**/customers/C-50")


def test_without_javascript_a_link_leads_to_what_was_sent(
    browser: Browser, live: str, enter: Enter, sent: None
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        enter(page, "finn")
        page.goto(f"{live}/customers/C-50")
        first = page.get_by_role("region", name="Messages").get_by_role("listitem").first
        first.get_by_text("What was kept here").click()
        first.get_by_role("link", name="Open what it did").click()
        page.wait_for_url("**/runs/*")
        expect(page.get_by_text("It is beautiful.")).to_be_visible()
