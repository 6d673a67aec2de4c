"""What was just done is said in a toast that moves nothing, leaves by itself, and is undone by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
#: The clocks of toasts run fast.
FAST = """
const inTime = window.setInterval;
window.setInterval = (what, delay, ...rest) => inTime(what, delay === 500 ? 20 : delay, ...rest);
"""


def _switched_off(page: Page, live: str, enter: Enter) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}")
    page.get_by_role("switch").click()
    expect(page.get_by_role("status").get_by_text("“Thanks” is off.")).to_be_visible()


def test_a_toast_moves_nothing_and_is_undone_by_keyboard_alone(page: Page, live: str, enter: Enter) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}")
    head = page.locator(".builder-head")
    before = head.bounding_box()
    page.get_by_role("switch").focus()
    page.keyboard.press("Space")
    undo = page.get_by_role("button", name="Undo: “Thanks” is off.")
    expect(undo).to_be_visible()
    assert head.bounding_box() == before
    page.keyboard.press("F8")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Thanks” is on again.")).to_be_visible()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")


def test_what_is_no_longer_true_is_gone(page: Page, live: str, enter: Enter) -> None:
    _switched_off(page, live, enter)
    page.get_by_role("switch").click()
    expect(page.get_by_text("“Thanks” is on.")).to_be_visible()
    expect(page.get_by_text("“Thanks” is off.")).to_have_count(0)


def test_a_toast_stays_while_it_has_the_focus_or_the_pointer(page: Page, live: str, enter: Enter) -> None:
    page.add_init_script(FAST)
    _switched_off(page, live, enter)
    toast = page.locator(".toast-message")
    toast.hover()
    page.wait_for_timeout(2_500)
    expect(toast).to_be_visible()
    page.keyboard.press("F8")
    page.mouse.move(600, 300)
    page.wait_for_timeout(2_500)
    expect(toast).to_be_visible()
    page.get_by_role("switch").focus()
    expect(toast).to_have_count(0)


def test_escape_dismisses_and_the_focus_goes_on_in_the_page(page: Page, live: str, enter: Enter) -> None:
    _switched_off(page, live, enter)
    page.keyboard.press("F8")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Dismiss")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".toast-message")).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()


def test_without_javascript_the_message_and_its_undo_stand_in_the_page(
    browser: Browser, live: str, enter: Enter
) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    plain = browser.new_context(java_script_enabled=False).new_page()
    enter(plain, "rosa")
    plain.goto(f"{live}/automations/{automation_id}")
    plain.get_by_role("switch").click()
    message = plain.locator("#notices")
    expect(message).to_contain_text("“Thanks” is off.")
    assert message.evaluate("one => getComputedStyle(one).position") == "static"
    plain.get_by_role("button", name="Undo: “Thanks” is off.").click()
    expect(message).to_contain_text("“Thanks” is on again.")
    plain.context.close()


def test_a_toast_is_accessible_wide_and_narrow_light_and_dark(
    page: Page, live: str, enter: Enter, all_looks: Callable[[Page], list[str]]
) -> None:
    _switched_off(page, live, enter)
    page.locator(".toast-message").hover()
    assert all_looks(page) == []
    expect(page.locator(".toast-message")).to_be_visible()
