"""A file whose amounts may be read in two ways is asked about in a browser, and read the other way after."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import FilePayload, Page, expect

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.features.csv_import.uploads import work

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


def test_how_amounts_are_read_is_chosen_and_changed(page: Page, live: str, enter: Enter, axe: Axe) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/imports")
    chosen: FilePayload = {"name": "b.csv", "mimeType": "text/csv", "buffer": b"Number;Total\n7;1.234\n"}
    page.get_by_label("File", exact=True).set_input_files(chosen)
    page.get_by_role("button", name="Upload and choose columns").click()
    expect(page.get_by_role("group", name="The amount 1.234 in the file is")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("1.234: the point is before decimals").check()
    page.get_by_role("button", name="Show what the row would do").click()
    expect(page.get_by_text("0 of 1 rows checked").first).to_be_visible()
    work()
    card = page.get_by_role("form", name="How amounts are read")
    card = page.get_by_role("region", name="How the file is read")
    expect(card).to_be_visible()
    expect(card.get_by_label("1.234: the point is before decimals")).to_be_checked()
    assert axe(page) == []
    card.get_by_label("1234: the point separates thousands").check()
    card.get_by_role("button", name="Check the row again").press("Enter")
    expect(page.get_by_text("0 of 1 rows checked").first).to_be_visible()
    work()
    start = page.get_by_role("button", name="Import 1 order")
    expect(start).to_be_visible()
    start.click()
    expect(page.get_by_text("0 of 1 orders imported").first).to_be_visible()
    work()
    expect(page.get_by_text("1 order added")).to_be_visible()
    db.session.rollback()
    assert db.session.query(Order).one().total == Decimal(1234)
