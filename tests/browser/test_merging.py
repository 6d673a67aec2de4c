"""Two customers made one by keyboard, wide and on a phone, and parted again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import go_back
from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]


def test_a_duplicate_is_compared_merged_and_parted(
    page: Page, live: str, enter: Enter, all_looks: Callable[[Page], list[str]]
) -> None:
    shop.place_customer("D-1", first_name="Ottilie", last_name="Rook", phone="020 7946 0111")
    shop.place_customer("D-2", first_name="Ottilie", last_name="Rook", phone="+44 20 7946 0111")
    enter(page, "rosa")
    page.goto(f"{live}/customers/D-1")
    page.get_by_role("link", name="Merge…").press("Enter")
    page.get_by_role("link", name="Compare with Ottilie Rook").press("Enter")
    expect(page.get_by_role("heading", name="Merge Ottilie Rook (D-2) into")).to_be_visible()
    assert all_looks(page) == []
    page.get_by_role("button", name="Merge D-2 into D-1").press("Enter")
    expect(page.get_by_text("Ottilie Rook (D-2) is merged into Ottilie Rook (D-1).")).to_be_visible()
    assert all_looks(page) == []
    go_back(page)
    expect(page.get_by_text("The other customer is no longer there, merged or erased.")).to_be_visible()
    page.get_by_role("button", name="Undo the merge of D-2").press("Enter")
    expect(page.get_by_text("The merge is undone. Customer D-2 is back.")).to_be_visible()
