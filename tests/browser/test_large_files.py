"""A file that is too large is named where it is chosen, and is not sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]


def test_a_file_that_is_too_large_is_named_before_it_is_sent(
    page: Page, live: str, enter: Callable[[Page, str], None], tmp_path: Path
) -> None:
    large, small = tmp_path / "catalogue.pdf", tmp_path / "care.pdf"
    large.write_bytes(b"%PDF-1.7\n" + b"petals " * 800_000)
    small.write_bytes(b"%PDF-1.7\n" + b"petals ")
    enter(page, "ada")
    page.goto(f"{live}/settings/email-files")
    field = page.get_by_label("File to upload")
    field.set_input_files(large)
    said = "“catalogue.pdf” is 6 MB. The limit is 5 MB: split it, or choose another file."
    expect(field).to_have_js_property("validationMessage", said)
    page.get_by_role("button", name="Upload the file").click()
    expect(page.get_by_text("No files yet")).to_be_visible()
    field.set_input_files(small)
    expect(field).to_have_js_property("validationMessage", "")
    page.get_by_role("button", name="Upload the file").click()
    expect(page.get_by_role("link", name="care.pdf")).to_be_visible()
