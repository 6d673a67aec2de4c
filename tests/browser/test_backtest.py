"""A draft compared with the live version in Chromium: begun, read while one looks on, its rows and tabs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from automations.features.backtest import backtest_reading
from automations.models.db.base import db
from automations.models.tables.store import Store
from tests.features.backtest import story
from tests.features.backtest.story import DELIVERY, over
from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def automation_id(bloom: Store) -> int:
    customer = shop.place_customer("C-9", first_name="Bram", last_name="Hollis", email="bram@mail.example")
    story.pay_the_orders(customer.id)
    return story.live_and_draft(DELIVERY, over("40"))


def test_a_manager_compares_a_draft_and_watches_it_being_read(
    page: Page, bloom: Store, automation_id: int, live: str, enter: Enter, axe: Axe
) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    waiting = story.begun(bloom, automation_id, at_once=-1).id
    db.session.rollback()
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}/backtests")
    page.get_by_label("Period").select_option(label="The last 30 days")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("This draft against version 1")
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Nothing is sent.")
    _rows_and_tabs(page)
    assert axe(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live}/automations/{automation_id}/backtests/{waiting}")
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("to read")
    backtest_reading.read_all(story.moment, "one", story.turns(2))
    # Nobody reloads: the page asks by itself.
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Reading the past: 5 of 6")
    expect(page.get_by_role("progressbar", name="Read so far")).to_have_attribute("value", "5")
    assert axe(page) == []
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile("Stopped: 5 of 6"))).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert errors == []


def test_the_rows_are_chosen_opened_and_pinned_by_keyboard(
    page: Page, bloom: Store, automation_id: int, live: str, enter: Enter
) -> None:
    begun = story.begun(bloom, automation_id).id
    db.session.rollback()
    enter(page, "rosa")
    here = f"{live}/automations/{automation_id}/backtests/{begun}"
    page.goto(here)
    first, second = (page.get_by_role("link", name=re.compile(f"^#{number}")) for number in (1049, 1045))
    first.press("ArrowUp")
    expect(first).to_be_focused()
    first.press("ArrowDown")
    expect(second).to_be_focused()
    chosen = page.get_by_role("complementary", name="What the chosen order would have got")
    expect(chosen.get_by_role("heading", name="What #1045 would have got")).to_be_visible()
    expect(second).to_be_focused()
    expect(page).to_have_url(re.compile("row=1"))
    second.press("Control+p")
    second.press("p")
    expect(page.get_by_text("Pinned. #1045 must fire, and does")).to_be_visible()
    expect(page).to_have_url(re.compile("row=1"))
    page.get_by_role("link", name=re.compile("^#1045")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1045")
    page.goto(f"{here}?tab=gained")
    page.get_by_role("combobox").press("p")
    expect(page).to_have_url(re.compile("tab=gained"))


def _rows_and_tabs(page: Page) -> None:
    chart = page.get_by_role("img", name=re.compile("Bars of .* days: 2 gained, 0 lost, 2 the same"))
    expect(chart).to_be_visible()
    orders = page.get_by_role("region", name="Orders", exact=True)
    chosen = page.get_by_role("complementary", name="What the chosen order would have got")
    expect(orders.get_by_role("listitem").first).to_contain_text(
        "#1049 Bram Hollis would now get it: total £52.80 is over £40.00, was not over £60.00."
    )
    expect(chosen).to_contain_text("Your order #1049 is confirmed")
    orders.get_by_role("link", name=re.compile("^#1045")).click()
    expect(page.get_by_role("heading", name="What #1045 would have got")).to_be_visible()
    tabs = page.get_by_role("navigation", name="Which orders")
    tabs.get_by_role("link", name="Lost").click()
    expect(orders).to_contain_text("No order would change")
    tabs.get_by_role("link", name="Same").click()
    expect(tabs.get_by_role("link", name="Same")).to_have_attribute("aria-current", "page")
    expect(chosen).to_contain_text("Version 1 would have done exactly the same.")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("backtest-")
