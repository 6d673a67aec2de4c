"""Whatever has the focus is not swapped under the fingers: lists, texts, menus and links, on every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from automations.actions import ACTIONS
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.browser.screen import Chromium
from tests.browser.test_fast_hands import PAID, SLOW_ANSWERS, _opened, _slowly, _words
from tests.kit import shop
from tests.web.building import an_automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
#: Milliseconds between two letters of someone who types well.
LETTER = 80
#: Changes each control once while it has the focus; returns the ids of those that lost it.
CHANGE_EACH = """
async () => {
  const once = (go) => document.addEventListener("htmx:finally:request", go, { once: true });
  const answered = () => new Promise(once);
  const controls = "form.builder :is(input, select, textarea):not([type=hidden])";
  const ids = [...document.querySelectorAll(controls)].map((control) => control.id);
  const lost = ids.filter((id) => !id);
  for (const id of ids) {
    const control = document.getElementById(id);
    if (!control || control.disabled || !control.getAttribute("hx-post")) continue;
    control.focus();
    if (document.activeElement !== control) continue;
    const done = answered();
    control.dispatchEvent(new Event("change", { bubbles: true }));
    await done;
    if (document.activeElement !== control || !control.isConnected) lost.push(id);
  }
  return [ids.length, lost];
}
"""


def _types(page: Page, control: Locator, word: str) -> None:
    control.focus()
    page.keyboard.type(word, delay=LETTER)


def _chosen(control: Locator) -> str:
    return str(control.evaluate("list => list.selectedOptions[0].label"))


def test_typing_a_word_in_a_list_chooses_what_begins_with_it(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS)
    screen.put("Trigger", "Created")
    screen.press("Add condition")
    fields = page.get_by_label("Condition 1 field", exact=True)
    expect(fields).to_be_focused()
    for word, field in (("Payment", "Payment status"), ("Delivery d", "Delivery date")):
        _slowly(page, *[150] * len(word))
        _types(page, fields, word)
        expect(fields).to_be_focused()
        _words(page, f"its {field.lower()} is …")
        assert _chosen(fields) == field
        page.wait_for_timeout(1200)  # After a second the browser takes a letter for the first of a new word.


def test_typing_in_the_list_of_triggers_and_of_records_keeps_the_word(
    page: Page, live: str, enter: Enter
) -> None:
    _opened(page, live, enter, SLOW_ANSWERS)
    triggers = page.get_by_label("Trigger", exact=True)
    _slowly(page, *[150] * 9)
    _types(page, triggers, "Payment s")
    _words(page, "payment status changes")
    assert _chosen(triggers) == "Payment status changed" and triggers.evaluate(
        "one => one === document.activeElement"
    )
    records = page.get_by_label("Record to try it on", exact=True)
    _types(page, records, "A sample f")
    expect(page.get_by_role("region", name="Try it")).to_contain_text("It")
    expect(records).to_be_focused()
    assert _chosen(records) == "A sample funeral order, unpaid"


@pytest.mark.longest
def test_no_control_of_the_builder_loses_the_focus_when_it_changes_something(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User
) -> None:
    actions = [
        {"kind": kind, "settings": {f.short_name: f.data or "" for f in ACTIONS[kind].Form()}}
        for kind in ACTIONS
    ]
    timing = {"when": "after", "amount": "2", "unit": "days", "recheck": True}
    line = {"field": "line.sku", "operator": "is", "value": "A"}
    conditions = [
        shop.condition("total", "greater_than", "40.00"),
        {
            "match": "any",
            "conditions": [shop.condition("note", "contains", "a"), shop.condition("placed_at", "after")],
        },
        {"match": "line", "lines": "any", "conditions": [line]},
    ]
    id = an_automation(
        bloom, rosa, conditions=conditions, actions=[actions[0] | {"timing": timing}, *actions[1:]]
    )
    enter(page, "rosa")
    Chromium(page, live).goto(f"/automations/{id}")
    expect(page.get_by_role("region", name="In words")).to_be_visible()
    count, lost = page.evaluate(CHANGE_EACH)
    assert count > 40 and lost == []


def test_no_control_of_a_schedule_or_a_segment_loses_the_focus(
    page: Page, live: str, enter: Enter, bloom: Store, rosa: User
) -> None:
    enter(page, "rosa")
    screen = Chromium(page, live)
    for trigger in ("Stays in a status", "On a schedule", "A date is reached"):
        id = an_automation(bloom, rosa, trigger)
        screen.goto(f"/automations/{id}")
        triggers = page.get_by_label("Trigger", exact=True)
        labels = [
            one for one in triggers.locator("option").all_text_contents() if one.startswith(trigger[:6])
        ]
        if labels:
            screen.put("Trigger", labels[0])
            page.wait_for_timeout(500)
        assert page.evaluate(CHANGE_EACH)[1] == []
    screen.goto("/segments/new")
    screen.press("Add condition")
    expect(page.get_by_label("Condition 1 field", exact=True)).to_be_visible()
    screen.put("Condition 1 field", "Note")
    expect(page.get_by_label("Condition 1 operator", exact=True)).to_be_visible()
    assert page.evaluate(CHANGE_EACH)[1] == []


def test_typing_goes_on_in_the_next_field_while_the_answer_comes(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS, PAID)
    screen.put("Condition 1 field", "Note")
    page.wait_for_timeout(500)
    value = page.get_by_label("Condition 1 value", exact=True)
    _slowly(page, 600, 0, 0)
    screen.put("Condition 1 operator", "does not contain")
    value.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("without lilies", delay=LETTER)
    page.keyboard.press("Home")
    page.keyboard.type("roses ", delay=LETTER)
    expect(value).to_have_value("roses without lilies")
    expect(value).to_be_focused()


def test_an_open_menu_stays_open_while_its_action_is_redrawn(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS, PAID)
    _slowly(page, 800)
    screen.put("To", "The managers", "Then")
    page.get_by_text("Insert a field into message").click()
    page.wait_for_timeout(1200)
    page.locator(".insert[open]").get_by_role("button", name="Number", exact=False).first.click()
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_the_focus_goes_along_with_its_row(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, SLOW_ANSWERS, PAID)
    screen.press("Add condition")
    expect(page.get_by_label("Condition 3 field", exact=True)).to_be_focused()
    _slowly(page, 600)
    screen.press("Remove condition 1")
    page.get_by_label("Condition 3 field", exact=True).focus()
    expect(page.get_by_label("Condition 3 field", exact=True)).to_have_count(0)
    expect(page.get_by_label("Condition 2 field", exact=True)).to_be_focused()


def test_caps_that_were_unfolded_stay_unfolded(page: Page, live: str, enter: Enter) -> None:
    screen = _opened(page, live, enter, starter=PAID)
    page.get_by_text("How often it may fire").click()
    screen.put("Trigger", "Created")
    _words(page, "is created")
    expect(page.locator("#caps")).to_have_attribute("open", "")


def test_a_filter_of_the_log_keeps_the_focus(page: Page, live: str, enter: Enter) -> None:
    shop.publish_automation("Confirm", "created")
    shop.publish_automation("Cheer", "payment_status_changed", after="paid")
    shop.place_order("10482")
    enter(page, "rosa")
    Chromium(page, live).goto("/orders/10482")
    fired = page.get_by_role("navigation", name="Which entries").get_by_role("link").nth(1)
    fired.focus()
    page.keyboard.press("Enter")
    expect(fired).to_have_attribute("aria-current", "true")
    expect(fired).to_be_focused()


def test_what_is_typed_while_rows_are_added_to_an_order_is_kept(page: Page, live: str, enter: Enter) -> None:
    page.add_init_script(SLOW_ANSWERS)
    enter(page, "rosa")
    Chromium(page, live).goto("/orders/new")
    names = page.get_by_label("Name", exact=True)
    before = names.count()
    _slowly(page, 800)
    page.get_by_role("button", name="More rows").click()
    names.first.fill("A dozen roses")
    page.get_by_label("Note", exact=True).focus()
    page.keyboard.type("Ring twice", delay=LETTER)
    expect(names).not_to_have_count(before)
    expect(names.first).to_have_value("A dozen roses")
    expect(page.get_by_label("Note", exact=True)).to_have_value("Ring twice")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
