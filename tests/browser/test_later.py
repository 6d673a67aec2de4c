"""A page whose past is long shows itself at once and fetches what has to be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from automations.web.kit import later
from tests.kit.expecting import MINUTE, confirming, expect_one, pay
from tests.kit.shop import draft_automation, place_order

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]


def test_what_takes_long_comes_by_itself_and_without_javascript_by_a_link(
    page: Page,
    live: str,
    enter: Callable[[Page, str], None],
    axe: Callable[[Page], list[str]],
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    monkeypatch.setattr(later, "SHORT_PAST", 0)
    confirming("Confirm", now=now)
    pay("1042", now + MINUTE)
    id = expect_one(now=now)
    place_order("1043", now=now)
    draft = draft_automation("Thanks", "created")
    enter(page, "rosa")
    page.goto(f"{live}/expectations/{id}")
    expect(page.get_by_role("region", name="The last 30 days")).to_contain_text("broke it")
    assert axe(page) == []
    page.goto(f"{live}/automations/{draft}/publish")
    expect(page.get_by_role("heading", name="Publish version 1?")).to_be_visible()
    expect(page.get_by_text("Who would have got it")).to_be_visible()
    assert axe(page) == []

    state = page.context.storage_state()
    with browser.new_context(java_script_enabled=False, storage_state=state) as plain:
        without = plain.new_page()
        without.goto(f"{live}/automations/{draft}/publish")
        without.get_by_role("link", name="Open the whole page").click()
        expect(without.get_by_text("Who would have got it")).to_be_visible()
