"""Publishing in a browser: through the review that stands before it."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def publish_reviewed(page: Page, version: int = 1) -> None:
    """Publish what the builder has open: save it, read the review, and choose to publish it."""
    page.get_by_role("button", name="Publish…").click()
    expect(page.get_by_role("heading", name=f"Publish version {version}?")).to_be_visible()
    page.get_by_role("button", name=f"Publish version {version}").click()
