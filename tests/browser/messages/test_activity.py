"""The log: what unfolds in place, and filters that people keep."""

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
    """One order: an automation sent its message, another did not apply, and one had nobody to write to."""
    shop.publish_automation("Thanks", "created", actions=[shop.email_to(message="It is beautiful.")])
    shop.publish_automation("Large", "created", shop.condition("total", "greater_than", "40.00"))
    person = shop.place_customer("C-50", first_name="Ann", email="ann@example.org").id
    shop.place_order("1", customer_id=person)
    shop.place_order("2")
    perform_due()


def test_entries_unfold_by_keyboard_and_lead_to_what_they_name(
    page: Page, live: str, enter: Enter, axe: Axe, sent: None
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/activity")
    entry = page.locator("#occurrence-2")
    entry.locator("summary", has_text="Email the customer").focus()
    page.keyboard.press("Enter")
    expect(entry.get_by_text("It is beautiful.")).to_be_visible()
    entry.locator("summary", has_text="1 more did not apply").focus()
    page.keyboard.press("Enter")
    expect(entry.get_by_role("link", name="Large")).to_be_visible()
    assert axe(page) == []
    entry.get_by_role("link", name="Thanks", exact=True).press("Enter")
    page.wait_for_url("**/automations/*/overview")


def test_what_is_unfolded_stays_so_while_the_log_follows(
    page: Page, live: str, enter: Enter, sent: None
) -> None:
    now = dt.datetime.now(dt.UTC)
    shop.place_order("3", now=now)
    shop.set_run(shop.runs()[-1].id, due_at=now + dt.timedelta(minutes=1))
    enter(page, "rosa")
    page.goto(f"{live}/activity")
    entry = page.locator("#occurrence-2")
    entry.locator("summary", has_text="Email the customer").click()
    entry.locator("summary", has_text="1 more did not apply").click()
    expect(entry.get_by_text("It is beautiful.")).to_be_visible()
    expect(entry.get_by_role("link", name="Large")).to_be_visible()
    shop.place_order("900", now=now)
    expect(page.locator("#activity")).to_contain_text("Order 900")
    expect(entry.get_by_text("It is beautiful.")).to_be_visible()
    expect(entry.get_by_role("link", name="Large")).to_be_visible()


def test_a_filter_is_named_used_renamed_and_removed(
    page: Page, live: str, enter: Enter, axe: Axe, sent: None
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/activity")
    page.get_by_label("Outcome").select_option(label="Skipped")
    page.get_by_text("Save this filter…").click()
    page.get_by_label("Name of the filter").fill("Left out")
    assert axe(page) == []
    page.get_by_role("button", name="Save the filter").press("Enter")
    page.wait_for_url("**/activity?outcome=skipped")
    saved = page.get_by_role("navigation", name="Saved filters")
    expect(saved.get_by_role("link", name="Left out", exact=True)).to_have_attribute("aria-current", "true")
    page.goto(f"{live}/activity")
    saved.get_by_role("link", name="Left out", exact=True).press("Enter")
    expect(page.locator(".activity-entry")).to_have_count(1)
    saved.get_by_role("link", name="Change the filter Left out").press("Enter")
    page.get_by_label("Name of the filter").fill("Skipped ones")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    saved.get_by_role("link", name="Change the filter Skipped ones").press("Enter")
    assert axe(page) == []
    page.get_by_role("button", name="Remove the filter").press("Enter")
    expect(page.get_by_text("The filter “Skipped ones” is removed.")).to_be_visible()
    expect(saved).to_have_count(0)


def test_a_filter_is_saved_and_entries_are_opened_without_javascript(
    browser: Browser, live: str, enter: Enter, sent: None
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        enter(page, "finn")
        page.goto(f"{live}/activity?outcome=fired")
        page.get_by_text("Save this filter…").click()
        page.get_by_label("Name of the filter").fill("What fired")
        page.get_by_role("button", name="Save the filter").click()
        expect(page.get_by_role("link", name="What fired", exact=True)).to_be_visible()
        entry = page.locator("#occurrence-2")
        entry.get_by_text("Email the customer").click()
        entry.get_by_role("link", name="Open what it did").click()
        expect(page.get_by_text("It is beautiful.")).to_be_visible()
