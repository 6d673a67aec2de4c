"""Today, reached and used by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]


def test_today_is_the_first_page_and_leads_on_by_keyboard(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/tasks")
    main = page.get_by_role("navigation", name="Main")
    main.get_by_role("link", name="Today").press("Enter")
    expect(page.get_by_role("heading", name="Needs you")).to_be_visible()
    expect(main.locator("[aria-current]")).to_have_text("Today")
    page.get_by_role("link", name="All activity").press("Enter")
    expect(page.get_by_role("heading", name="Activity", exact=True)).to_be_visible()
