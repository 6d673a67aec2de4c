"""Groups and time triggers, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.kit.pages.reviewing import publish_reviewed

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


@pytest.mark.parametrize("size", SIZES)
def test_an_or_group_and_a_time_are_built_by_hand(
    page: Page, live: str, enter: Enter, axe: Axe, size: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name="Start from scratch").click()
    choose(page, "Trigger", "On a schedule")
    choose(page, "How often", "week")
    choose(page, "Day of the week", "Friday")
    expect(page.get_by_role("region", name="Next times").get_by_role("listitem")).to_have_count(3)

    page.get_by_role("button", name="Add “or” group", exact=True).click()
    expect(page.get_by_label("Group 1: how many must hold", exact=True)).to_be_focused()
    choose(page, "Condition 1.1 field", "Status")
    choose(page, "Condition 1.1 operator", "is one of")
    page.get_by_label("Picked", exact=True).check()
    page.get_by_label("Confirmed", exact=True).check()
    choose(page, "Condition 1.2 field", "Total")
    choose(page, "Condition 1.2 operator", "between")
    page.get_by_label("Condition 1.2 value, from", exact=True).fill("40")
    page.get_by_label("Condition 1.2 value, to", exact=True).fill("80")
    words = page.get_by_role("region", name="In words")
    expect(words).to_contain_text(
        "either its status is Confirmed or Picked or its total is between £40.00 and £80.00"
    )
    page.get_by_label("Kind of action to add").select_option(label="Notify the team")
    page.get_by_role("button", name="Add action").click()
    page.get_by_label("Title", exact=True).fill("Look at {{ order.number }}")
    choose(page, "Action 1: when it follows", "After some time")
    expect(words).to_contain_text("notify the managers after 1 hour")
    expect(page.get_by_text("Ready to publish.")).to_be_visible()
    assert axe(page) == [] and errors == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    publish_reviewed(page)
    expect(page.get_by_text("Version 1 is published and live.")).to_be_visible()
    db.session.rollback()
    draft = db.session.query(Automation).one().draft
    assert draft["trigger"]["schedule"] == {"every": "week", "weekday": "friday", "time": "09:00"}
    assert draft["conditions"][0]["conditions"][0]["value"] == ["confirmed", "picked"]


def test_groups_are_built_without_javascript(live: str, enter: Enter, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    enter(plain, "rosa")
    plain.goto(f"{live}/automations/new")
    plain.get_by_role("link", name=re.compile("^Text a thank-you for every new order")).click()
    plain.get_by_role("button", name="Add item condition", exact=True).click()
    choose(plain, "Condition 1.1 field", "Category")
    plain.get_by_role("button", name="Update choices").click()
    choose(plain, "Condition 1.1 operator", "is one of")
    plain.get_by_role("button", name="Update choices").click()
    plain.get_by_label("Condition 1.1 value", exact=True).fill("Bouquets\nPlants")
    choose(plain, "Group 1: which items", "No item of the order")
    plain.get_by_role("button", name="Save", exact=True).last.click()
    expect(plain.get_by_role("region", name="In words")).to_contain_text(
        "no item’s category is Bouquets or Plants"
    )
    context.close()
