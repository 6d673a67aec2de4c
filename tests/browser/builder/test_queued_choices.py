"""A choice that is made while the draft is being saved waits for it, and is drawn all the same."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation

Enter = Callable[[Page, str], None]
OPERATOR = "Condition 1 operator"


def hold_saves(page: Page) -> list[Route]:
    """Keep saves on their way; return those that wait."""
    held: list[Route] = []
    page.route("**/saves", lambda route: held.append(route))
    return held


def let_go(page: Page, held: list[Route]) -> None:
    for route in held:
        route.continue_()
    page.unroute("**/saves")


def test_a_choice_during_the_first_save_is_drawn_on_the_page_with_its_number(
    page: Page, live: str, enter: Enter
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name="Start from scratch").click()
    words = page.get_by_role("region", name="In words")
    expect(words).to_be_visible()
    held = hold_saves(page)
    with page.expect_request("**/saves"):
        page.get_by_label("Name of the automation").fill("Confirm paid deliveries")
    page.get_by_label("Trigger", exact=True).select_option(label="Payment status changed")
    let_go(page, held)
    expect(words).to_contain_text("payment status changes")
    with page.expect_response("**/saves") as kept:
        page.get_by_role("button", name="Add condition", exact=True).click()
        page.get_by_label("Condition 1 field", exact=True).select_option(label="Payment status")
        expect(page.get_by_label(OPERATOR, exact=True)).to_be_visible()
    assert kept.value.status == 200
    expect(page.locator("#save-state")).to_contain_text("Saved")
    expect(page.locator('[hx-post*="/automations/0/"]')).to_have_count(0)
    db.session.rollback()
    made = db.session.query(Automation).one()
    assert made.draft["trigger"]["key"] == "payment_status_changed"
    assert page.url.endswith(f"/automations/{made.id}")
