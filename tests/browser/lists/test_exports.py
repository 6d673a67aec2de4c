"""A list that was filtered without loading its page anew is exported with the filters that it shows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.kit.shop import place_order

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
#: List -> how it is filtered, and what the address of its file then says.
FILTERED: dict[str, tuple[Callable[[Page], object], str]] = {
    "orders": (lambda page: page.get_by_label("Search orders").fill("10"), "q=10"),
    "customers": (lambda page: page.get_by_label("Search customers").fill("Ann"), "q=Ann"),
    "accounts": (lambda page: page.get_by_label("Search accounts").fill("Gr"), "q=Gr"),
    "tasks": (lambda page: page.get_by_label("State").select_option("done"), "state=done"),
    "mailbox": (lambda page: page.get_by_label("Search messages").fill("Ann"), "q=Ann"),
    "activity": (lambda page: page.get_by_label("Kind of record").select_option("order"), "subject=order"),
}


@pytest.mark.parametrize("name", FILTERED)
def test_the_file_has_the_filters_that_are_shown(page: Page, live: str, enter: Enter, name: str) -> None:
    place_order("101")
    enter(page, "ada")
    page.goto(f"{live}/{name}")
    link = page.get_by_role("link", name="Export CSV")
    expect(link).to_have_attribute("href", re.compile(rf"^/{name}\.csv$"))
    filter_by, asked = FILTERED[name]
    filter_by(page)
    expect(link).to_have_attribute("href", re.compile(rf"^/{name}\.csv\?(.*&)?{asked}(&|$)"))
    expect(link).to_have_count(1)
