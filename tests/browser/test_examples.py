"""In a browser: a log entry is judged again and kept as an example, which then holds publishing back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.kit import shop
from tests.kit.doing import perform_all

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

ANNA = 1
Enter = Callable[[Page, str], None]


def test_an_entry_is_judged_again_kept_as_an_example_and_holds_publishing_back(
    page: Page, live: str, enter: Enter, axe: Callable[[Page], list[str]]
) -> None:
    now = dt.datetime.now(dt.UTC)
    delivered = shop.condition("fulfilment_method", "equals", "delivery")
    automation = shop.publish_automation("Confirm", "created", delivered, now=now)
    total = Decimal("32.50")
    shop.place_order("0912", customer_id=ANNA, fulfilment_method="delivery", total=total, now=now)
    perform_all(now)
    over = shop.condition("total", "greater_than", "40.00")
    shop.publish_again(automation, "created", delivered, over, now=now)
    enter(page, "rosa")
    page.goto(f"{live}/orders/0912")
    page.get_by_label("More about Confirm").first.click()
    page.get_by_role("link", name="Replay it").click()
    table = page.get_by_role("table")
    row = table.get_by_role("row").filter(has_text="makes the difference")
    expect(row.get_by_role("rowheader")).to_contain_text("Total")
    expect(row).to_contain_text("not asked")
    expect(row).to_contain_text("£32.50, needs over £40.00")
    expect(page.get_by_role("region", name="Why they differ")).to_contain_text("would not fire")
    expect(table.get_by_role("link", name="Read it")).to_be_visible()
    assert axe(page) == []

    page.get_by_label("On the right").select_option(label="The draft")
    page.get_by_role("button", name="Replay").click()
    expect(table.get_by_role("columnheader", name="By the draft")).to_be_visible()
    page.get_by_role("link", name="As it is today").click()
    expect(table.get_by_role("columnheader", name="#0912 today")).to_be_visible()

    page.get_by_role("region", name="Keep it as an example").get_by_role("button", name="Must fire").click()
    expect(page.get_by_role("status")).to_contain_text("Pinned. #0912 must fire, but would not")
    page.goto(f"{live}/automations/{automation}")
    checks = page.get_by_role("region", name="Checks")
    expect(checks).to_contain_text("Pinned examples: 0 of 1 behave as expected.")
    # An edit asks the examples at once, before anything is saved.
    page.get_by_label("Condition 2 value", exact=True).fill("30.00")
    expect(checks).to_contain_text("Pinned examples: 1 of 1 behaves as expected.")
    tried = page.get_by_role("region", name="Try it")
    tried.get_by_label("Record to try it on").select_option(label="A sample delivery order, paid")
    expect(tried.get_by_role("status")).to_contain_text("It would fire.")
    tried.get_by_role("button", name="Must not fire").click()
    expect(page.get_by_role("alert")).to_contain_text("must not fire, but would")
    expect(checks).to_contain_text("Pinned examples: 1 of 2 behaves as expected.")

    checks.get_by_role("link", name="Pinned examples").click()
    listed = page.get_by_role("listitem").filter(has_text="A sample delivery order, paid")
    expect(listed).to_contain_text("Pinned by Rosa Lind")
    assert axe(page) == []
    listed.get_by_label("Change A sample delivery order, paid").click()
    listed.get_by_role("button", name="Remove A sample delivery order, paid").click()
    expect(page.get_by_role("status")).to_contain_text("is no longer an example")
    expect(listed).to_have_count(0)
