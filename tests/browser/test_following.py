"""Pages that follow along while something waits, in a visible tab, and take nothing from the reader."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.test_records import Enter
from tests.kit import shop

TWO = [shop.email_to(), shop.email_to("manager")]


@pytest.fixture
def waiting(app: object) -> list[int]:
    """Twelve orders, of each one email skipped and one due in a minute; the ids of the latter."""
    now = dt.datetime.now(dt.UTC)
    shop.publish_automation("Thank you", "created", actions=TWO, now=now)
    for number in range(12):
        shop.place_order(str(100 + number), customer_id=1, now=now)
    shop.publish_automation("Big ones", "created", shop.condition("total", "greater_than", "40"), now=now)
    for run in shop.runs():
        done = run.position == 0
        values = (
            {"state": "skipped", "reason": "No address."}
            if done
            else {"due_at": now + dt.timedelta(minutes=1)}
        )
        shop.set_run(run.id, **values)
    return [run.id for run in shop.runs() if run.position == 1]


def test_the_log_of_a_record_follows_until_nothing_waits(
    page: Page, live: str, enter: Enter, waiting: list[int]
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/orders/111")
    log = page.locator("#log")
    expect(log).to_have_attribute("hx-trigger", "every 5s")
    menu = log.locator("details.menu summary").first
    menu.focus()
    page.keyboard.press("Enter")
    expect(log.get_by_role("link", name="Replay it").first).to_be_visible()
    expect(log.locator(".verdict-end .badge").first).to_have_text("Skipped")
    shop.set_run(waiting[-1], state="failed", reason="550 no such user")
    expect(log.locator(".verdict-end .badge").first).to_have_text("Failed")
    expect(log).to_contain_text("550 no such user")
    expect(page.locator("#count-home-show")).to_contain_text("1")
    expect(page.locator("#count-bell")).to_contain_text("1 needs you")
    expect(menu).to_be_focused()
    expect(log.get_by_role("link", name="Replay it").first).to_be_visible()
    expect(log).not_to_have_attribute("hx-trigger", re.compile("every"))


def test_activity_keeps_the_readers_place_and_focus_when_entries_come_above(
    page: Page, live: str, enter: Enter, waiting: list[int]
) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    enter(page, "rosa")
    page.goto(f"{live}/activity")
    entry = page.locator("section.activity-entry", has=page.get_by_role("link", name="Order 102", exact=True))
    link = entry.get_by_role("link", name="Thank you", exact=True)
    link.focus()
    link.scroll_into_view_if_needed()
    expect(link).to_be_focused()
    top = link.evaluate("one => one.getBoundingClientRect().top")
    shop.place_order("900", customer_id=1, now=dt.datetime.now(dt.UTC))
    expect(page.locator("#activity")).to_contain_text("Order 900")
    expect(link).to_be_focused()
    moved = link.evaluate("one => one.getBoundingClientRect().top") - top
    assert abs(moved) < 2


def test_a_hidden_tab_asks_for_nothing_and_looks_again_once_it_is_seen(
    page: Page, live: str, enter: Enter, waiting: list[int]
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/orders/111")
    expect(page.locator("#log")).to_have_attribute("hx-trigger", "every 5s")
    page.evaluate("""() => {
      window.asked = 0;
      document.addEventListener("htmx:after:request", () => { window.asked += 1; });
      Object.defineProperty(document, "hidden", { configurable: true, get: () => window.away === true });
      window.away = true;
    }""")
    shop.set_run(waiting[-1], state="succeeded", reason=None)
    page.wait_for_timeout(6_500)
    assert page.evaluate("window.asked") == 0
    page.evaluate("() => { window.away = false; document.dispatchEvent(new Event('visibilitychange')); }")
    expect(page.locator("#log")).not_to_have_attribute("hx-trigger", re.compile("every"))
    assert page.evaluate("window.asked") == 1


def test_an_entry_that_was_unfolded_whole_stays_so(
    page: Page, live: str, enter: Enter, waiting: list[int]
) -> None:
    for number in range(6):
        shop.publish_automation(f"Rule {number}", "created", shop.condition("total", "greater_than", "4000"))
    shop.place_order("950", customer_id=1, now=dt.datetime.now(dt.UTC))
    enter(page, "rosa")
    page.goto(f"{live}/orders/950")
    log = page.locator("#log")
    log.get_by_role("link", name="Show why").click()
    expect(log).to_contain_text("Rule 5")
    shop.set_run(shop.runs()[-1].id, state="succeeded")
    expect(log.locator(".run", has_text="sent")).to_be_visible()
    expect(log).to_contain_text("Rule 5")


def test_today_follows_and_leaves_the_page_alone_while_nothing_changes(
    page: Page, live: str, enter: Enter, waiting: list[int]
) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    enter(page, "rosa")
    page.goto(live)
    statuses: list[int] = []
    page.on("response", lambda one: statuses.append(one.status) if _follows(one) else None)
    link = page.locator("#today").get_by_role("link", name="Order 109", exact=True)
    link.focus()
    link.scroll_into_view_if_needed()
    with page.expect_response(_follows):
        pass
    page.evaluate("document.getElementById('needs-you').dataset.mark = 'untouched'")
    with page.expect_response(_follows):
        pass
    assert statuses[-1] == 304
    expect(page.locator("#needs-you")).to_have_attribute("data-mark", "untouched")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    asked = len(statuses)
    shop.set_run(waiting[-1], state="failed", reason="550 no such user")
    page.wait_for_timeout(6_000)
    assert len(statuses) == asked
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    expect(page.locator("#needs-you")).to_contain_text("550 no such user")
    expect(page.locator("#count-home-show")).to_contain_text("1")
    expect(link).to_be_focused()


def test_the_focus_never_moves_to_the_button_of_another_run(
    page: Page, live: str, enter: Enter, waiting: list[int]
) -> None:
    for run_id in waiting[:2]:
        shop.set_run(run_id, state="failed", reason="550 no such user", tries=1)
    enter(page, "rosa")
    page.goto(live)
    second = page.locator(f"#run-{waiting[1]}").get_by_role("button", name="Try again")
    second.focus()
    shop.set_run(waiting[0], state="succeeded", reason=None)
    expect(page.locator(f"#run-{waiting[0]}")).to_have_count(0)
    expect(second).to_be_focused()
    shop.set_run(waiting[2], state="failed", reason="551 moved", tries=1)
    shop.set_run(waiting[1], state="succeeded", reason=None)
    expect(page.locator(f"#run-{waiting[1]}")).to_have_count(0)
    other = page.locator(f"#run-{waiting[2]}").get_by_role("button", name="Try again")
    expect(other).to_be_visible()
    expect(other).not_to_be_focused()


def _follows(response: Response) -> bool:
    return "x-follows" in response.request.headers
