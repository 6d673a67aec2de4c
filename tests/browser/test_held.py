"""A misbuilt automation is held: the manager reads why, releases the first ten, then none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.kit import shop
from tests.kit.surging import FREE, import_orders, relay_all, usually

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


def test_a_manager_reads_why_it_is_held_and_decides(page: Page, live: str, enter: Enter, axe: Axe) -> None:
    now = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    id = shop.publish_automation("Thanks", "created", now=now)
    usually(id)
    import_orders(60, now=now)
    relay_all(now)
    left = 60 - FREE
    enter(page, "rosa")
    page.goto(f"{live}/automations")
    page.get_by_role("link", name="Thanks", exact=True).click()
    banner = page.get_by_role("status", name="Held")
    expect(banner).to_contain_text("Held: 60 fired, more than 25 in a minute; usually 2 a day.")
    assert axe(page) == []
    banner.get_by_role("link", name=f"See the {left}").click()
    waits = page.get_by_role("region", name="What waits")
    expect(waits.get_by_role("listitem")).to_have_count(left)
    page.get_by_role("button", name="Release the first 10").press("Enter")
    expect(page.get_by_text("10 firings are released.")).to_be_visible()
    expect(waits.get_by_role("listitem")).to_have_count(left - 10)
    assert axe(page) == []
    page.get_by_role("button", name="Release none").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Cancel them all?")).to_be_visible()
    page.get_by_role("button", name=f"Yes, cancel all {left - 10}").press("Enter")
    expect(page.get_by_text(f"{left - 10} firings are cancelled.")).to_be_visible()
    expect(page.get_by_role("status", name="Held")).to_have_count(0)
