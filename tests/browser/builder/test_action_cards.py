"""The actions of a rule: one line each while folded, moved by buttons and by dragging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from automations.actions import ACTIONS
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.browser.screen import Chromium
from tests.kit import shop
from tests.web.building import an_automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
TASK: dict[str, Any] = {
    "kind": "create_task",
    "settings": ACTIONS["create_task"].Form(data={"title": "Wrap it"}).to_settings(),
}
STATUS = {"kind": "change_data", "settings": {"field": "status", "value": "Confirmed"}}


def opened(page: Page, live: str, enter: Enter, store: Store, user: User) -> Chromium:
    """Open an automation with three finished actions."""
    id = an_automation(store, user, actions=[shop.email_to(), TASK, STATUS])
    enter(page, "rosa")
    screen = Chromium(page, live)
    screen.goto(f"/automations/{id}")
    return screen


def card(page: Page, label: str) -> Locator:
    return page.get_by_role("region", name=label, exact=True)


def in_order(page: Page, *labels: str) -> None:
    """Wait until the actions stand in this order."""
    expect(page.locator(".action-head b")).to_have_text(list(labels))


def test_finished_actions_are_one_line_each_and_one_is_unfolded(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User
) -> None:
    opened(page, live, enter, bloom, rosa)
    status = card(page, "Action 3: Change data")
    words = status.locator(".action-words")
    expect(words).to_have_text("set the status to “Confirmed”")
    expect(status.get_by_label("To", exact=True)).to_be_hidden()
    status.locator("summary.action-head").focus()
    page.keyboard.press("Enter")
    expect(status.get_by_label("To", exact=True)).to_be_visible()
    expect(words).to_be_hidden()
    expect(card(page, "Action 2: Create task").get_by_label("Title", exact=True)).to_be_hidden()
    status.get_by_label("To", exact=True).select_option(label="Cancelled")
    expect(page.get_by_role("region", name="In words")).to_contain_text("“Cancelled”")
    expect(status.get_by_label("To", exact=True)).to_be_visible()
    status.locator("summary.action-head").click()
    expect(words).to_have_text("set the status to “Cancelled”")


def test_a_status_becomes_a_text_with_fields_and_a_list_again(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User
) -> None:
    opened(page, live, enter, bloom, rosa)
    card(page, "Action 3: Change data").locator("summary.action-head").click()
    value = page.locator("#actions-2-settings-value")
    value.focus()
    value.select_option(label="A text with fields of the record…")
    expect(page.locator("input#actions-2-settings-value")).to_have_value("{{ order.status }}")
    expect(value).to_be_focused()
    value.fill("")
    page.keyboard.press("Tab")
    expect(page.locator("select#actions-2-settings-value")).to_have_value("")


def test_the_buttons_move_an_action_and_keep_the_focus(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User
) -> None:
    opened(page, live, enter, bloom, rosa)
    card(page, "Action 1: Send email").locator("summary.action-head").click()
    page.get_by_role("button", name="Move action 1 down").focus()
    page.keyboard.press("Enter")
    in_order(page, "Create task", "Send email", "Change data")
    expect(page.get_by_role("button", name="Move action 2 down")).to_be_focused()
    # What was unfolded went with its action.
    expect(card(page, "Action 2: Send email").get_by_label("Subject", exact=True)).to_be_visible()
    expect(card(page, "Action 1: Create task").get_by_label("Title", exact=True)).to_be_hidden()
    page.keyboard.press("Enter")
    in_order(page, "Create task", "Change data", "Send email")
    expect(page.get_by_role("button", name="Move action 3 up")).to_be_focused()


@pytest.mark.parametrize(
    ("dragged", "onto", "order"),
    [
        (3, 1, ("Change data", "Send email", "Create task")),
        (1, 3, ("Create task", "Change data", "Send email")),
    ],
)
def test_an_action_is_dragged_to_another_place(
    page: Page,
    live: str,
    enter: Enter,
    bloom: Store,
    rosa: User,
    dragged: int,
    onto: int,
    order: tuple[str, str, str],
) -> None:
    opened(page, live, enter, bloom, rosa)
    page.set_viewport_size({"width": 1280, "height": 1400})
    box = page.locator(".action-card").nth(onto - 1).bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + (box["height"] - 4 if dragged < onto else 4)
    page.locator(".action-handle").nth(dragged - 1).hover()
    page.mouse.down()
    # The browser takes the first move for the start of the drag.
    for step in (20, 2, 0):
        page.mouse.move(x, y - step)
    page.mouse.up()
    in_order(page, *order)
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    in_order(page, *order)


def test_an_unfinished_action_is_unfolded(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User, axe: Callable[[Page], list[str]]
) -> None:
    unsaid = {"kind": "create_task", "settings": {**TASK["settings"], "title": ""}}
    id = an_automation(bloom, rosa, actions=[STATUS, unsaid])
    enter(page, "rosa")
    Chromium(page, live).goto(f"/automations/{id}")
    expect(card(page, "Action 2: Create task").get_by_label("Title", exact=True)).to_be_visible()
    expect(card(page, "Action 1: Change data").get_by_label("To", exact=True)).to_be_hidden()
    assert axe(page) == []
