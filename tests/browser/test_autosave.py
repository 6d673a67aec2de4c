"""The builder saves by itself: nothing is lost, nobody is overwritten, and looking leaves nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit
from tests.browser.conftest import go_back
from tests.browser.screen import Chromium
from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
SAVED = re.compile(r"Saved \d\d:\d\d")


def _new(page: Page, live: str, enter: Enter, starter: str = "Start from scratch") -> Chromium:
    enter(page, "rosa")
    screen = Chromium(page, live)
    screen.goto("/automations/new")
    screen.follow(starter)
    expect(page.get_by_role("region", name="In words")).to_be_visible()
    return screen


def _state(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator("#save-state")).to_contain_text(words)


def _stored() -> list[str]:
    db.session.rollback()
    return [row.name for row in db.session.query(Automation).order_by(Automation.id)]


def _until_stored(page: Page, words: str) -> None:
    """Wait until the newest draft, or its name, holds these words."""
    for _ in range(90):
        db.session.rollback()
        newest = db.session.query(Automation).order_by(Automation.id.desc()).limit(1).one()
        if words in f"{newest.name} {newest.draft}":
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"“{words}” was not saved.")


def test_what_is_typed_is_saved_and_there_after_a_reload(page: Page, live: str, enter: Enter) -> None:
    screen = _new(page, live, enter)
    name = page.get_by_label("Name of the automation")
    name.fill("Thank them all")
    _state(page, SAVED)
    expect(page).to_have_url(re.compile(r"/automations/\d+$"))
    screen.put("Trigger", "Created")
    screen.press("Add condition")
    screen.put("Condition 1 field", "Total")
    screen.put("Condition 1 value", "half an eternity")
    screen.press("Add action")
    screen.put("Subject", "Hello {{ with")
    _until_stored(page, "Hello {{ with")
    page.reload()
    expect(name).to_have_value("Thank them all")
    expect(page.get_by_label("Trigger", exact=True)).to_have_value("created")
    expect(page.get_by_label("Condition 1 value", exact=True)).to_have_value("half an eternity")
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Hello {{ with")
    assert _stored() == ["Thank them all"]


def test_saving_moves_neither_the_focus_nor_the_caret(page: Page, live: str, enter: Enter) -> None:
    _new(page, live, enter, "Email a confirmation when a delivery order is paid")
    subject = page.get_by_label("Subject", exact=True)
    subject.fill("We have it")
    subject.evaluate("one => { one.setSelectionRange(2, 2); window.same = one; }")
    page.keyboard.type("!")
    _state(page, SAVED)
    expect(page).to_have_url(re.compile(r"/automations/\d+$"))
    expect(subject).to_be_focused()
    assert subject.evaluate("one => one === window.same && one.selectionStart") == 3
    page.keyboard.type("?")
    expect(subject).to_have_value("We!? have it")
    # The page goes on under its new number: a redraw finds its places, and the next save its row.
    Chromium(page, live).put("Condition 1 field", "Total")
    expect(page.get_by_role("region", name="In words")).to_contain_text("its total")
    _until_stored(page, "We!? have it")
    assert len(_stored()) == 1


@pytest.mark.parametrize(
    "starter", ["Start from scratch", "Email a confirmation when a delivery order is paid"]
)
def test_looking_at_a_new_automation_leaves_nothing(
    page: Page, live: str, enter: Enter, starter: str
) -> None:
    _new(page, live, enter, starter)
    page.get_by_role("link", name="Automations", exact=True).first.click()
    page.wait_for_url("**/automations")
    expect(page.get_by_role("heading", name="Automations")).to_be_visible()
    assert _stored() == []


def test_without_connection_it_says_so_asks_and_recovers(
    page: Page, context: BrowserContext, live: str, enter: Enter
) -> None:
    screen = _new(page, live, enter)
    screen.put("Name of the automation", "First")
    _state(page, SAVED)
    context.set_offline(True)
    screen.put("Name of the automation", "Written in a tunnel")
    _state(page, "Not saved. There is no connection.")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Overview").click()
    page.wait_for_function("() => true")
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Name of the automation")).to_have_value("Written in a tunnel")
    context.set_offline(False)
    _state(page, SAVED)
    assert _stored() == ["Written in a tunnel"]


def test_going_back_brings_everything_back_the_name_too(page: Page, live: str, enter: Enter) -> None:
    screen = _new(page, live, enter)
    screen.put("Name of the automation", "First")
    _state(page, SAVED)
    screen.put("Name of the automation", "Typed and left at once")
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url("**/overview")
    go_back(page)
    expect(page.get_by_label("Name of the automation")).to_have_value("Typed and left at once")
    assert _stored() == ["Typed and left at once"]


def test_a_reload_right_after_typing_shows_what_was_typed(page: Page, live: str, enter: Enter) -> None:
    screen = _new(page, live, enter)
    screen.put("Name of the automation", "First")
    _state(page, SAVED)
    screen.put("Name of the automation", "Second")
    page.reload()
    expect(page.get_by_label("Name of the automation")).to_have_value("Second")
    screen.put("Name of the automation", "Third")
    _state(page, SAVED)


def test_a_name_that_is_taken_keeps_back_only_itself(page: Page, live: str, enter: Enter) -> None:
    shop.publish_automation("Thanks", "created")
    screen = _new(page, live, enter)
    screen.put("Name of the automation", "Thanks")
    screen.put("Trigger", "Created")
    _state(page, "Not saved: the name. There is already an automation called “Thanks”.")
    assert _stored() == ["Thanks", "New automation"]
    db.session.rollback()
    assert (
        db.session.query(Automation).filter_by(name="New automation").one().draft["trigger"]["key"]
        == "created"
    )
    screen.put("Name of the automation", "Thanks again")
    _state(page, SAVED)
    assert _stored() == ["Thanks", "Thanks again"]


def test_two_people_never_overwrite_each_other(browser: Browser, page: Page, live: str, enter: Enter) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}")
    other = browser.new_context().new_page()
    enter(other, "ada")
    other.goto(f"{live}/automations/{automation_id}")
    other.get_by_label("Name of the automation").fill("Ada’s name")
    _state(other, SAVED)
    page.get_by_label("Name of the automation").fill("Rosa’s name")
    _state(
        page, "Not saved. Ada Quill saved this automation in the meantime. Press Save to see both versions."
    )
    assert _stored() == ["Ada’s name"]
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("alert").filter(has_text="Ada Quill saved this automation")).to_be_visible()
    page.get_by_role("button", name="Save mine anyway").click()
    expect(page.locator("#notices")).to_contain_text("Saved.")
    assert _stored() == ["Rosa’s name"]
    other.context.close()


def test_a_whole_sitting_is_one_row_in_the_audit_and_is_undone_by_keyboard(
    page: Page, live: str, enter: Enter
) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}")
    for name in ("One", "Two", "Three"):
        page.get_by_label("Name of the automation").fill(name)
        _until_stored(page, name)
    db.session.rollback()
    assert db.session.query(Audit).filter_by(action="changed").count() == 1
    undo = page.get_by_role("button", name="Undo everything since you opened this page")
    undo.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("Your changes are undone.")
    expect(page.get_by_label("Name of the automation")).to_have_value("Thanks")
    assert _stored() == ["Thanks"]


def test_the_published_version_stays_until_it_is_published(page: Page, live: str, enter: Enter) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}")
    Chromium(page, live).put("Trigger", "Payment status changed")
    _state(page, SAVED)
    db.session.rollback()
    automation = db.session.get_one(Automation, automation_id)
    assert automation.draft["trigger"]["key"] == "payment_status_changed"
    assert automation.active_version and automation.active_version.definition["trigger"]["key"] == "created"


def test_without_javascript_save_makes_the_row(browser: Browser, live: str, enter: Enter) -> None:
    plain = browser.new_context(java_script_enabled=False).new_page()
    screen = _new(plain, live, enter)
    assert _stored() == []
    screen.put("Name of the automation", "By hand")
    screen.press("Save")
    expect(plain.get_by_text("Saved.")).to_be_visible()
    assert _stored() == ["By hand"]
    plain.context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (640, 400), (390, 800)])
def test_the_line_of_saving_stays_in_view_and_covers_nothing(
    page: Page, live: str, enter: Enter, width: int, height: int, all_looks: Callable[[Page], list[str]]
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    actions = [shop.email_to(message=f"Text {number}") for number in range(3)]
    id = shop.draft_automation("Thanks", "created", actions=actions)
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    message = page.locator("#actions-2-settings-message")
    page.locator("#actions-2").press("Enter")
    message.press("End")
    message.press_sequentially("!")
    _state(page, SAVED)
    copy = page.locator(".save-state-copy")
    expect(page.locator(".builder-head")).not_to_be_in_viewport()
    expect(copy).to_be_in_viewport()
    expect(copy).to_have_text(SAVED)
    expect(message).to_be_focused()
    last = page.locator(".caps > summary").last
    last.evaluate("one => { one.focus(); one.scrollIntoView({ block: 'nearest', behavior: 'instant' }); }")
    box, foot = last.bounding_box(), page.locator(".builder-foot").bounding_box()
    assert box and foot and box["y"] + box["height"] <= foot["y"] + 1
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    expect(page.locator("#save-state")).to_be_in_viewport()
    if width >= 576:
        expect(copy).to_be_hidden()
    assert all_looks(page) == []
