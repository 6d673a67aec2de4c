"""A long list of the builder is searched by keyboard and mouse; closed it is the browser's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.browser.conftest import ANY, found_by_axe
from tests.browser.screen import Chromium
from tests.kit import shop
from tests.web.building import an_automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
FIELD = "Condition 1 field"


@pytest.fixture
def field(page: Page, live: str, enter: Enter, bloom: Store, rosa: User) -> Locator:
    """The list of fields of the only condition."""
    id = an_automation(bloom, rosa, conditions=[shop.condition("note", "contains", "roses")])
    enter(page, "rosa")
    Chromium(page, live).goto(f"/automations/{id}")
    expect(page.get_by_role("region", name="In words")).to_contain_text("roses")
    return page.get_by_label(FIELD, exact=True)


def search(page: Page) -> Locator:
    return page.get_by_role("combobox", name=f"Find: {FIELD}")


def test_the_open_list_belongs_to_the_main_part_of_the_page(page: Page, field: Locator) -> None:
    field.focus()
    page.keyboard.press("Enter")
    expect(search(page)).to_be_focused()
    assert found_by_axe(page, "region", impacts=ANY) == []


def test_a_field_is_found_by_its_label_and_chosen_with_enter(page: Page, field: Locator) -> None:
    field.focus()
    page.keyboard.press("Enter")
    expect(search(page)).to_be_focused()
    # The present choice is marked.
    expect(page.locator(".popup-option[aria-selected=true]")).to_have_text("Note")
    page.keyboard.type("delivery dat")
    options = page.locator(".popup-option")
    expect(options).to_have_text(["Delivery date"])
    expect(search(page)).to_have_attribute(
        "aria-activedescendant", options.first.get_attribute("id") or "none"
    )
    page.keyboard.press("Enter")
    expect(field).to_have_value("delivery_date")
    expect(field).to_be_focused()
    expect(page.get_by_role("region", name="In words")).to_contain_text("delivery date")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("surname", "Customer’s last name"),
        ("zip", "Delivery postcode"),
        ("its customer tele", "Customer’s phone"),
    ],
)
def test_a_field_is_found_by_another_word_or_its_group(
    page: Page, field: Locator, typed: str, found: str
) -> None:
    field.focus()
    page.keyboard.press("Space")
    search(page).fill(typed)
    expect(page.locator(".popup-option")).to_have_text([found])


def test_the_arrows_go_round_and_escape_changes_nothing(page: Page, field: Locator) -> None:
    field.focus()
    page.keyboard.press("Alt+ArrowDown")
    search(page).fill("delivery")
    chosen = page.locator(".popup-option[aria-selected=true]")
    # The first one that begins with it is marked, not the first one found by another word.
    expect(chosen).to_have_text("Delivery type")
    names = page.locator(".popup-option").all_text_contents()
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_text("Delivery status")
    for _ in range(names.index("Delivery status")):
        page.keyboard.press("ArrowUp")
    expect(chosen).to_have_text(names[0])
    page.keyboard.press("ArrowUp")
    expect(chosen).to_have_text(names[-1])
    page.keyboard.press("Escape")
    expect(search(page)).to_have_count(0)
    expect(field).to_be_focused()
    expect(field).to_have_value("note")
    page.keyboard.press("Enter")
    search(page).fill("no such thing")
    expect(page.get_by_text("Nothing here is called that.")).to_be_visible()
    page.keyboard.press("Tab")
    expect(search(page)).to_have_count(0)
    expect(page.get_by_label("Condition 1 operator", exact=True)).to_be_focused()


def test_a_click_opens_it_and_a_click_chooses(
    page: Page, field: Locator, all_looks: Callable[[Page], list[str]]
) -> None:
    field.click()
    expect(search(page)).to_be_focused()
    assert all_looks(page) == []
    page.locator(".popup-option").get_by_text("Total", exact=True).click()
    expect(field).to_have_value("total")
    field.click()
    expect(search(page)).to_be_focused()
    field.click()
    expect(search(page)).to_have_count(0)


def test_a_short_list_is_the_browsers_own(page: Page, field: Locator) -> None:
    operators = page.get_by_label("Condition 1 operator", exact=True)
    assert operators.locator("option").count() < 10
    operators.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".popup-list")).to_have_count(0)
    expect(field).to_have_value("note")
