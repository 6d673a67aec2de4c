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


#: Per “?” how far its middle is from the middle of the first line beside it, in pixels.
OFF_ITS_LINE = """() => [...document.querySelectorAll('.with-help > .help > summary')]
    .filter(mark => mark.checkVisibility()).map(mark => {
        const line = document.createRange(), box = mark.getBoundingClientRect();
        const words = document.createTreeWalker(mark.closest('.with-help'), NodeFilter.SHOW_TEXT);
        while (words.nextNode() && !words.currentNode.textContent.trim());
        line.selectNodeContents(words.currentNode);
        const first = line.getClientRects()[0];
        const off = (box.top + box.bottom - first.top - first.bottom) / 2;
        return [mark.parentElement.id, Math.round(Math.abs(off))];
    })"""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_question_mark_stands_in_the_line_of_its_words(
    page: Page, live: str, enter: Enter, thanks: int, width: int
) -> None:
    shop.place_customer("C-9", first_name="Ann", marketing_consent=True)
    enter(page, "rosa")
    page.set_viewport_size({"width": width, "height": 900})
    seen: list[str] = []
    for path in (
        "/customers/C-9/edit",
        "/customers/new",
        "/imports",
        "/segments",
        f"/automations/{thanks}",
        f"/automations/{thanks}/backtests",
        f"/automations/{thanks}/publish",
    ):
        page.goto(f"{live}{path}")
        for mark, off in page.evaluate(OFF_ITS_LINE):
            seen.append(mark)
            assert off <= 3, (path, mark, off)
    assert {"help-consent", "help-trigger", "help-backtest", "help-quiet-import"} <= set(seen)
