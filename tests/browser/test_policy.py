"""The content security policy in a real browser blocks injected markup.

Our pages obey it: `live` fails a test in which a browser reported anything, and every page is opened by one
(`tests/browser/test_every_page.py` sees to that).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from automations.models.db.base import write
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from tests.kit.hostile.hostile_text import unescaped
from tests.kit.live import wait_until
from tests.kit.reporting import Reporting
from tests.world import NOW

pytestmark = pytest.mark.of_pages

Enter = Callable[[Page, str], None]


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
