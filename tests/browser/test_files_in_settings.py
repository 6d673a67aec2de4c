"""Automations as files: downloaded, changed, looked through as a plan, and applied once a manager says so."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.kit.shop import condition, publish_again, publish_automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


def test_a_manager_downloads_changes_and_applies_automations_as_files(
    page: Page, live: str, enter: Enter, axe: Axe, tmp_path: Path
) -> None:
    paid = condition("payment_status", "equals", "paid")
    id, other = publish_automation("Thanks", "created", paid), publish_automation("Same", "created")
    enter(page, "rosa")
    page.goto(f"{live}/settings")
    page.get_by_role("link", name="Files").first.click()
    expect(page.get_by_role("heading", level=1, name="Automations as files")).to_be_visible()
    assert axe(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all automations").click()
    kept = tmp_path / "automations.zip"
    download.value.save_as(kept)
    with zipfile.ZipFile(io.BytesIO(kept.read_bytes())) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    assert sorted(files) == ["same.yaml", "thanks.yaml"]

    # What cannot be read is named, and nothing changes.
    _choose(page, "thanks.yaml", b"name: [")
    expect(page.get_by_role("alert")).to_contain_text("thanks.yaml, line 1")

    # The plan says what would change, word by word; applying it says what was changed.
    _choose(page, "thanks.yaml", files["thanks.yaml"].replace(b"value: Paid", b"value: Unpaid"))
    plan = page.get_by_role("listitem").filter(has_text="thanks.yaml")
    expect(plan.get_by_role("insertion")).to_have_text("Unpaid")
    expect(plan.get_by_role("deletion")).to_have_text("Paid")
    expect(page.get_by_text("Without a file and left alone: Same.")).to_be_visible()
    assert axe(page) == []

    # Something changes meanwhile: the old plan is not applied, and the new one is shown.
    publish_again(other, "payment_status_changed")
    publish_again(id, "created", paid, condition("total", "at_least", "5"))
    page.get_by_role("button", name="Apply to 1 automation").click()
    expect(page.get_by_role("alert")).to_contain_text("Something changed since this plan was made.")
    page.get_by_role("button", name="Apply to 1 automation").click()
    expect(page.get_by_text("1 automation was changed.")).to_be_visible()
    db.session.rollback()
    version = db.session.get_one(Automation, id).active_version
    assert version is not None
    assert [node["value"] for node in version.definition["conditions"]] == ["unpaid"]


def _choose(page: Page, name: str, content: bytes) -> None:
    chosen: FilePayload = {"name": name, "mimeType": "application/yaml", "buffer": content}
    page.get_by_label("Files, or a downloaded archive").set_input_files(chosen)
    page.get_by_role("button", name="Show what would change").click()
