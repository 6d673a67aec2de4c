"""Fields in the texts of messages: completed after {{, shown as chips, undone and copied as plain text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.browser.screen import Chromium
from tests.kit import shop
from tests.web.building import an_automation, automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]


@pytest.fixture
def message(page: Page, live: str, enter: Enter, bloom: Store, rosa: User) -> Locator:
    """The text of an email, empty and with the focus."""
    id = an_automation(bloom, rosa, actions=[shop.email_to()])
    enter(page, "rosa")
    Chromium(page, live).goto(f"/automations/{id}")
    text = page.get_by_label("Message", exact=True)
    text.fill("")
    text.focus()
    return text


def chips(page: Page) -> Locator:
    return page.locator(".chip-field:has(textarea) mark.chip")


def test_a_field_is_completed_by_keyboard_and_becomes_a_chip(
    page: Page, message: Locator, all_looks: Callable[[Page], list[str]]
) -> None:
    page.keyboard.type("Hello {{ first")
    options = page.locator(".popup-option")
    expect(options).to_have_text(["First name"])
    expect(message).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "none")
    page.keyboard.press("Enter")
    expect(message).to_have_value("Hello {{ customer.first_name }}")
    expect(options).to_have_count(0)
    page.keyboard.type(", order {{num")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(message).to_have_value("Hello {{ customer.first_name }}, order {{ order.number }}")
    expect(chips(page)).to_have_text(["{{ customer.first_name }}", "{{ order.number }}"])
    expect(page.get_by_role("region", name="Try it")).to_contain_text("Hello Sam, order SAMPLE-1")
    assert all_looks(page) == []


def test_a_chip_has_the_name_of_the_menu_and_shows_what_is_typed_while_the_caret_is_in_it(
    page: Page, message: Locator, all_looks: Callable[[Page], list[str]]
) -> None:
    text = "Hello {{ customer.first_name }}, {{ order.total | money }} {{ nothing.known }}"
    message.fill(text)
    first, second, third = (chips(page).nth(place) for place in range(3))
    expect(first).to_have_attribute("data-name", "Customer › First name")
    expect(second).to_have_attribute("data-name", re.compile("Total$"))
    expect(third).not_to_have_attribute("data-name", re.compile("."))
    # A chip is made anew whenever the text is painted, so it is looked for and measured in one go.
    chip = "document.querySelector('.chip-field:has(textarea) mark.chip')"
    painted = f"getComputedStyle({chip}, '::after').content"
    page.wait_for_function(f"{painted} === '\"Customer › First name\"'")
    expect(message).to_have_accessible_description(re.compile("^Fields in it: Customer › First name, Order"))
    page.keyboard.press("Control+Home")
    for _ in range(len("Hello ")):
        page.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("data-name", "Customer › First name")
    page.keyboard.press("F2")
    expect(first).not_to_have_attribute("data-name", re.compile("."))
    page.keyboard.press("Home")
    expect(first).to_have_attribute("data-name", "Customer › First name")
    page.keyboard.press("Control+a")
    expect(first).to_have_attribute("data-name", "Customer › First name")
    assert page.evaluate("getSelection().toString()") == text
    assert all_looks(page) == []
    page.get_by_text("Insert a field into message").click()
    expect(page.locator("#actions-0-settings-message-insert .insert-edits")).to_be_visible()
    page.get_by_text("Insert a field into message").click()
    message.fill("None")
    expect(message).not_to_have_attribute("aria-describedby", re.compile("fields"))


def test_escape_closes_the_list_until_another_field_begins(page: Page, message: Locator) -> None:
    page.keyboard.type("{{ ord")
    expect(page.get_by_role("listbox", name="Fields")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.type("er")
    expect(message).to_have_value("{{ order")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(message).to_have_value("{{ order\n")
    page.keyboard.type("{{ nothing like it")
    expect(page.get_by_text("No field is called that.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(message).to_have_value("{{ order\n{{ nothing like it\n")


def test_what_was_completed_is_undone_and_copied_as_plain_text(page: Page, message: Locator) -> None:
    page.keyboard.type("Hello {{ first")
    expect(page.locator(".popup-option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(message).to_have_value("Hello {{ customer.first_name }}")
    page.keyboard.press("Control+z")
    expect(message).to_have_value("Hello {{ first")
    page.keyboard.press("Control+Shift+z")
    expect(message).to_have_value("Hello {{ customer.first_name }}")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    expect(chips(page)).to_have_count(0)
    page.keyboard.press("Control+v")
    page.keyboard.press("Control+v")
    expect(message).to_have_value("Hello {{ customer.first_name }}" * 2)
    expect(chips(page)).to_have_count(2)


def test_a_field_of_the_menu_is_undone_too(page: Page, message: Locator) -> None:
    page.keyboard.type("Order ")
    page.get_by_text("Insert a field into message").click()
    page.get_by_role("button", name="Number", exact=True).first.click()
    expect(message).to_have_value("Order {{ order.number }}")
    page.keyboard.press("Control+z")
    expect(message).to_have_value("Order ")


@pytest.mark.parametrize(("key", "to_the_edge"), [("Backspace", []), ("Delete", ["Home"])])
def test_a_key_at_the_edge_of_a_chip_takes_all_of_it_and_is_undone_whole(
    page: Page, message: Locator, key: str, to_the_edge: list[str]
) -> None:
    page.keyboard.insert_text("{{ order.number }}")
    for other in (*to_the_edge, key):
        page.keyboard.press(other)
    expect(message).to_have_value("")
    page.keyboard.press("Control+z")
    expect(message).to_have_value("{{ order.number }}")
    # Within a chip, what is typed is changed letter by letter.
    for other in ("End", "F2", "Backspace"):
        page.keyboard.press(other)
    expect(message).to_have_value("{{ order.numbe }}")


@pytest.mark.parametrize(("key", "place"), [("Control+Backspace", "End"), ("Control+Delete", "Home")])
def test_a_key_that_deletes_a_word_takes_a_chip_whole(
    page: Page, message: Locator, key: str, place: str
) -> None:
    for text, left in (("{{ order.number }}", ""), (" {{ order.number }} ", " ")):
        message.fill(text)
        for other in (place, key):
            page.keyboard.press(other)
        expect(message).to_have_value(left)


SELECTED = "one => [one.selectionStart, one.selectionEnd, one.selectionDirection]"


def test_arrows_step_over_a_chip_as_over_one_letter(page: Page, message: Locator) -> None:
    text = "Hi {{ order.number }}{{ order.total }}!"
    first, second, end = text.index("{"), text.index("{{ order.total"), text.index("!")
    message.fill(text)
    page.keyboard.press("Control+Home")
    for place in (1, 2, first, second, end, len(text)):
        page.keyboard.press("ArrowRight")
        assert message.evaluate(SELECTED)[:2] == [place, place]
    expect(page.locator("[aria-live=assertive]").last).to_have_text("Order › Total")
    for place in (end, second, first, 2):
        page.keyboard.press("ArrowLeft")
        assert message.evaluate(SELECTED)[:2] == [place, place]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+ArrowRight")
    assert message.evaluate(SELECTED)[:2] == [second, second]
    for key, stop in (("ArrowRight", end), ("ArrowLeft", second), ("ArrowLeft", first)):
        page.keyboard.press(f"Shift+{key}")
        assert message.evaluate(SELECTED)[:2] == sorted([second, stop])
    page.keyboard.press("Delete")
    expect(message).to_have_value(text.replace("{{ order.number }}", ""))
    page.keyboard.press("Control+z")
    expect(message).to_have_value(text)


@pytest.mark.parametrize("key", ["ArrowUp", "ArrowDown"])
def test_up_and_down_do_not_end_within_a_chip(page: Page, message: Locator, key: str) -> None:
    chip = "{{ customer.first_name }}"
    text = f"{chip}\nabcdefghij\n{chip}"
    message.fill(text)
    message.evaluate("(one, at) => one.setSelectionRange(at, at)", text.index("fgh"))
    page.keyboard.press(key)
    place = 0 if key == "ArrowUp" else len(text)
    page.wait_for_function(
        "([one, place]) => one.selectionStart === place", arg=[message.element_handle(), place]
    )
    expect(chips(page).nth(0)).to_have_attribute("data-name", "Customer › First name")
    expect(chips(page).nth(1)).to_have_attribute("data-name", "Customer › First name")


def test_a_click_or_f2_opens_a_chip_and_the_description_says_so(page: Page, message: Locator) -> None:
    message.fill("{{ customer.first_name }}, hello")
    chip = chips(page).first
    expect(message).to_have_accessible_description(re.compile("Beside a field, F2 edits it."))
    page.keyboard.press("Control+Home")
    expect(chip).to_have_attribute("data-name", "Customer › First name")
    page.keyboard.press("F2")
    expect(chip).not_to_have_attribute("data-name", re.compile("."))
    page.keyboard.press("ArrowRight")
    assert message.evaluate(SELECTED)[0] == len("{{ c")
    page.keyboard.press("End")
    expect(chip).to_have_attribute("data-name", "Customer › First name")
    box = chip.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(chip).not_to_have_attribute("data-name", re.compile("."))
    page.keyboard.press("End")
    expect(chip).to_have_attribute("data-name", "Customer › First name")


def test_a_chip_stands_exactly_behind_its_words(page: Page, message: Locator) -> None:
    """The layer wraps and scrolls as the text does: it is as wide and as high, to the pixel."""
    message.fill(
        "\n".join(f"Line {line} of {{{{ order.number }}}} that is rather long " * 3 for line in range(40))
    )
    expect(chips(page)).to_have_count(120)
    page.keyboard.press("Control+End")
    layer = page.locator(".chip-field:has(textarea) .chip-layer")
    measure = "one => [one.clientWidth, one.scrollHeight, Math.round(one.scrollTop)]"
    width, height, top = message.evaluate(measure)
    layer_width, layer_height, layer_top = layer.evaluate(measure)
    assert top > 0 and layer_top == top and layer_height == height
    assert layer_width >= width


def test_what_is_saved_is_the_plain_text(page: Page, message: Locator) -> None:
    page.keyboard.type("Hello {{ first")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    id = int(page.url.rstrip("/").rpartition("/")[2].partition("?")[0])
    assert automation(id).draft["actions"][0]["settings"]["message"] == "Hello {{ customer.first_name }}"
