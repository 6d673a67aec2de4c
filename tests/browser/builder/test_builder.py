"""Building an automation the way a store manager does, by labels and roles."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.kit.pages.reviewing import publish_reviewed

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
SENTENCE = (
    "Every time an order’s payment status changes, if its fulfilment method is Delivery "
    "and its payment status is Paid, email the customer."
)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


def add_condition(page: Page, number: int, field: str, operator: str, value: str) -> None:
    page.get_by_role("button", name="Add condition").click()
    expect(page.get_by_label(f"Condition {number} field", exact=True)).to_be_focused()
    choose(page, f"Condition {number} field", field)
    expect(page.get_by_label(f"Condition {number} value", exact=True)).to_be_visible()
    choose(page, f"Condition {number} operator", operator)
    choose(page, f"Condition {number} value", value)


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_builds_the_confirmation_of_paid_deliveries(
    page: Page, live: str, enter: Enter, axe: Axe, size: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name="Start from scratch").click()
    page.get_by_label("Name of the automation").fill("Confirm paid deliveries")

    choose(page, "Trigger", "Payment status changed")
    expect(page.get_by_text("Fires every time the payment status changes, not just once.")).to_be_visible()
    add_condition(page, 1, "Fulfilment method", "equals", "Delivery")
    add_condition(page, 2, "Payment status", "equals", "Paid")
    page.get_by_role("button", name="Add action").click()
    page.get_by_label("Subject", exact=True).fill("Your order {{ order.number }} is confirmed")
    page.get_by_label("Message", exact=True).fill("Hello ")
    page.get_by_text("Insert a field into message").click()
    page.get_by_role("button", name="First name").last.click()
    expect(page.get_by_label("Message", exact=True)).to_be_focused()

    in_words = page.get_by_role("region", name="In words")
    expect(in_words).to_contain_text(SENTENCE)
    expect(page.get_by_text("Ready to publish.")).to_be_visible()
    trial = page.get_by_role("region", name="Try it")
    expect(trial).to_contain_text("It would fire.")
    expect(trial).to_contain_text("Hello Sam")
    page.get_by_label("Record to try it on").select_option(label="A sample collection order, paid")
    expect(trial).to_contain_text("fulfilment method is Collection, needs Delivery")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    publish_reviewed(page)
    expect(page.get_by_text("Version 1 is published and live.")).to_be_visible()
    assert errors == []
    db.session.rollback()
    made = db.session.query(Automation).one()
    assert made.active_version is not None and made.name == "Confirm paid deliveries"
    assert made.draft["actions"][0]["settings"]["message"] == "Hello {{ customer.first_name }}"


def test_the_keyboard_alone_is_enough_and_keeps_its_place(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name=re.compile("^Email a confirmation when a delivery order is paid")).press(
        "Enter"
    )
    field = page.get_by_label("Condition 1 field", exact=True)
    field.focus()
    field.select_option(label="Total")
    expect(page.get_by_label("Condition 1 operator", exact=True)).to_have_value("equals")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Remove condition 1").press("Enter")
    expect(page.get_by_label("Condition 2 field", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Remove condition 1")).to_be_focused()
    page.get_by_role("button", name="Remove condition 1").press("Enter")
    expect(page.get_by_role("button", name="Add condition")).to_be_focused()


def test_publishing_an_incomplete_draft_shows_each_problem_in_place(
    page: Page, live: str, enter: Enter
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name="Start from scratch").click()
    page.get_by_role("button", name="Add action").click()
    page.get_by_label("Subject", exact=True).fill("Kept")
    page.get_by_role("button", name="Publish…").click()
    message = page.get_by_label("Message", exact=True)
    expect(message).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Kept")
    page.get_by_role("alert").get_by_role("link", name="Write a message.").click()
    expect(message).to_be_focused()


def test_the_same_automation_is_built_without_javascript(live: str, enter: Enter, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    enter(plain, "rosa")
    plain.goto(f"{live}/automations/new")
    plain.get_by_role("link", name="Start from scratch").click()
    choose(plain, "Trigger", "Created")
    plain.get_by_role("button", name="Add condition").click()
    choose(plain, "Condition 1 field", "Total")
    plain.get_by_role("button", name="Update choices").click()
    choose(plain, "Condition 1 operator", "greater than")
    plain.get_by_label("Condition 1 value").fill("£1,200")
    plain.get_by_role("button", name="Save", exact=True).last.click()
    expect(plain.get_by_role("region", name="In words")).to_contain_text("its total is over £1,200.00")
    context.close()


def test_typed_text_survives_an_expired_session(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name="Start from scratch").click()
    page.get_by_role("button", name="Add action").click()
    page.get_by_label("Subject", exact=True).fill("Written with care")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("You are signed out, and nothing was changed.")).to_be_visible()
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Written with care")


def test_the_second_editor_keeps_their_text_and_decides(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name=re.compile("^Email a confirmation when a delivery order is paid")).click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/automations/1")
    other = page.context.new_page()
    other.goto(page.url)
    choose(other, "Condition 2 value", "Void")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text("Saved.")).to_be_visible()
    choose(page, "Condition 2 value", "Expired")
    page.get_by_role("button", name="Save", exact=True).click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("its payment status is Void")
    expect(page.get_by_label("Condition 2 value", exact=True)).to_have_value("expired")
    told.get_by_role("button", name="Save mine anyway").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Condition 2 value", exact=True)).to_have_value("expired")


def test_a_choice_made_before_the_scripts_load_is_kept(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    held: list[Route] = []
    page.route("**/htmx*.js*", lambda route: held.append(route))
    with page.expect_request("**/htmx*.js*"):
        page.get_by_role("link", name="Start from scratch").click()
    choose(page, "Trigger", "Payment status changed")
    with page.expect_request("**/draft-form"):
        held[0].continue_()
    expect(page.get_by_text("Fires every time the payment status changes, not just once.")).to_be_visible()


def test_a_late_response_does_not_undo_newer_edits(page: Page, live: str, enter: Enter) -> None:
    held: list[Route] = []
    # Before the first page: a route that is added while one loads misses some of its requests.
    page.route("**/draft-form", lambda route: route.continue_() if held else held.append(route))
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name="Start from scratch").click()
    with page.expect_request("**/draft-form"):
        choose(page, "Trigger", "Payment status changed")
    page.get_by_role("button", name="Add condition").click()
    page.wait_for_timeout(300)
    held[0].continue_()
    expect(page.get_by_text("Fires every time the payment status changes, not just once.")).to_be_visible()
    expect(page.get_by_label("Condition 1 field", exact=True)).to_be_visible()
    expect(page.get_by_label("Trigger", exact=True)).to_have_value("payment_status_changed")
