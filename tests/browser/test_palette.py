"""The palette and the keys in a real browser: by keyboard, with slow answers, while someone types."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
#: Keys pressed while an input method composes belong to it.
COMPOSING = """(element, keys) => element.dispatchEvent(
    new KeyboardEvent("keydown", { bubbles: true, cancelable: true, isComposing: true, ...keys }))"""


@pytest.fixture
def rosa_at(page: Page, live: str, enter: Enter) -> Callable[[str], Page]:
    """Sign Rosa in, and open a page as she does."""
    shop.publish_automation("Deposit received", "created", actions=[shop.email_to()])
    enter(page, "rosa")

    def at(path: str) -> Page:
        page.goto(f"{live}{path}")
        expect(page.locator("html.can-search")).to_be_attached()
        return page

    return at


def _palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Search or go to")


def _field(page: Page) -> Locator:
    return _palette(page).get_by_role("combobox", name="Search or go to")


def test_the_palette_is_used_by_keyboard_alone(rosa_at: Callable[[str], Page]) -> None:
    page = rosa_at("/orders")
    link = page.get_by_role("link", name="Search or go to")
    link.focus()
    page.keyboard.press("Control+k")
    expect(_field(page)).to_be_focused()
    expect(_palette(page).get_by_role("option", name="New automation")).to_be_visible()
    page.keyboard.type("dep")
    options = _palette(page).get_by_role("option")
    expect(options.first).to_contain_text("Deposit received")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    id = options.nth(1).get_attribute("id")
    expect(_field(page)).to_have_attribute("aria-activedescendant", str(id))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "['DIALOG', 'BODY'].includes((document.activeElement.closest('dialog') ?? document.body).tagName)"
        )
        assert not page.evaluate("Boolean(document.activeElement.closest('main, header'))")
    page.keyboard.press("Escape")
    expect(_palette(page)).to_be_hidden()
    expect(link).to_be_focused()
    page.keyboard.press("Control+k")
    _field(page).fill("mailbox")
    expect(options.first).to_contain_text("Mailbox")
    page.keyboard.press("Enter")
    page.wait_for_url("**/mailbox")


def test_an_automation_is_switched_off_from_any_page(rosa_at: Callable[[str], Page]) -> None:
    page = rosa_at("/customers")
    page.keyboard.press("Control+k")
    shop.publish_automation("Delivery tomorrow", "created", actions=[shop.email_to()])
    page.keyboard.type("switch off de")
    expect(_palette(page).get_by_role("option")).to_have_count(2)
    expect(_palette(page).locator("[aria-selected=true]")).to_have_count(0)
    page.keyboard.type("p")
    expect(_palette(page).get_by_role("option")).to_have_count(1)
    expect(_palette(page).get_by_role("option").first).to_have_text(
        re.compile("Switch off “Deposit received”")
    )
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("“Deposit received” is off.")
    expect(page).to_have_url(re.compile("/customers$"))


def test_a_slow_answer_never_replaces_a_later_one(rosa_at: Callable[[str], Page]) -> None:
    page = rosa_at("/orders")
    held: list[Route] = []
    page.route("**/search/hits?q=m", lambda route: held.append(route))
    page.keyboard.press("Control+k")
    with page.expect_request("**/search/hits?q=m"):
        page.keyboard.type("m")
    page.keyboard.type("ailbox")
    first = _palette(page).get_by_role("option").first
    expect(first).to_contain_text("Mailbox")
    assert len(held) == 1
    held[0].fulfill(
        body='<div id="palette-hits"><a role="option" href="/tasks">Late</a></div><p id="palette-found">1</p>'
    )
    page.wait_for_timeout(300)
    expect(first).to_contain_text("Mailbox")
    expect(_palette(page)).not_to_contain_text("Late")


def test_enter_before_the_answer_opens_the_search_page_and_does_nothing_else(
    rosa_at: Callable[[str], Page],
) -> None:
    page = rosa_at("/orders")
    page.keyboard.press("Control+k")
    expect(_palette(page).get_by_role("option").first).to_be_visible()
    page.route("**/search/hits?q=zinnia", lambda route: None)
    page.keyboard.type("zinnia")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=zinnia")


def test_a_search_that_fails_or_finds_nothing_says_so(rosa_at: Callable[[str], Page]) -> None:
    page = rosa_at("/orders")
    page.keyboard.press("Control+k")
    page.keyboard.type("depto")
    says = _palette(page).get_by_role("status")
    expect(says).to_contain_text("Nothing called “depto”")
    expect(_field(page)).to_have_attribute("aria-expanded", "false")
    page.route("**/search/hits?*", lambda route: route.abort())
    page.keyboard.type("s")
    expect(says).to_have_text("The search did not load. Press Enter to try again on the search page.")
    expect(_field(page)).to_have_value("deptos")
    page.context.clear_cookies()
    page.unroute("**/search/hits?*")
    page.keyboard.type("x")
    expect(says).to_have_text("You are signed out. Reload the page to sign in again.")


def test_single_keys_search_create_and_explain(rosa_at: Callable[[str], Page]) -> None:
    page = rosa_at("/orders")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search orders")
    expect(search).to_be_focused()
    page.keyboard.type("c/?k")
    expect(search).to_have_value("c/?k")
    expect(page).to_have_url(re.compile("/orders$"))
    search.blur()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("Search this list, or everything")
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("Control+c")
    page.keyboard.press("Alt+c")
    expect(page).to_have_url(re.compile("/orders$"))
    page.keyboard.press("c")
    page.wait_for_url("**/orders/new")
    rosa_at("/").keyboard.press("/")
    expect(_field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(_palette(page)).to_be_hidden()
    page.keyboard.press("c")
    page.wait_for_url("**/automations/new")


def test_single_keys_do_nothing_once_switched_off(rosa_at: Callable[[str], Page]) -> None:
    page = rosa_at("/orders")
    page.keyboard.press("?")
    page.get_by_role("button", name="Switch single keys off").click()
    expect(page.locator("#notices")).to_contain_text("Single-key shortcuts are off in this browser.")
    for key in ("c", "/", "?"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("searchbox", name="Search orders")).not_to_be_focused()
    expect(page).to_have_url(re.compile("/orders$"))
    page.keyboard.press("Control+k")
    expect(_field(page)).to_be_focused()


def test_keys_of_an_input_method_are_left_to_it(rosa_at: Callable[[str], Page]) -> None:
    page = rosa_at("/orders")
    main = page.locator("main")
    for keys in ({"key": "k", "ctrlKey": True}, {"key": "c"}, {"key": "?"}):
        main.evaluate(COMPOSING, keys)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("mailbox")
    expect(_palette(page).get_by_role("option").first).to_contain_text("Mailbox")
    for keys in ({"key": "ArrowDown"}, {"key": "Enter"}):
        _field(page).evaluate(COMPOSING, keys)
    expect(_palette(page).get_by_role("option").first).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile("/orders$"))


def test_ctrl_s_saves_forms_and_the_builder(rosa_at: Callable[[str], Page]) -> None:
    page = rosa_at("/customers/new")
    page.get_by_label("First name").fill("Zoë")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/customers/C-\d+$"))
    page = rosa_at("/automations/1")
    page.get_by_label("Name of the automation").fill("Deposit came")
    page.keyboard.press("Control+s")
    expect(page.locator("body")).to_contain_text("Saved")
    expect(rosa_at("/automations/1").get_by_label("Name of the automation")).to_have_value("Deposit came")


def test_the_palette_and_the_keys_are_accessible_and_fit(
    rosa_at: Callable[[str], Page], all_looks: Callable[[Page], list[str]]
) -> None:
    page = rosa_at("/orders")
    page.keyboard.press("Control+k")
    page.keyboard.type("dep")
    expect(_palette(page).get_by_role("option").first).to_contain_text("Deposit received")
    assert all_looks(page) == []
    page.keyboard.press("Escape")
    expect(_palette(page)).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert all_looks(page) == []


def test_without_scripts_the_link_leads_to_a_page_that_finds_the_same(
    browser: Browser, live: str, enter: Enter
) -> None:
    shop.publish_automation("Deposit received", "created", actions=[shop.email_to()])
    page = browser.new_page(java_script_enabled=False)
    enter(page, "rosa")
    page.goto(live)
    page.get_by_role("link", name="Search or go to").click()
    page.wait_for_url("**/search")
    page.get_by_role("searchbox", name="Search or go to").fill("switch off deposit")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("button", name="Switch off “Deposit received”").click()
    expect(page.locator("#notices")).to_contain_text("“Deposit received” is off.")
    page.close()
