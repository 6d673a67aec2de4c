"""Tasks, the bell, connections, the archive and what is coming up, in a real browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from automations.models.db.base import db, write
from automations.models.tables.notification import Notification
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from tests.kit import shop
from tests.world import NOW

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
LONG = "Grand Hotel & Conference Centre Königswinter am Rhein"
LATER = shop.email_to() | {"timing": {"when": "after", "amount": "2", "unit": "days"}, "recheck": True}


@pytest.fixture
def busy_shop(live: str, bloom: Store) -> dict[str, int]:
    """One automation with something to come, a task and a notice; the ids in their addresses."""
    automation_id = shop.publish_automation(f"Thank {LONG}", "created", actions=[LATER])
    shop.publish_automation("Other", "created", actions=[LATER])
    order = shop.place_order(now=dt.datetime.now(dt.UTC))
    about = {"store_id": bloom.id, "subject": "order", "record_id": order.id}
    with write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        entries = [{"text": "Find the number", "done": True}, {"text": f"Call {LONG}", "done": False}]
        task = Task(title=f"Call {LONG}", checklist=entries, due_at=NOW, created_at=NOW, **about)
        task.priority, task.description = "high", "They asked for white roses."
        notice = Notification(user_id=ada.id, title=f"{LONG} paid", body="£86.50", created_at=NOW, **about)
        session.add_all([task, notice])
        session.flush()
        return {"automation": automation_id, "task": task.id}


def addresses(ids: dict[str, int]) -> list[str]:
    one = f"/automations/{ids['automation']}"
    settings = "/settings/connections"
    return [
        "/tasks",
        "/tasks?state=done",
        f"/tasks/{ids['task']}",
        "/notifications",
        settings,
        *(f"{settings}/{name}" for name in ("sms", "sms?preset=generic", "chat", "secrets", "easypost")),
        "/automations/archived",
        "/automations/arrange",
        f"{one}/upcoming",
        f"{one}/archive",
        f"{one}/manual-run",
        f"{one}/manual-run?all=1",
    ]


def test_axe_finds_nothing_serious_and_nothing_runs_over(
    browser: Browser, live: str, enter: Enter, all_looks: Axe, busy_shop: dict[str, int]
) -> None:
    page = browser.new_page()
    enter(page, "ada")
    for address in addresses(busy_shop):
        page.goto(f"{live}{address}")
        assert all_looks(page) == [], address
    page.close()


@pytest.mark.parametrize("width", [1000, 1200, 1280, 1440, 1920])
def test_the_header_has_room_for_the_bell(
    browser: Browser, live: str, enter: Enter, busy_shop: dict[str, int], width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    enter(page, "ada")
    page.goto(f"{live}/tasks")
    boxes = [
        page.locator(one).bounding_box() for one in (".site-nav-links", ".site-search", ".menu", ".bell")
    ]
    edges = [edge for box in boxes if box for edge in (box["x"], box["x"] + box["width"])]
    assert len(edges) == 8 and edges == sorted(edges) and edges[-1] <= width
    page.close()


def test_a_task_is_ticked_off_by_keyboard(
    page: Page, live: str, enter: Enter, busy_shop: dict[str, int]
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/tasks/{busy_shop['task']}")
    entry = page.get_by_role("checkbox", name=f"Call {LONG}")
    entry.focus()
    page.keyboard.press("Space")
    expect(entry).to_be_checked()
    expect(entry).to_be_focused()
    page.get_by_role("button", name="Mark as done").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("is done")
    db.session.expire_all()
    assert db.session.get_one(Task, busy_shop["task"]).state == "done"


def test_an_automation_is_archived_and_restored_without_javascript_on_a_phone(
    browser: Browser, live: str, enter: Enter, busy_shop: dict[str, int]
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    enter(page, "rosa")
    page.goto(f"{live}/automations/{busy_shop['automation']}/archive")
    page.get_by_role("button", name="Archive it and cancel 1 action").click()
    expect(page.get_by_role("status")).to_contain_text("One waiting action was cancelled.")
    page.get_by_role("button", name=f"Restore Thank {LONG}").click()
    expect(page.locator("#notices")).to_contain_text("is restored and switched off")
    context.close()
