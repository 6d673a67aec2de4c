"""Running an automation by hand: nothing ticked beforehand, and nothing done twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from automations.models.db.base import db
from tests.browser.conftest import go_back
from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def address(live: str) -> str:
    """The page that asks for whom to run an automation, with three orders found."""
    automation_id = shop.publish_automation("Thanks", "manual")
    ann = shop.place_customer("C-9", first_name="Ann", email="ann@example.org").id
    for number in ("1", "2", "3"):
        shop.place_order(number, customer_id=ann)
    return f"{live}/automations/{automation_id}/manual-run?all=1"


def _fired() -> int:
    db.session.rollback()
    return len(shop.runs())


def test_it_is_run_for_those_that_are_ticked_and_only_once(
    page: Page, live: str, enter: Enter, axe: Axe, address: str
) -> None:
    enter(page, "rosa")
    page.goto(address)
    button = page.get_by_role("button", name="Email the customers of 0 orders…")
    expect(button).to_be_disabled()
    page.get_by_role("checkbox", name="Order 2").press("Space")
    expect(page.get_by_role("status").filter(has_text="1 ticked")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Email the customer of 1 order…").press("Enter")
    expect(page.get_by_role("heading", name="Email the customer of 1 order?")).to_be_visible()
    assert axe(page) == []
    assert _fired() == 0
    page.get_by_role("button", name="Email the customer of 1 order").dblclick()
    page.wait_for_url("**/activity*")
    expect(page.get_by_text("It fired on 1 of 1 record.")).to_be_visible()
    go_back(page)
    page.wait_for_url("**/review*")
    page.get_by_role("button", name="Email the customer of 1 order").click()
    expect(page.get_by_text("This was already done.")).to_be_visible()
    assert _fired() == 1
    page.goto(address)
    expect(page.get_by_text("Waiting", exact=True)).to_have_count(1)
    page.get_by_role("button", name="Those it has not run for yet, 2").press("Enter")
    expect(page.get_by_role("button", name="Email the customers of 2 orders…")).to_be_enabled()
    expect(page.get_by_role("checkbox", name="Order 2")).not_to_be_checked()


def test_it_works_without_javascript(browser: Browser, enter: Enter, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        enter(page, "rosa")
        page.goto(address)
        go_on = page.get_by_role("button", name="Email the customers of the ticked orders…")
        go_on.click()
        expect(page.get_by_text("Tick at least one first.")).to_be_visible()
        page.get_by_role("button", name="All found, 3").click()
        expect(page.get_by_text("3 ticked")).to_be_visible()
        page.get_by_role("checkbox", name="Order 2").uncheck()
        go_on.click()
        page.get_by_role("button", name="Change the selection").click()
        expect(page.get_by_role("checkbox", name="Order 1")).to_be_checked()
        go_on.click()
        page.get_by_role("button", name="Email the customers of 2 orders", exact=True).click()
        expect(page.get_by_text("It fired on 2 of 2 records.")).to_be_visible()
    assert _fired() == 2
