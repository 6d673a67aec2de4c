"""A whole automation by keyboard alone, and another one without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
from tests.web.building import an_automation, automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
#: More stops than the page has.
STOPS = 200


def go_to(page: Page, control: Locator, key: str = "Tab") -> None:
    """Press Tab until the control has the focus."""
    expect(control).to_be_visible()
    for _ in range(STOPS):
        if control.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press(key)
    expect(control).to_be_focused(timeout=1)


def test_a_whole_automation_is_built_by_keyboard_alone(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    words = page.get_by_role("region", name="In words")
    go_to(page, page.get_by_role("link", name="Start from scratch"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/automations/*")
    expect(words).to_be_visible()
    go_to(page, page.get_by_label("Name of the automation"))
    page.keyboard.press("Control+a")
    page.keyboard.type("By keyboard")
    trigger = page.get_by_label("Trigger", exact=True)
    go_to(page, trigger)
    page.keyboard.press("Enter")
    page.keyboard.type("created")
    page.keyboard.press("Enter")
    expect(words).to_contain_text("is created")
    expect(trigger).to_be_focused()

    _a_condition(page, words)
    _two_actions(page, words)
    go_to(page, page.get_by_role("button", name="Save", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved").first).to_be_visible()

    db.session.rollback()
    made = db.session.query(Automation).one()
    assert made.name == "By keyboard"
    (condition,) = made.draft["conditions"]
    assert (condition["field"], condition["operator"], condition["value"]) == ("total", "greater_than", "100")
    change, email = (action["settings"] for action in made.draft["actions"])
    assert change == {"field": "status", "value": "Confirmed"}
    assert email["subject"] == "Order {{ order.number }}"
    assert email["message"] == "Hello {{ customer.first_name }}"


def _a_condition(page: Page, words: Locator) -> None:
    go_to(page, page.get_by_role("button", name="Add condition", exact=True))
    page.keyboard.press("Enter")
    field = page.get_by_label("Condition 1 field", exact=True)
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("amount price")
    page.keyboard.press("Enter")
    expect(field).to_have_value("total")
    operator = page.get_by_label("Condition 1 operator", exact=True)
    go_to(page, operator)
    page.keyboard.type("greater")
    expect(words).to_contain_text("its total is over")
    go_to(page, page.get_by_label("Condition 1 value", exact=True))
    page.keyboard.type("100")


def _two_actions(page: Page, words: Locator) -> None:
    go_to(page, page.get_by_label("Kind of action to add"))
    page.keyboard.type("Send e")
    go_to(page, page.get_by_role("button", name="Add action", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    go_to(page, page.get_by_label("Subject", exact=True))
    page.keyboard.type("Order {{num")
    page.keyboard.press("Enter")
    go_to(page, page.get_by_label("Message", exact=True))
    page.keyboard.type("Hello {{ first")
    page.keyboard.press("Enter")

    go_to(page, page.get_by_label("Kind of action to add"))
    page.keyboard.type("Change")
    go_to(page, page.get_by_role("button", name="Add action", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Change", exact=True)).to_be_focused()
    go_to(page, page.locator("#actions-1-settings-value"))
    page.keyboard.type("Confirmed")
    expect(words).to_contain_text("“Confirmed”")
    go_to(page, page.get_by_role("button", name="Move action 2 up"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".action-head b")).to_have_text(["Change data", "Send email"])
    expect(page.get_by_role("button", name="Move action 1 down")).to_be_focused()
    go_to(page, page.locator("#actions-0"))
    page.keyboard.press("Space")
    expect(page.locator("#actions-0-words")).to_have_text("set the status to “Confirmed”")
    expect(page.get_by_text("Ready to publish.")).to_be_visible()


def test_the_confirmation_of_paid_deliveries_is_built_and_published_by_keyboard(
    page: Page, live: str, enter: Enter
) -> None:
    """Only Tab, Enter, arrows and typing; what is done counts, not how far the focus travels."""
    done: list[str] = []

    def act(control: Locator, typed: str = "", key: str = "") -> None:
        go_to(page, control)
        done.append(typed or key)
        page.keyboard.type(typed)
        if key:
            page.keyboard.press(key)

    def choose(label: str, words: str) -> None:
        act(page.get_by_label(label, exact=True), key="Enter")
        page.keyboard.type(words)
        page.keyboard.press("Enter")

    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    words = page.get_by_role("region", name="In words")
    act(page.get_by_role("link", name="Start from scratch"), key="Enter")
    expect(words).to_be_visible()
    act(page.get_by_label("Name of the automation"), "Confirm paid deliveries")
    choose("Trigger", "payment status")
    expect(words).to_contain_text("payment status changes")
    for number, field, value in ((1, "fulfilment method", "Delivery"), (2, "payment status", "Paid")):
        act(page.get_by_role("button", name="Add condition", exact=True), key="Enter")
        expect(page.get_by_label(f"Condition {number} field", exact=True)).to_be_focused()
        choose(f"Condition {number} field", field)
        chosen = page.get_by_label(f"Condition {number} value", exact=True)
        expect(chosen).to_be_visible()
        act(chosen, value)
        expect(words).to_contain_text(f"is {value}")
    act(page.get_by_role("button", name="Add action", exact=True), key="Enter")
    expect(page.locator("#actions-0-settings-to")).to_be_focused()
    act(page.get_by_label("Subject", exact=True), "Your order is confirmed")
    act(page.get_by_label("Message", exact=True), "We have it.")
    expect(page.get_by_text("Ready to publish.")).to_be_visible()
    act(page.get_by_role("button", name="Publish…").first, key="Enter")
    page.wait_for_url("**/publish*")
    act(page.get_by_role("button", name="Publish version 1"), key="Enter")
    expect(page.get_by_text("Version 1 is published and live.")).to_be_visible()
    assert len(done) == 14
    db.session.rollback()
    made = db.session.query(Automation).one()
    assert made.active_version is not None and made.name == "Confirm paid deliveries"
    kept = [(one["field"], one["operator"], one["value"]) for one in made.draft["conditions"]]
    assert kept == [("fulfilment_method", "equals", "delivery"), ("payment_status", "equals", "paid")]


def test_an_or_group_is_built_and_tried_by_keyboard(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User
) -> None:
    """Enter in the number of a record tries the rule on it, and the focus stays there."""
    id = an_automation(bloom, rosa, conditions=[], actions=[shop.email_to()])
    shop.place_order("T-9", total=Decimal("60"))
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    words = page.get_by_role("region", name="In words")
    go_to(page, page.get_by_role("button", name="Add “or” group", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Group 1: how many must hold")).to_be_focused()
    for number, field, operator, value in (
        ("1.1", "total", "greater", "50"),
        ("1.2", "note", "contains", "gift"),
    ):
        chosen = page.get_by_label(f"Condition {number} field", exact=True)
        go_to(page, chosen)
        page.keyboard.press("Enter")
        page.keyboard.type(field)
        page.keyboard.press("Enter")
        expect(chosen).to_have_value(field)
        compared = page.get_by_label(f"Condition {number} operator", exact=True)
        go_to(page, compared)
        page.keyboard.type(operator)
        go_to(page, page.get_by_label(f"Condition {number} value", exact=True))
        page.keyboard.type(value)
    expect(words).to_contain_text("its total is over £50.00 or its note contains “gift”")
    number = page.get_by_label("Or the number of another order")
    go_to(page, number)
    page.keyboard.type("T-9")
    page.keyboard.press("Enter")
    trial = page.get_by_role("region", name="Try it")
    expect(trial).to_contain_text("Skipped: The order has no customer.")
    expect(number).to_be_focused()
    expect(page).to_have_url(f"{live}/automations/{id}")


def test_everything_is_there_without_javascript(
    live: str, enter: Enter, browser: Browser, bloom: Store, rosa: User
) -> None:
    change = {"kind": "change_data", "settings": {"field": "status", "value": "Confirmed"}}
    first = an_automation(bloom, rosa, actions=[shop.email_to(), change])
    second = an_automation(bloom, rosa, "Second", conditions=[], actions=[shop.email_to()])
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, "rosa")
    page.goto(f"{live}/automations/{first}")
    # The list of fields is the browser's own; a folded action says what it does and unfolds.
    fields = page.get_by_label("Condition 1 field", exact=True)
    expect(fields.locator("optgroup").first).to_be_attached()
    status = page.get_by_label("To", exact=True).last
    expect(status).to_be_hidden()
    expect(page.locator("#actions-1-words")).to_have_text("set the status to “Confirmed”")
    page.locator("#actions-1").click()
    status.select_option(label="Cancelled")
    page.locator("#actions-0").click()
    page.get_by_text("Insert a field into message").click()
    expect(
        page.locator("#actions-0-settings-message-insert").get_by_text("Copy one into the text.")
    ).to_be_visible()
    page.get_by_text("Insert a field into message").click()
    page.get_by_role("button", name="Move action 2 up").click()
    expect(page.locator(".action-head b")).to_have_text(["Change data", "Send email"])
    expect(page.get_by_role("region", name="In words")).to_contain_text("“Cancelled”")
    expect(page.locator(".action-handle").first).to_be_hidden()
    trial = page.get_by_role("region", name="Try it")
    expect(trial.get_by_label("Record to try it on")).to_have_value("fits:sample:paid_delivery")
    expect(trial.get_by_text("met", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Copy all conditions").click()
    expect(page.get_by_role("status").get_by_text("Copied.")).to_be_visible()
    page.goto(f"{live}/automations/{second}")
    page.get_by_role("button", name="Paste 2 conditions").click()
    expect(page.get_by_label("Condition 2 value", exact=True)).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    assert automation(second).draft["conditions"] == automation(first).draft["conditions"]
    context.close()
