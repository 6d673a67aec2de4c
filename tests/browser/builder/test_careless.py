"""The builder under careless hands: double clicks, two tabs, a closed browser, and whatever people paste."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation, Version
from tests.browser.conftest import go_back
from tests.browser.test_long_names import LONG, WIDER_THAN_ITS_BOX
from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
NAME = "Name of the automation"
EMOJI = "👩🏽‍🌾 Danke 💐 für “alles” & mehr <b>fett</b> <img src=x onerror=alert(1)>"
PASTED = "<p>Hello <script>alert(1)</script>{{ customer.first_name }}</p>\r\n\t“Best” – & <3 🌷"


def _named() -> list[str]:
    db.session.rollback()
    return [one.name for one in db.session.query(Automation).order_by(Automation.id)]


def _until_named(page: Page, name: str) -> None:
    """Wait until an automation has this name."""
    for _ in range(90):
        if name in _named():
            return
        page.wait_for_timeout(100)
    raise AssertionError(_named())


def _until_kept(page: Page, subject: str) -> None:
    """Wait until the email of the draft has this subject."""
    for _ in range(90):
        db.session.rollback()
        if db.session.query(Automation).one().draft["actions"][0]["settings"]["subject"] == subject:
            return
        page.wait_for_timeout(100)
    raise AssertionError(subject)


def test_a_double_click_starts_and_publishes_once(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/automations/new")
    page.get_by_role("link", name="Start from scratch").dblclick()
    page.wait_for_url("**/automations/new/**")
    page.get_by_label(NAME).fill("Once")
    page.get_by_label("Trigger", exact=True).select_option(label="Created")
    page.get_by_role("button", name="Add action", exact=True).dblclick()
    page.get_by_role("button", name="Remove action 2").click()
    expect(page.get_by_role("button", name="Remove action 2")).to_have_count(0)
    page.get_by_label("Subject", exact=True).fill("Thanks")
    page.get_by_label("Message", exact=True).fill("We have it.")
    expect(page.get_by_text("Ready to publish.")).to_be_visible()
    page.get_by_role("button", name="Publish…").dblclick()
    page.wait_for_url("**/publish*")
    page.get_by_role("button", name="Publish version 1").dblclick()
    expect(page.get_by_text("Version 1 is published and live.")).to_be_visible()
    assert _named() == ["Once"] and db.session.query(Version).count() == 1
    go_back(page)
    page.wait_for_url("**/publish*")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.go_forward()
    page.wait_for_url("**/automations/*")
    assert db.session.query(Version).count() == 1


def test_what_was_typed_is_there_after_the_browser_was_closed(
    browser: Browser, page: Page, live: str, enter: Enter
) -> None:
    other = browser.new_context()
    typing = other.new_page()
    id = shop.draft_automation("Before", "created")
    enter(typing, "rosa")
    typing.goto(f"{live}/automations/{id}")
    typing.get_by_label(NAME).fill("Typed, then closed")
    typing.get_by_label("Message", exact=True).fill("The last words")
    _until_named(typing, "Typed, then closed")
    other.close()
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    expect(page.get_by_label(NAME)).to_have_value("Typed, then closed")
    expect(page.get_by_label("Message", exact=True)).to_have_value("The last words")


def test_two_tabs_of_one_person_overwrite_nothing_in_silence(page: Page, live: str, enter: Enter) -> None:
    id = shop.draft_automation("Two tabs", "created")
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    second = page.context.new_page()
    second.goto(f"{live}/automations/{id}")
    second.get_by_label("Message", exact=True).fill("Of the second tab")
    second.get_by_label(NAME).fill("Of the second tab")
    _until_named(second, "Of the second tab")
    page.get_by_label("Subject", exact=True).fill("Of the first tab")
    page.get_by_label(NAME).fill("Of the first tab")
    expect(page.get_by_text("Not saved.").first).to_be_visible()
    assert _named() == ["Of the second tab"]
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("button", name="Save mine anyway")).to_be_visible()
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Of the first tab")


@pytest.mark.parametrize("width", [1280, 390])
def test_whatever_is_pasted_is_text_and_fits(page: Page, live: str, enter: Enter, width: int) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    id = shop.draft_automation("Before", "created")
    enter(page, "rosa")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live}/automations/{id}")
    name = page.get_by_label(NAME)
    for typed in (f"{LONG} 👩🏽‍🌾 <b>", EMOJI, "💐" * 99, LONG.replace(" ", "")):
        name.focus()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(typed)
        _until_named(page, typed)
    name.fill("x" * 121)
    expect(page.get_by_text("Shorten the name to 120 characters; it has 121.").first).to_be_visible()
    name.fill("Pasted")
    message = page.get_by_label("Message", exact=True)
    message.fill("")
    message.focus()
    page.keyboard.insert_text(PASTED)
    pasted = PASTED.replace("\r\n", "\n")
    expect(message).to_have_value(pasted)
    expect(page.get_by_role("region", name="Try it")).to_contain_text(
        "<p>Hello <script>alert(1)</script>Sam</p>"
    )
    page.get_by_label("Subject", exact=True).fill(EMOJI)
    expect(page.get_by_role("region", name="Try it")).to_contain_text(EMOJI)
    assert page.evaluate(WIDER_THAN_ITS_BOX) == []
    # Leaving before it is saved asks.
    expect(page.locator("#save-state")).to_contain_text("Saved")
    _until_kept(page, EMOJI)
    page.reload()
    expect(message).to_have_value(pasted)
    expect(page.get_by_label("Subject", exact=True)).to_have_value(EMOJI)
    assert page.evaluate(WIDER_THAN_ITS_BOX) == [] and asked == []
