"""Going live in a browser: the review, shadow mode and its report, with the keyboard and without a script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.kit.pages.reviewing import publish_reviewed
from tests.kit.shop import condition, draft_automation, place_order, publish_automation

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


@pytest.mark.slow
def test_a_change_is_reviewed_kept_in_shadow_mode_and_published(
    page: Page, live: str, enter: Enter, axe: Axe
) -> None:
    id = publish_automation("Big ones", "created", condition("total", "greater_than", "60.00"))
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    expect(page.get_by_role("button", name="Nothing to publish")).to_be_visible()
    page.get_by_label("Condition 1 value", exact=True).fill("40.00")
    page.get_by_role("button", name="Publish…").press("Enter")
    expect(page.get_by_role("heading", name="Publish version 2?")).to_be_visible()
    changes = page.get_by_role("definition").filter(has_text="its total is over")
    expect(changes.get_by_role("deletion")).to_have_text(["£60.00"])
    expect(changes.get_by_role("insertion")).to_have_text(["£40.00"])
    assert axe(page) == []

    page.get_by_label("Days").fill("3")
    page.get_by_role("button", name="Start shadow mode").press("Enter")
    expect(page.get_by_text("Version 2 is in shadow mode.")).to_be_visible()
    expect(page.get_by_role("link", name="Shadow until")).to_be_visible()
    place_order("1051", total=Decimal("50.00"), customer_id=1, now=dt.datetime.now(dt.UTC))
    db.session.rollback()
    page.reload()
    expect(page.get_by_text("Send email: 1")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="What it would have done for Order 1051").click()
    expect(page.get_by_role("region", name="Send email", exact=True)).to_contain_text("Thank you")
    assert axe(page) == []
    page.get_by_role("link", name="Shadow mode", exact=True).click()
    page.get_by_role("button", name="Publish it as version 3").click()
    expect(page.get_by_text("Version 3 is published and live.")).to_be_visible()
    db.session.rollback()
    assert db.session.get_one(Automation, id).active_version.definition["conditions"][0]["value"] == "40.00"


@pytest.mark.slow
def test_the_review_works_without_javascript(live: str, enter: Enter, browser: Browser) -> None:
    id = draft_automation("Thanks", "created", condition("total", "greater_than", "60.00"))
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    enter(plain, "rosa")
    plain.goto(f"{live}/automations/{id}")
    plain.get_by_role("button", name="Publish…").click()
    plain.get_by_role("link", name="Cancel, back to the rule").click()
    publish_reviewed(plain)
    expect(plain.get_by_text("Version 1 is published and live.")).to_be_visible()
    expect(plain.get_by_role("button", name="Nothing to publish")).to_have_count(0)
    plain.get_by_label("Condition 1 value", exact=True).fill("40.00")
    publish_reviewed(plain, 2)
    expect(plain.get_by_text("Version 2 is published and live.")).to_be_visible()
    plain.get_by_role("button", name="Publish…").click()
    expect(plain.get_by_role("heading", name="Nothing to publish", level=1)).to_be_visible()
    context.close()
