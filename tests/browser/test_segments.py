"""The segment builder in a browser: choices offer others, and who fits is counted at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from automations.models.db.base import db
from automations.models.tables.segment import Segment
from tests.kit import shop


@pytest.mark.slow
def test_a_segment_is_built_and_counted_in_the_page(
    page: Page, live: str, enter: Callable[[Page, str], None], axe: Callable[[Page], list[str]]
) -> None:
    shop.place_customer("V-1", tags=["vip"])
    enter(page, "rosa")
    page.goto(f"{live}/segments/new")
    page.get_by_label("Name", exact=True).fill("Best")
    page.get_by_label("Condition 1 field").select_option("tags")
    page.get_by_label("Condition 1 value").fill("vip")
    expect(page.get_by_text("1 of all 3 customers")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Add “or” group").click()
    page.get_by_label("Condition 2.1 field").select_option("marketing_consent")
    page.get_by_label("Condition 2.1 value").select_option("no")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Best")
    page.get_by_role("button", name="Remove condition 2.2").click()
    expect(page.get_by_text("Ready to save.")).to_be_visible(timeout=60_000)
    assert axe(page) == []
    page.get_by_role("button", name="Save segment").last.click()
    expect(page.get_by_text("“Best” is saved.")).to_be_visible(timeout=60_000)
    db.session.rollback()
    assert len(db.session.query(Segment).one().conditions) == 2
