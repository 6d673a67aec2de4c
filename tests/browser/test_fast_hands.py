"""A person who does not wait for the page: late responses undo nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import go_back
from tests.browser.screen import Chromium

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
BLANK = "Start from scratch"
PAID = "Email a confirmation when a delivery order is paid"
#: Holds the next answers back, each for its own number of milliseconds.
SLOW_ANSWERS = """
window.delays = [];
const answered = window.fetch;
window.fetch = async (...request) => {
  // The page saves by itself, at a time of its own.
  const delay = String(request[0]?.url ?? request[0]).endsWith("/saves") ? 0 : window.delays.shift() ?? 0;
  const answer = await answered(...request);
  await new Promise((go) => setTimeout(go, delay));
  return answer;
};
"""
#: What a page puts off for an instant comes late on a busy machine.
LATE_TIMERS = """
const inTime = window.setTimeout;
window.setTimeout = (what, delay, ...rest) => inTime(what, delay < 50 ? 2000 : delay, ...rest);
"""


def _opened(page: Page, live: str, enter: Enter, script: str = "", starter: str = BLANK) -> Chromium:
    if script:
        page.add_init_script(script)
    enter(page, "rosa")
    screen = Chromium(page, live)
    screen.goto("/automations/new")
    screen.follow(starter)
    expect(page.get_by_role("region", name="In words")).to_be_visible()
    return screen


def _slowly(page: Page, *delays: int) -> None:
    page.evaluate("delays => { window.delays = delays; }", list(delays))


def _words(page: Page, words: str) -> None:
    expect(page.get_by_role("region", name="In words")).to_contain_text(words)


def test_a_choice_made_as_soon_as_a_control_appears_is_kept(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, LATE_TIMERS)
    screen.put("Trigger", "Payment status changed")
    expect(page.get_by_text("Fires every time the payment status changes, not just once.")).to_be_visible()
    screen.put("To", "Paid")
    _words(page, "changes to Paid")


def test_two_quick_choices_both_appear_in_the_sentence(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS)
    screen.put("Trigger", "Payment status changed")
    for delays in ((800, 0), (0, 800)):
        for there, back in (("Unpaid", "Paid"), ("Refunded", "Void")):
            _slowly(page, *delays)
            screen.put("From", there)
            screen.put("To", back)
            _words(page, f"changes from {there} to {back}")


def test_two_fields_in_quick_succession_each_get_their_own_operators(
    page: Page, live: str, enter: Enter
) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS)
    screen.put("Trigger", "Created")
    for number in ("1", "2"):
        screen.press("Add condition")
        expect(page.get_by_label(f"Condition {number} field", exact=True)).to_be_focused()
    for delays in ((800, 0), (0, 800)):
        for field, operator in (("Total", "greater than"), ("Note", "contains")):
            _slowly(page, *delays)
            for number in ("1", "2"):
                screen.put(f"Condition {number} field", field)
            for number in ("1", "2"):
                choices = page.get_by_label(f"Condition {number} operator", exact=True)
                expect(choices.get_by_role("option", name=operator, exact=True)).to_be_attached()


def test_adding_twice_adds_two_and_removing_twice_removes_one(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS)
    fields = page.get_by_label("field", exact=False).and_(page.locator("select"))
    _slowly(page, 1500)
    for _ in range(3):
        screen.press("Add condition")
    expect(fields).to_have_count(3)
    _slowly(page, 500)
    page.get_by_role("button", name="Remove condition 1").dblclick()
    expect(fields).to_have_count(2)
    page.wait_for_timeout(800)
    expect(fields).to_have_count(2)


def test_a_button_redrawn_while_pressed_still_acts(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS)
    _slowly(page, 800)
    screen.put("Trigger", "Payment status changed")
    page.get_by_role("button", name="Add condition").hover()
    page.mouse.down()
    expect(page.get_by_text("Fires every time the payment status changes, not just once.")).to_be_visible()
    page.get_by_role("button", name="Add condition").hover()
    page.mouse.up()
    expect(page.get_by_label("Condition 1 field", exact=True)).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.get_by_label("Condition 2 field", exact=True)).to_have_count(0)


def test_text_typed_while_a_row_is_removed_is_kept(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS, PAID)
    expect(page.get_by_label("Subject", exact=True)).to_be_visible()
    _slowly(page, 800)
    screen.press("Remove condition 1")
    screen.put("Subject", "Typed meanwhile")
    expect(page.get_by_label("Condition 2 field", exact=True)).to_have_count(0)
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Typed meanwhile")


def test_a_test_fire_right_after_typing_shows_its_result(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS, PAID)
    send = page.get_by_role("button", name="Send it to me")
    expect(send).to_be_visible()
    for delays in ((800, 0), (0, 800)):
        _slowly(page, *delays)
        screen.put("Name of the automation", "Typed")
        choose = page.get_by_label("Condition 1 value", exact=True)
        choose.select_option(index=1)
        send.click()
        expect(page.get_by_role("region", name="Try it").get_by_role("alert")).to_contain_text("rosa")
        choose.select_option(index=2)
        expect(page.get_by_role("region", name="Try it").get_by_role("alert")).to_have_count(0)


def test_an_unresponsive_server_is_reported_and_nothing_is_lost(page: Page, live: str, enter: Enter) -> None:
    away = False
    page.route("**/automations/**", lambda route: route.abort() if away else route.continue_())
    screen = _opened(page, live, enter)
    told = page.get_by_role("alert").filter(has_text="The server did not answer")
    away = True
    screen.put("Name of the automation", "Written with care")
    screen.put("Trigger", "Payment status changed")
    expect(told).to_be_visible()
    screen.press("Save")
    expect(told).to_be_visible()
    away = False
    screen.press("Add action")
    screen.put("Subject", "There again")
    expect(told).to_have_count(0)
    expect(page.get_by_text("Fires every time the payment status changes, not just once.")).to_be_visible()
    screen.press("Save")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Name of the automation")).to_have_value("Written with care")


def test_a_failure_of_the_server_replaces_nothing(page: Page, live: str, enter: Enter) -> None:
    fails = False
    failure = "<!doctype html><title>Failure</title><h1>Something went wrong</h1>"
    page.route(
        "**/draft-form",
        lambda route: route.fulfill(status=500, body=failure) if fails else route.continue_(),
    )
    screen = _opened(page, live, enter, starter=PAID)
    fails = True
    screen.press("Add condition")
    expect(page.get_by_text("The server did not answer")).to_be_visible()
    expect(page.get_by_label("Condition 2 field", exact=True)).to_be_visible()
    fails = False
    screen.press("Add condition")
    expect(page.get_by_label("Condition 3 field", exact=True)).to_be_visible()
    expect(page.get_by_text("The server did not answer")).to_have_count(0)


def test_an_unanswered_edit_is_shown_with_the_next_response(page: Page, live: str, enter: Enter) -> None:
    away = False
    page.route("**/draft-form", lambda route: route.abort() if away else route.continue_())
    screen = _opened(page, live, enter, starter=PAID)
    operators = page.get_by_label("Condition 1 operator", exact=True)
    away = True
    screen.put("Condition 1 field", "Total")
    expect(page.get_by_text("The server did not answer")).to_be_visible()
    away = False
    screen.put("Subject", "Something else")
    expect(operators.get_by_role("option", name="greater than", exact=True)).to_be_attached()
    _words(page, "its total is")
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Something else")


def test_a_choice_made_while_the_page_loads_is_in_the_first_request(
    page: Page, live: str, enter: Enter
) -> None:
    held: list[Route] = []
    page.route("**/draft-form", lambda route: route.abort())
    enter(page, "rosa")
    screen = Chromium(page, live)
    screen.goto("/automations/new")
    page.route(re.compile(r"/js/(builder|unreachable)\."), lambda route: held.append(route))
    screen.follow(PAID)
    screen.put("Condition 1 field", "Total")
    page.wait_for_timeout(500)
    while held:
        held.pop().continue_()
    expect(page.get_by_text("The server did not answer")).to_be_visible()


def test_a_form_that_is_clicked_again_while_it_is_sent_is_sent_once(
    app: Flask, page: Page, live: str, enter: Enter
) -> None:
    create, calls = app.view_functions["inbound_hooks.create"], []

    def slowly() -> ResponseReturnValue:
        calls.append(1)
        time.sleep(2)
        return create()

    app.view_functions["inbound_hooks.create"] = slowly
    try:
        enter(page, "ada")
        page.goto(f"{live}/settings/webhooks")
        page.get_by_placeholder("Web shop").fill("Web shop")
        button = page.get_by_role("button", name="Create an address")
        button.evaluate("button => { button.click(); setTimeout(() => button.click(), 700); }")
        expect(page.get_by_role("button", name="Close the address of Web shop")).to_have_count(1)
    finally:
        app.view_functions["inbound_hooks.create"] = create
    assert len(calls) == 1


def test_a_page_that_one_comes_back_to_can_be_sent_again(page: Page, live: str, enter: Enter) -> None:
    enter(page, "ada")
    page.goto(f"{live}/settings/fields")
    for name in ("Ribbon", "Bow"):
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("button", name="Add field").click()
        expect(page.get_by_text(f"“{name}” is added.")).to_be_visible()
        go_back(page)
        expect(page.get_by_label("Name", exact=True)).to_be_visible()
