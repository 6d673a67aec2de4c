"""Names as long as real ones: nothing is wider than its box, on any page, on a desk, zoomed, on a phone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, expect

from automations.models.db.base import Base, write
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.browser.test_every_page import Enter, endpoint_of, no_page
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.web.pages import sign_in

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

LONG = "Grand Hotel & Conference Centre Königswinter am Rhein"
#: Columns of what people name.
NAMES = {"name", "label", "title"}
#: The desk, the desk at 200 % and the phone: widths in CSS pixels.
WIDTHS = (1280, 640, 390)
WIDER_THAN_ITS_BOX = """() => {
    const width = document.documentElement.clientWidth, found = new Set();
    const kept = element => {
        for (let outer = element; outer; outer = outer.parentElement)
            if (getComputedStyle(outer).overflowX !== 'visible') return true;
        return false;
    };
    for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect(), style = getComputedStyle(element);
        if (box.width < 2 || box.height < 2 || !element.checkVisibility() || kept(element)) continue;
        const past = box.right > width + 1 || box.left < -1;
        const out = style.display !== 'inline' && element.scrollWidth > element.clientWidth + 1
            && element.clientWidth > 0 && !element.closest('svg')
            // Its foot reaches from edge to edge on a phone.
            && !element.matches('form.builder');
        const named = `${element.tagName.toLowerCase()}.${element.className}`;
        if (past || out) found.add(`${named}: ${element.scrollWidth} of ${element.clientWidth}`);
    }
    return [...found];
}"""

#: Whether the words above the heading run into it.
RUNS_INTO_HEADING = """() => {
    const edges = (selector, side) => {
        const element = document.querySelector(selector) || document.createElement('p');
        const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        const range = document.createRange(), found = [];
        while (words.nextNode()) {
            if (!words.currentNode.data.trim()) continue;
            range.selectNodeContents(words.currentNode);
            for (const box of range.getClientRects()) found.push(box[side]);
        }
        return found;
    };
    return Math.max(...edges('.page-pretitle-line', 'bottom')) > Math.min(...edges('h1', 'top')) + 1;
}"""


@pytest.fixture
def ids(app: Flask, bloom: Store, rosa: User) -> dict[str, Any]:
    """One of everything, made before forms need their tokens."""
    sign_in(app.test_client(), "rosa")
    return one_of_each(bloom, rosa)


@pytest.mark.longest
def test_nothing_is_wider_than_its_box(
    app: Flask, ids: dict[str, Any], browser: Browser, live: str, enter: Enter
) -> None:
    page = browser.new_page()
    enter(page, "ada")
    name_at_length()
    found: dict[str, Any] = {}
    for address in page_addresses(app, ids):
        if endpoint_of(app, address) in no_page(app):
            continue
        page.goto(f"{live}{address}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if wider := page.evaluate(WIDER_THAN_ITS_BOX):
                found[f"{address} at {width}"] = wider
            if page.evaluate(RUNS_INTO_HEADING):
                found[f"{address} at {width}"] = "the way back runs into the heading"
    page.close()
    assert found == {}


def name_at_length() -> None:
    """Give everything that a person names a long name; those that have to differ differ at the end."""
    with write() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if column.name in NAMES and isinstance(column.type, sa.String) and "id" in table.columns:
                    text = sa.literal(f"{LONG} ").concat(sa.cast(table.c.id, sa.String))
                    session.execute(sa.update(table).values({column.name: text}))


def test_the_name_of_a_store_takes_two_lines_of_the_header_and_is_whole_in_its_tooltip(
    bloom: Store, browser: Browser, live: str, enter: Enter
) -> None:
    name = f"{LONG}, flowers & events"
    with write() as session:
        session.get_one(Store, bloom.id).name = name
    page = browser.new_page()
    enter(page, "ada")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{live}/settings/store")
        shown = page.locator(".brand-name")
        expect(shown).to_have_attribute("title", name)
        box = shown.bounding_box()
        assert box and box["height"] < 40
    page.close()
