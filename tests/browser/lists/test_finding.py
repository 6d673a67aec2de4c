"""Finding records and changing many of them, on a desk and on a phone: ticked, sorted, applied, undone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit.shop import place_customer, place_order

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
WIDTHS = {"desk": 1280, "phone": 390}
#: Whether the search field shows its hint in full, and each filter its first choice.
CUT = """form => [...form.querySelectorAll('input[type=search], select')].filter(one => {
    if (!one.checkVisibility()) return false;
    const style = getComputedStyle(one), pen = document.createElement('canvas').getContext('2d');
    pen.font = style.font;
    const text = one.tagName === 'SELECT' ? one.selectedOptions[0].text : one.placeholder;
    return pen.measureText(text).width
        > one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
}).map(one => one.getAttribute('aria-label'))"""


@pytest.fixture
def orders(live: str) -> None:
    """Three orders of two customers and one of nobody."""
    for number, last_name, status in (("101", "Zorn", "confirmed"), ("102", "Abel", "picked")):
        customer = place_customer(f"C-{last_name}", first_name="Ida", last_name=last_name)
        place_order(number, status=status, customer_id=customer.id, tags=["Gift"])
    place_order("103", status="confirmed")


def statuses() -> list[str]:
    db.session.rollback()
    return [order.status for order in db.session.query(Order).order_by(Order.number)]


def shown(page: Page, width: int) -> Locator:
    """Return the records as this screen shows them: rows of a table, or cards."""
    within = "#records tbody tr" if width > 768 else "#records .record-card"
    return page.locator(within)


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("size", WIDTHS)
def test_ticked_orders_are_changed_and_changed_back(page: Page, live: str, enter: Enter, size: str) -> None:
    page.set_viewport_size({"width": WIDTHS[size], "height": 844})
    enter(page, "rosa")
    page.goto(f"{live}/orders")
    rows = shown(page, WIDTHS[size])
    for number in ("101", "103"):
        rows.filter(has_text=number).get_by_label(f"Tick Order {number}").check()
    bar = page.get_by_role("form", name="Change many orders")
    expect(bar.get_by_role("button", name="Apply to ticked…")).to_be_in_viewport()
    expect(bar.get_by_label("Tag to add or remove")).to_be_hidden()
    bar.get_by_label("What to do").select_option(label="Picked")
    bar.get_by_role("button", name="Apply to ticked…").click()
    expect(page.get_by_role("heading", name="Set 2 orders to Picked")).to_be_visible()
    expect(page.locator("#bulk-change")).to_contain_text("Nothing has been changed yet.")
    assert statuses() == ["confirmed", "picked", "confirmed"]
    page.get_by_role("button", name="Set 2 orders to Picked").click()
    expect(page.locator("#bulk-change")).to_contain_text("2 orders changed")
    assert statuses() == ["picked", "picked", "picked"]
    page.get_by_role("button", name="Undo…").click()
    page.get_by_role("button", name="Set 2 orders back").click()
    expect(page.locator("#bulk-change")).to_contain_text("2 orders changed")
    assert statuses() == ["confirmed", "picked", "confirmed"]


@pytest.mark.usefixtures("orders")
def test_a_tag_is_added_to_all_that_a_filter_finds(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/orders?status=confirmed")
    bar = page.get_by_role("form", name="Change many orders")
    bar.get_by_label("What to do").select_option(label="Add the tag written beside")
    bar.get_by_label("Tag to add or remove").fill("Christmas")
    bar.get_by_role("button", name="Apply to all that match…").click()
    page.get_by_role("button", name="Add the tag “Christmas” to 2 orders").click()
    expect(page.locator("#bulk-change")).to_contain_text("2 orders changed")
    db.session.rollback()
    tags = {order.number: order.tags for order in db.session.query(Order)}
    assert tags == {"101": ["Gift", "Christmas"], "102": ["Gift"], "103": ["Christmas"]}


@pytest.mark.usefixtures("orders")
def test_headings_sort_the_list_and_the_dropdown_does_on_a_phone(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/orders")
    rows = shown(page, 1280)
    heading = page.get_by_role("columnheader", name="Customer", exact=True)
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(rows).to_have_text([re.compile("Abel"), re.compile("Zorn"), re.compile("Walk-in")])
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(rows).to_have_text([re.compile("Zorn"), re.compile("Abel"), re.compile("Walk-in")])
    page.get_by_role("columnheader", name="Status").get_by_role("link", name="Status").click()
    expect(rows).to_have_text([re.compile("103"), re.compile("101"), re.compile("102")])
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".list-more-button").click()
    page.get_by_label("Sorted by").select_option(label="Customer’s last name, A to Z")
    expect(page).to_have_url(re.compile("sort=customer"))
    cards = shown(page, 390)
    expect(cards).to_have_text([re.compile("Abel"), re.compile("Zorn"), re.compile("Walk-in")])


@pytest.mark.parametrize("size", WIDTHS)
def test_what_is_searched_for_is_read_in_full(page: Page, live: str, enter: Enter, size: str) -> None:
    page.set_viewport_size({"width": WIDTHS[size], "height": 844})
    enter(page, "rosa")
    for address in ("orders", "events", "customers", "accounts", "mailbox", "tasks", "activity"):
        page.goto(f"{live}/{address}")
        form = page.locator("form.list-filters")
        assert form.evaluate(CUT) == [], address


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("size", WIDTHS)
def test_one_box_ticks_all_on_the_page(page: Page, live: str, enter: Enter, size: str) -> None:
    page.set_viewport_size({"width": WIDTHS[size], "height": 844})
    enter(page, "rosa")
    page.goto(f"{live}/orders")
    all_boxes = page.get_by_label("Tick all on this page").locator("visible=true")
    rows = shown(page, WIDTHS[size])
    expect(page.locator("#bulk noscript")).to_be_hidden()
    all_boxes.focus()
    page.keyboard.press("Space")
    for number in ("101", "102", "103"):
        expect(rows.filter(has_text=number).get_by_label(f"Tick Order {number}")).to_be_checked()
    rows.filter(has_text="102").get_by_label("Tick Order 102").uncheck()
    expect(all_boxes).to_have_js_property("indeterminate", True)
    # Turned to the other form of the list, the same ones are ticked.
    other = WIDTHS["phone"] if WIDTHS[size] > 768 else 1280
    page.set_viewport_size({"width": other, "height": 844})
    expect(shown(page, other).filter(has_text="102").get_by_label("Tick Order 102")).not_to_be_checked()
    expect(shown(page, other).filter(has_text="103").get_by_label("Tick Order 103")).to_be_checked()
    bar = page.get_by_role("form", name="Change many orders")
    bar.get_by_label("What to do").select_option(label="Picked")
    bar.get_by_role("button", name="Apply to ticked…").click()
    expect(page.get_by_role("heading", name="Set 2 orders to Picked")).to_be_visible()


@pytest.mark.usefixtures("orders")
def test_without_scripts_a_button_speaks_of_the_page(browser: Browser, live: str, enter: Enter) -> None:
    page = browser.new_page(java_script_enabled=False)
    enter(page, "rosa")
    page.goto(f"{live}/orders")
    expect(page.get_by_label("Tick all on this page").first).to_be_hidden()
    bar = page.get_by_role("form", name="Change many orders")
    bar.get_by_label("What to do").select_option(label="Picked")
    bar.get_by_role("button", name="Apply to all 3 on this page…").click()
    expect(page.get_by_role("heading", name="Set 3 orders to Picked")).to_be_visible()
    page.close()
