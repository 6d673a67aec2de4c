"""In the builder: the controls of conditions on dates, as a manager sets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.browser.builder.test_builder import choose
from tests.kit.pages.reviewing import publish_reviewed
from tests.kit.shop import publish_automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]


def definition(automation_id: int) -> dict[str, Any]:
    db.session.rollback()
    version = db.session.get_one(Automation, automation_id).active_version
    assert version
    written: dict[str, Any] = version.definition
    return written


@pytest.mark.parametrize("width", [1280, 390])
def test_a_date_is_compared_with_today_with_a_span_and_with_other_dates(
    page: Page, live: str, enter: Enter, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    id = publish_automation("Remind", "created")
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    in_words = page.get_by_role("region", name="In words")
    page.get_by_role("button", name="Add condition").click()
    expect(page.get_by_label("Condition 1 field", exact=True)).to_be_focused()
    choose(page, "Condition 1 field", "Delivery date")
    value = page.get_by_label("Condition 1 value", exact=True)
    expect(value).to_have_attribute("type", "date")
    value.fill("2026-12-24")
    expect(in_words).to_contain_text("24 Dec 2026")

    # What needs no value has no field for one.
    choose(page, "Condition 1 operator", "is tomorrow")
    expect(value).to_have_count(0)
    expect(in_words).to_contain_text("delivery date is tomorrow")

    # Two dates with a word between them.
    choose(page, "Condition 1 operator", "between")
    first, last = (page.get_by_label(f"Condition 1 value, {end}", exact=True) for end in ("from", "to"))
    expect(last).to_have_attribute("type", "date")
    first.fill("2026-12-01")
    last.fill("2026-12-24")
    expect(in_words).to_contain_text("1 Dec 2026 and 24 Dec 2026")

    # A number with its unit.
    choose(page, "Condition 1 operator", "is in exactly")
    expect(page.get_by_label("Condition 1 value, unit", exact=True)).to_be_visible()
    value.fill("2")
    choose(page, "Condition 1 value, unit", "weeks")
    expect(in_words).to_contain_text("delivery date is in exactly 2 weeks")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    publish_reviewed(page, 2)
    expect(page.get_by_text("Version 2 is published and live.")).to_be_visible()
    assert "2 weeks" in str(definition(id))
