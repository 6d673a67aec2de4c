"""The content security policy in a real browser: our pages obey it; injected markup is blocked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from automations.models.db.base import write
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from tests.kit.hostile.hostile_text import unescaped
from tests.kit.live import wait_until
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.kit.reporting import Reporting
from tests.world import NOW

pytestmark = pytest.mark.of_pages

Enter = Callable[[Page, str], None]


@pytest.mark.slow
def test_no_page_violates_the_content_security_policy(
    app: Flask, live: str, watched: Reporting, page: Page, enter: Enter, bloom: Store, rosa: User
) -> None:
    enter(page, "rosa")
    ids = one_of_each(bloom, rosa)
    page.context.clear_cookies()
    enter(page, "ada")
    # A file is saved and not shown.
    addresses = [one for one in page_addresses(app, ids) if "." not in one]
    for address in addresses:
        answer = page.goto(f"{live}{address}")
        assert answer is not None and answer.status < 500, address
    assert len(addresses) > 50 and watched.reports == []


def test_unescaped_markup_is_blocked_and_reported_by_the_content_security_policy(
    app: Flask, live: str, watched: Reporting, page: Page, enter: Enter, bloom: Store
) -> None:
    with write() as session:
        title = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
        session.add(Task(store_id=bloom.id, title=title, created_at=NOW))
    enter(page, "rosa")
    with unescaped(app):
        page.goto(f"{live}/tasks")
        wait_until(lambda: len(watched.reports) >= 2)
    assert page.title() != "ran"
    watched.reports.clear()
