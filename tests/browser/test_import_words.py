"""A file is imported in a browser: its columns, the words that no list has, the check, and the errors."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.browser.conftest import go_back
from tests.features.csv_import.uploads import work

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
CONTENT = b"Number,State of it,Total\nA1,In the workshop,5.00\nA2,Picked,a lot\nA3,in the workshop,7.00\n"


def test_a_file_goes_in_by_its_columns_and_words(
    page: Page, live: str, enter: Enter, axe: Axe, tmp_path: Path
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/imports")
    chosen: FilePayload = {"name": "workshop.csv", "mimeType": "text/csv", "buffer": CONTENT}
    page.get_by_label("File", exact=True).set_input_files(chosen)
    page.get_by_role("button", name="Upload and choose columns").click()
    expect(page.get_by_role("heading", level=1, name="workshop.csv")).to_be_visible()
    page.get_by_label("State of it").select_option(label="Status")
    page.get_by_role("button", name="Show what each of the 3 rows would do").click()
    expect(page.get_by_text("0 of 3 rows checked").first).to_be_visible()
    work()

    # The page looks again by itself; the word stands there once, whatever its case.
    meaning = page.get_by_label("State of it In the workshop")
    expect(meaning).to_be_visible()
    expect(page.get_by_text("in 2 rows, refused until you choose")).to_be_visible()
    assert axe(page) == []
    meaning.select_option(label="Picked")
    second = page.context.new_page()
    second.goto(page.url)
    page.get_by_role("button", name="Check all 3 rows again with these meanings").press("Enter")
    expect(page.get_by_text("0 of 3 rows checked").first).to_be_visible()
    work()
    start = page.get_by_role("button", name="Import 2 orders")
    expect(start).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="All as CSV").click()
    kept = tmp_path / "errors.csv"
    download.value.save_as(kept)
    rows = list(csv.reader(io.StringIO(kept.read_text("utf-8-sig"))))
    assert rows[1:] == [["3", "Total", "Needs an amount such as 1,234.50, not “a lot”."]]

    # Pressed twice, and gone back to in between, it is imported once.
    start.dblclick()
    expect(page.get_by_text("0 of 2 orders imported").first).to_be_visible()
    second.get_by_role("button", name="Check all 3 rows again with these meanings").click()
    expect(second.get_by_text("It has changed since this page was loaded.")).to_be_visible()
    work()
    expect(page.get_by_text("2 orders added, 0 changed, 0 left as they are, 1 refused.")).to_be_visible()
    go_back(page)
    page.goto(f"{live}/imports")
    expect(page.get_by_role("link", name="workshop.csv")).to_be_visible()
    db.session.rollback()
    assert {order.number: order.status for order in db.session.query(Order)} == dict.fromkeys(
        ("A1", "A3"), "picked"
    )
