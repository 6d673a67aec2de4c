"""The overview of an automation: found from the list, read, followed and acted on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
LONG = "Thank the Grand Hotel & Conference Centre Königswinter am Rhein"
LATER = shop.email_to() | {"timing": {"when": "after", "amount": "2", "unit": "days"}}


@pytest.fixture
def automation_id(live: str) -> int:
    """An automation that sent, skipped, fails and waits; something is due within minutes."""
    now = dt.datetime.now(dt.UTC)
    automation_id = shop.publish_automation(LONG, "created", actions=[LATER], now=now - dt.timedelta(days=9))
    for number in range(1, 5):
        shop.place_order(str(number), customer_id=1, now=now - dt.timedelta(days=number - 1))
    waits, sent, skipped, fails = (run.id for run in shop.runs())
    shop.set_run(waits, due_at=now + dt.timedelta(minutes=5))
    shop.set_run(sent, state="succeeded", finished_at=now)
    shop.set_run(skipped, state="skipped", reason="The customer has no email address.")
    shop.set_run(fails, reason="Busy.", tries=2, due_at=now + dt.timedelta(hours=2))
    return automation_id


def test_a_manager_sees_how_an_automation_is_doing_and_acts_on_it(
    page: Page, live: str, enter: Enter, axe: Axe, automation_id: int
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations")
    page.get_by_role("link", name=LONG, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=LONG)).to_be_visible()
    figures = page.get_by_role("region", name="The last 30 days")
    for words in ("Sent 1 of 4 that fired", "Skipped 1", "Went wrong 1", "Waiting 1"):
        expect(figures.get_by_role("link", name=words)).to_be_visible()
    chart = figures.get_by_role("img", name="Bars of 30 days by the worst outcome of each run")
    assert "1 sent, 1 waiting, 1 skipped, 1 went wrong" in (chart.get_attribute("aria-label") or "")
    latest = page.get_by_role("region", name="Latest runs")
    expect(latest.get_by_role("link", name="Correct the address")).to_be_visible()
    assert axe(page) == []

    # The list follows along by itself, and what has the focus keeps it.
    again = latest.get_by_role("button", name="Try now")
    # Right after it was drawn: one that is replaced between being found and focused never gets the focus.
    page.evaluate(
        "new Promise((drawn) => addEventListener('htmx:after:swap', () => drawn(), { once: true }))"
    )
    again.focus()
    shop.set_run(shop.runs()[0].id, state="succeeded", finished_at=dt.datetime.now(dt.UTC))
    expect(figures.get_by_role("link", name="Sent 2 of 4 that fired")).to_be_visible()
    expect(again).to_be_focused()
    again.press("Enter")
    expect(page.get_by_text("It is being tried now instead of later.")).to_be_visible()

    figures.get_by_role("link", name="Skipped 1").press("Enter")
    expect(page.get_by_role("navigation", name="This automation").locator("[aria-current]")).to_have_text(
        "Runs"
    )
    expect(page.get_by_role("listitem").filter(has_text="Order 3")).to_have_count(1)
    expect(page.get_by_text("Order 2")).to_have_count(0)
    page.get_by_label("More: duplicate, run by hand, archive").press("Enter")
    expect(page.get_by_role("link", name="Run by hand")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Run by hand")).to_be_hidden()
    page.get_by_role("link", name="Rule", exact=True).click()
    expect(page.get_by_role("region", name="In words")).to_be_visible()


def test_on_a_phone_the_chart_begins_at_today_and_nothing_needs_scripts(
    live: str, enter: Enter, axe: Axe, browser: Browser, automation_id: int
) -> None:
    size = ViewportSize(width=390, height=844)
    phone = browser.new_page(viewport=size, color_scheme="dark", java_script_enabled=False)
    enter(phone, "finn")
    phone.goto(f"{live}/automations/{automation_id}/overview")
    phone.mouse.move(195, 400)
    phone.mouse.wheel(0, 200)  # Down only: the chart itself has to stand at its end already.
    expect(phone.get_by_role("group", name="Chart of 30 days").get_by_text("today")).to_be_in_viewport(
        ratio=0.9
    )
    phone.get_by_role("link", name="Waiting 1").click()
    expect(phone.get_by_role("listitem").filter(has_text="Order 1")).to_have_count(1)
    phone.close()
    looked = browser.new_page(viewport=size, color_scheme="dark")
    enter(looked, "finn")
    looked.goto(f"{live}/automations/{automation_id}/overview")
    assert axe(looked) == []
    assert looked.evaluate("document.documentElement.scrollWidth") <= size["width"]
    looked.close()
