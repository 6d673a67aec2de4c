"""Copying from one automation and pasting into another one, in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
from tests.web.building import an_automation, automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
CREATED = {"key": "created", "from": None, "to": None}


def test_an_action_and_a_condition_go_to_an_automation_about_events(
    page: Page,
    live: str,
    enter: Enter,
    bloom: Store,
    rosa: User,
    all_looks: Callable[[Page], list[str]],
) -> None:
    conditions = [
        shop.condition("total", "greater_than", "100"),
        shop.condition("fulfilment_method", "equals", "delivery"),
    ]
    first = an_automation(bloom, rosa, conditions=conditions, actions=[shop.email_to()])
    second = an_automation(bloom, rosa, "Second", subject="event", trigger=CREATED, conditions=[], actions=[])
    enter(page, "rosa")
    page.goto(f"{live}/automations/{first}")
    copy = page.get_by_role("button", name="Copy all conditions")
    copy.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Paste 2 conditions")).to_be_visible()
    expect(copy).to_be_focused()
    page.goto(f"{live}/automations/{second}")
    page.get_by_role("button", name="Paste 2 conditions").click()
    expect(page.get_by_text("“Fulfilment method” was left out: an event has no such field.")).to_be_visible()
    expect(page.get_by_label("Condition 1 field", exact=True)).to_be_focused()
    assert all_looks(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("Saved").first).to_be_visible()

    page.goto(f"{live}/automations/{first}")
    page.get_by_role("button", name="Copy action 1").click()
    expect(page.get_by_role("button", name="Paste “Send email”")).to_be_visible()
    page.goto(f"{live}/automations/{second}")
    page.get_by_role("button", name="Paste “Send email”").click()
    expect(page.locator("#actions-0")).to_be_focused()
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    draft = automation(second).draft
    assert draft["conditions"] == conditions[:1] and draft["actions"] == [shop.email_to()]


def test_what_is_removed_is_put_back_by_keyboard_alone_and_saved_so(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User, all_looks: Callable[[Page], list[str]]
) -> None:
    conditions = [
        shop.condition("total", "greater_than", "100"),
        shop.condition("fulfilment_method", "equals", "delivery"),
    ]
    actions = [shop.email_to(message="First"), shop.email_to("manager", message="Second")]
    id = an_automation(bloom, rosa, conditions=conditions, actions=actions)
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    page.get_by_role("button", name="Remove condition 1").press("Enter")
    expect(page.get_by_role("status").get_by_text("Condition removed.")).to_be_visible()
    expect(page.get_by_label("Condition 2 field")).to_have_count(0)
    page.get_by_label("Condition 1 value", exact=True).select_option("collection")
    assert all_looks(page) == []
    page.keyboard.press("F8")
    expect(page.get_by_role("button", name="Undo: Condition removed.")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text("The condition is back.")).to_be_visible()
    expect(page.get_by_label("Condition 1 field", exact=True)).to_be_focused()
    expect(page.get_by_label("Condition 1 value", exact=True)).to_have_value("100")
    expect(page.get_by_label("Condition 2 value", exact=True)).to_have_value("collection")
    page.get_by_role("button", name="Remove action 1").press("Enter")
    expect(page.get_by_role("button", name="Remove action 2")).to_have_count(0)
    page.get_by_role("button", name="Undo: “Send email” removed.").click()
    expect(page.locator("#actions-1")).to_be_visible()
    expect(page.locator(".save-state").first).to_contain_text("Saved")
    expect(page.locator("#actions-0")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Condition 2 value", exact=True)).to_have_value("collection")
    kept = automation(id).draft
    assert [one["value"] for one in kept["conditions"]] == ["100", "collection"]
    assert [one["settings"]["message"] for one in kept["actions"]] == ["First", "Second"]


def test_a_condition_is_pasted_into_a_group_by_keyboard(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User
) -> None:
    large = shop.condition("total", "greater_than", "100")
    delivery = shop.condition("fulfilment_method", "equals", "delivery")
    id = an_automation(bloom, rosa, conditions=[large, {"match": "any", "conditions": [delivery, delivery]}])
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    page.get_by_role("button", name="Copy condition 1", exact=True).press("Enter")
    page.get_by_role("button", name="Paste condition into group 2").press("Enter")
    expect(page.get_by_label("Condition 2.3 field", exact=True)).to_be_focused()
    expect(page.get_by_label("Condition 2.3 value", exact=True)).to_have_value("100")
