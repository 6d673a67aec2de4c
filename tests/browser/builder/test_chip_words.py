"""Chips of a message read like words: fields, conditions and loops, on one line and on two."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.builder.test_fields_in_texts import chips, message

__all__ = ["message"]

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

#: What is typed, and what its chip says.
WORDS = {
    "{% if order.total %}": "if Order total is set",
    "{%- if customer.name -%}": "if Full name is set",
    "{% if order.total > 20.50 %}": "if Order total is over 20.50",
    "{% if order.status == 'Paid and sent' %}": "if Order status is “Paid and sent”",
    "{% if order.total >= 5 and order.note != '' %}": "if Total is at least 5 and Note is set",
    "{% elsif order.note contains 'rose' %}": "or if Order note contains “rose”",
    "{% if order.lines.size > 1 %}": "if number of lines is over 1",
    "{% else %}": "otherwise",
    "{% endif %}": "end if",
    "{% unless order.note %}": "unless Order note is set",
    "{% endunless %}": "end unless",
    "{% case order.status %}": "depending on Status",
    "{% when 'Paid', 'Sent' %}": "when it is “Paid” or “Sent”",
    "{% endcase %}": "end of cases",
    "{% for line in order.lines -%}": "for each of Order lines",
    "{{ line.unit_price | money }}": "Line › Unit price",
    "{% if line.quantity == 1 %}": "if Line quantity is 1",
    "{% endfor %}": "end for each",
}
#: What no words say better than what is typed.
CODE = (
    "{% if nothing.known %}",
    "{% if order.total > nothing.known %}",
    "{% whatever %}",
    "{{ nothing.known }}",
)
#: Per chip what it says, and in two lines what each of its pieces says.
SAID = """() => [...document.querySelectorAll(".chip-field:has(textarea) mark.chip")]
    .map(chip => chip.dataset.name ?? [...chip.children].map(piece => piece.dataset.name))"""

#: The colours of what is typed in them.
COLOURS = """() => [...document.querySelectorAll(".chip-field:has(textarea) mark.chip")]
    .flatMap(chip => chip.children.length ? [...chip.children] : chip)
    .map(part => getComputedStyle(part).color)"""

#: Pieces of chips that are drawn without words, or run over a line themselves.
UGLY = """() => [...document.querySelectorAll(".chip-field:has(textarea) .chip-piece")]
    .filter(one => one.getClientRects().length !== 1
        || Boolean(one.dataset.name) !== (getComputedStyle(one).backgroundColor !== "rgba(0, 0, 0, 0)"))
    .map(one => one.outerHTML)"""


def test_conditions_and_loops_read_like_words(
    page: Page, message: Locator, all_looks: Callable[[Page], list[str]]
) -> None:
    message.fill("\n".join([*WORDS, *CODE]))
    page.get_by_label("Name of the automation").focus()
    for place, (typed, said) in enumerate(WORDS.items()):
        expect(chips(page).nth(place)).to_have_text(typed)
        expect(chips(page).nth(place)).to_have_attribute("data-name", said)
    for place, typed in enumerate(CODE, len(WORDS)):
        expect(chips(page).nth(place)).to_have_text(typed)
        assert chips(page).nth(place).evaluate("one => [one.dataset.name ?? '', one.children.length]") == [
            "",
            0,
        ]
    assert all_looks(page) == []


def test_a_chip_over_two_lines_is_one_chip_and_shows_no_code(page: Page, message: Locator) -> None:
    """Wherever a line ends, words stand over every chip; what is typed keeps its place under them."""
    page.set_viewport_size({"width": 390, "height": 900})
    typed = ["{{ order.total | money }}", "{% if order.delivery_date %}", "{{ customer.first_name }}"]
    split = 0
    for ahead in range(1, 40, 2):
        message.fill(f"{'w' * ahead} {' '.join(typed)}")
        page.get_by_label("Name of the automation").focus()
        expect(chips(page)).to_have_text(typed)
        for said in page.evaluate(SAID):
            pieces = said if isinstance(said, list) else [said]
            split += len(pieces) > 1
            words = " ".join(filter(None, pieces))
            assert words in {
                "Order › Total",
                "Total",
                "if Order delivery date is set",
                "if Delivery date is set",
                "Customer › First name",
                "First name",
            }
        assert set(page.evaluate(COLOURS)) == {"rgba(0, 0, 0, 0)"}
        assert page.evaluate(UGLY) == []
        measure = "one => [one.clientWidth, one.scrollHeight]"
        layer = page.locator(".chip-field:has(textarea) .chip-layer")
        assert message.evaluate(measure)[1] == layer.evaluate(measure)[1]
    assert split > 5


def test_a_chip_of_words_is_edited_copied_and_sent_as_what_is_typed(page: Page, message: Locator) -> None:
    text = "{% if order.note %}Note{% else %}None{% endif %}"
    message.fill(text)
    chip = chips(page).first
    page.keyboard.press("Control+Home")
    expect(chip).to_have_attribute("data-name", "if Order note is set")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    expect(chip).not_to_have_attribute("data-name", "if Order note is set")
    page.keyboard.insert_text(" == 'x'")
    expect(message).to_have_value(text.replace("note", "note == 'x'", 1))
    page.keyboard.press("Control+Home")
    expect(chip).to_have_attribute("data-name", "if Order note is “x”")
    page.keyboard.press("Control+z")
    expect(message).to_have_value(text)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+v")
    expect(message).to_have_value(text * 2)
    expect(chips(page)).to_have_count(6)
    page.keyboard.press("Control+Home")
    expect(chips(page).nth(3)).to_have_attribute("data-name", "if Order note is set")
    page.keyboard.press("Delete")
    expect(message).to_have_value((text * 2).removeprefix("{% if order.note %}"))
    expect(chips(page)).to_have_count(5)
