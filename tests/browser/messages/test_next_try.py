"""When a failing message is tried next is said in one piece, in the activity and in the log of a record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.web.log.test_run_pages import a_failing_run

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
#: The dots that begin a line: none of them belongs there.
DOTS_THAT_BEGIN_A_LINE = """() => {
    const found = [], words = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const node = words.currentNode, at = node.textContent.indexOf('·');
        const line = node.parentElement.closest('.run > div, .activity-run'), dot = document.createRange();
        if (at < 0 || !line || !node.parentElement.checkVisibility()) continue;
        dot.setStart(node, at);
        dot.setEnd(node, at + 1);
        const box = dot.getBoundingClientRect();
        if (box.left - line.getBoundingClientRect().left < 4) found.push(line.textContent);
    }
    return found;
}"""

LINES = "one => new Set([...one.getClientRects()].map(box => Math.round(box.bottom / 8))).size"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_next_try_is_one_piece_and_no_line_begins_with_a_dot(
    app: Flask, page: Page, live: str, enter: Enter, width: int
) -> None:
    a_failing_run()
    enter(page, "rosa")
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/orders/10482", "/activity"):
        page.goto(f"{live}{address}")
        next_try = page.locator(".text-nowrap", has_text="next try")
        expect(next_try).to_be_visible()
        assert next_try.evaluate(LINES) == 1
        assert page.evaluate(DOTS_THAT_BEGIN_A_LINE) == []
