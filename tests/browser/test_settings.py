"""The layout and the settings in a real browser: phone, dark, keyboard, no JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.pages import EMAILS
from tests.world import PASSWORD

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
PAGES = (
    "store",
    "stores",
    "stores/new",
    "team",
    "team/new",
    "team/3/password",
    "lists",
    "email",
    "email-look",
    "keys",
    "audit",
)


def test_axe_finds_nothing_serious_and_nothing_runs_over(
    browser: Browser, live: str, enter: Enter, all_looks: Axe
) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{live}/sign-in")
    assert all_looks(page) == []
    enter(page, "ada")
    for name in PAGES:
        page.goto(f"{live}/settings/{name}")
        assert all_looks(page) == [], name
    page.close()
    assert errors == []


def test_the_system_decides_between_light_and_dark_until_a_person_does(
    browser: Browser, live: str, enter: Enter
) -> None:
    page = browser.new_page(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    enter(page, "ada")
    dark = page.evaluate(ground)
    page.goto(f"{live}/settings/team")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Light").click()
    expect(page).to_have_url(f"{live}/settings/team")
    assert page.evaluate(ground) != dark
    page.close()


def test_everything_works_without_javascript_on_a_phone(browser: Browser, live: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{live}/settings/lists")
    page.get_by_label("Email").fill(EMAILS["rosa"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{live}/settings/lists")
    page.get_by_label("Rename Picked").click()
    page.get_by_label("Name").fill("Packed")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("status")).to_contain_text("It is now called “Packed”")
    page.get_by_label("Show the menu").check()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def test_the_keyboard_skips_to_the_content_and_closes_the_menu(page: Page, live: str, enter: Enter) -> None:
    enter(page, "ada")
    page.goto(f"{live}/settings/team")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    summary = page.locator("details.menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()
