"""A page in Chromium as `tests.kit.pages.by_hand` uses a screen: found by labels, waited for, never by
time.
"""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

LIMIT = 60_000


class Chromium:
    """One person's page; `put` and `press` wait until what they need is there."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        page.set_default_timeout(LIMIT)

    def goto(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def put(self, label: str, value: str, area: str = "") -> None:
        """Choose an entry of a list, or write into a field."""
        control = self._within(area).get_by_label(label, exact=True)
        expect(control).to_be_attached(timeout=LIMIT)
        self._unfold(control)
        expect(control).to_be_visible(timeout=LIMIT)
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)

    def tick(self, label: str, area: str = "") -> None:
        """Tick a box."""
        self._within(area).get_by_label(label, exact=True).check()

    def press(self, words: str, area: str = "") -> None:
        # Before htmx has started a press sends the whole form: right for a person, another page for a test.
        self.page.wait_for_load_state()
        exact = self._within(area).get_by_role("button", name=words, exact=True)
        begins = self._within(area).get_by_role("button", name=words)
        (exact if exact.count() else begins).first.click()

    def follow(self, words: str) -> None:
        """Follow the first link whose words start so."""
        self.page.get_by_role("link", name=re.compile(rf"^{re.escape(words)}")).first.click()

    def in_words(self) -> str:
        """The sentence of the automation that is open."""
        region = self.page.get_by_role("region", name="In words")
        return " ".join((region.get_by_role("paragraph").text_content() or "").split())

    def _unfold(self, control: Locator) -> None:
        """Open what the control is folded into, as someone does who looks for it."""
        for fold in control.locator("xpath=ancestor::details[not(@open)]/summary").all():
            fold.click()

    def _within(self, area: str) -> Page | Locator:
        return self.page.get_by_role("region", name=area, exact=True) if area else self.page
