"""The “?” in a real browser: by keyboard, without scripts, where nothing may be edited; and pages of Help."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
SENTENCE = "Every automation has exactly one."


@pytest.fixture
def thanks() -> int:
    """The id of an automation."""
    return shop.publish_automation("Thanks", "created", actions=[shop.email_to()])


def test_a_question_mark_opens_and_closes_by_keyboard(
    page: Page, live: str, enter: Enter, thanks: int
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/{thanks}")
    mark = page.locator("#help-trigger summary")
    expect(page.get_by_text(SENTENCE)).to_be_hidden()
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="All triggers")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_text(SENTENCE)).to_be_hidden()
    expect(mark).to_be_focused()


def test_it_opens_without_scripts_and_for_a_viewer(
    browser: Browser, live: str, enter: Enter, thanks: int
) -> None:
    page = browser.new_page(java_script_enabled=False)
    enter(page, "finn")
    page.goto(f"{live}/automations/{thanks}")
    page.locator("#help-trigger summary").click()
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    page.get_by_role("link", name="All triggers").click()
    page.wait_for_url("**/help/triggers#triggers")
    expect(page.get_by_role("heading", name="Triggers", exact=True)).to_be_visible()
    page.close()


def test_open_help_and_its_pages_are_accessible_and_fit(
    page: Page, live: str, enter: Enter, thanks: int, all_looks: Callable[[Page], list[str]]
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/{thanks}")
    page.locator("#help-conditions summary").click()
    expect(page.get_by_role("link", name="All operators")).to_be_visible()
    assert all_looks(page) == []
    for path in ("/help/actions", "/help/triggers", "/help?q=shadow"):
        page.goto(f"{live}{path}")
        assert all_looks(page) == [], path
