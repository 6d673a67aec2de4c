"""In a browser: an order is entered with where it goes, in which parcel, and what is weighed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

Enter = Callable[[Page, str], None]


def test_a_manager_enters_an_order_that_is_delivered_to_someone_else(
    page: Page, live: str, enter: Enter
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/orders/new")
    page.get_by_label("Recipient").fill("Ivy Cole")
    page.get_by_label("Delivery from").fill("09:00")
    page.get_by_label("Delivery until").fill("12:00")
    address = page.get_by_role("group", name="Delivery address")
    address.get_by_label("Street").fill("1 Mill Lane")
    address.get_by_label("City").fill("Bath")
    page.get_by_label("Shipping").fill("4.95")
    item = page.get_by_role("group", name="Item 1")
    for label, text in (("Name", "Moss"), ("Quantity", "0.5"), ("Unit price", "9.99")):
        item.get_by_label(label).fill(text)
    parcel = page.get_by_role("group", name="Parcel 1")
    parcel.get_by_label("Carrier").fill("DHL")
    parcel.get_by_label("Status").select_option("Booked")
    page.get_by_role("button", name="Save order").last.click()
    side = page.locator(".record-side")
    for shown in ("Ivy Cole", "1 Mill Lane, Bath", "£9.95", "£4.95", "0.5 ×"):
        expect(side.get_by_text(shown).first).to_be_visible()
    expect(side).to_contain_text("DHL Booked")
