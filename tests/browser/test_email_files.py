"""In the builder: what an email brings along, as a manager sets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.browser.builder.test_builder import choose
from tests.kit.pages.reviewing import publish_reviewed
from tests.kit.shop import publish_automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
CARE: FilePayload = {"name": "Care.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}


def definition(automation_id: int) -> dict[str, Any]:
    db.session.rollback()
    version = db.session.get_one(Automation, automation_id).active_version
    assert version
    written: dict[str, Any] = version.definition
    return written


def test_an_email_brings_along_a_file_of_the_store_and_the_order(page: Page, live: str, enter: Enter) -> None:
    id = publish_automation("Thanks", "created")
    enter(page, "ada")
    page.goto(f"{live}/settings/email-files")
    page.get_by_label("File to upload").set_input_files(CARE)
    page.get_by_role("button", name="Upload the file").click()
    expect(page.get_by_role("link", name="Care.pdf")).to_be_visible()
    page.goto(f"{live}/automations/{id}")
    page.get_by_text("More settings").click()
    choose(page, "Attach the order", "As a PDF")
    expect(page.get_by_label("Attached file", exact=True)).to_be_visible()
    page.get_by_label("Attached file", exact=True).select_option(value="Care.pdf")
    # The same file twice is refused in words, and the choice stays.
    page.get_by_label("Second file", exact=True).select_option(value="Care.pdf")
    expect(page.get_by_text("“Care.pdf” is attached already. Choose another file.").first).to_be_visible()
    page.get_by_label("Second file", exact=True).select_option(value="")
    expect(page.get_by_text("“Care.pdf” is attached already. Choose another file.")).to_have_count(0)
    publish_reviewed(page, 2)
    expect(page.get_by_text("Version 2 is published and live.")).to_be_visible()
    (action,) = definition(id)["actions"]
    assert (action["settings"]["order_pdf"], action["settings"]["file_1"]) == ("pdf", "Care.pdf")
    page.goto(f"{live}/settings/email-files")
    expect(page.get_by_role("listitem").filter(has_text="Care.pdf")).to_contain_text("attached by Thanks")
