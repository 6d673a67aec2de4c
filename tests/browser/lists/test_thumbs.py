"""On a phone whatever can be pressed is 44 px wide and high, on every page, except links inside sentences."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.browser.test_every_page import Enter, endpoint_of, no_page
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.web.pages import sign_in

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

PHONE = {"width": 390, "height": 844}
#: Half a pixel less is a rounding of the browser.
TOO_SMALL = """() => {
    const least = 43.5, found = new Set();
    const inSentence = link => {
        if (getComputedStyle(link).display !== 'inline') return false;
        let block = link.parentElement;
        while (getComputedStyle(block).display === 'inline') block = block.parentElement;
        return block.textContent.trim().length > link.textContent.trim().length;
    };
    // What is pressed besides the element itself: its label, and what it lays over the things around it.
    const areas = element => {
        const boxes = [...element.getClientRects()];
        for (const label of element.labels || []) boxes.push(...label.getClientRects());
        for (const side of ['::before', '::after']) {
            const style = getComputedStyle(element, side);
            if (style.content === 'none' || style.position !== 'absolute') continue;
            let outer = element;
            while (outer && getComputedStyle(outer).position === 'static') outer = outer.parentElement;
            const box = (outer || document.documentElement).getBoundingClientRect();
            const sides = [style.left, style.right, style.top, style.bottom];
            const [left, right, top, bottom] = sides.map(parseFloat);
            boxes.push({width: box.width - left - right, height: box.height - top - bottom});
        }
        return boxes;
    };
    const pressed = 'a[href], button, summary, select, input:not([type=hidden]), [role=switch]';
    for (const element of document.querySelectorAll(pressed)) {
        if (!element.checkVisibility({visibilityProperty: true}) || element.disabled) continue;
        if (element.matches('.skip-link, .visually-hidden')) continue;
        if (element.matches('a') && inSentence(element)) continue;
        const boxes = areas(element);
        if (!boxes.length || boxes.some(box => box.width >= least && box.height >= least)) continue;
        const named = element.getAttribute('aria-label') || element.name || element.textContent.trim();
        const [box] = boxes;
        found.add(`${element.tagName.toLowerCase()}.${element.className} “${named.slice(0, 40)}”`
            + ` ${Math.round(box.width)} × ${Math.round(box.height)}`);
    }
    return [...found];
}"""


@pytest.fixture
def ids(app: Flask, bloom: Store, rosa: User) -> dict[str, Any]:
    """One of everything, made before forms need their tokens."""
    sign_in(app.test_client(), "rosa")
    return one_of_each(bloom, rosa)


def test_whatever_is_pressed_on_a_phone_is_as_large_as_a_thumb(
    app: Flask, ids: dict[str, Any], browser: Browser, live: str, enter: Enter
) -> None:
    page = browser.new_page(viewport=PHONE)
    enter(page, "ada")
    found: dict[str, Any] = {}
    for address in page_addresses(app, ids):
        if endpoint_of(app, address) in no_page(app):
            continue
        page.goto(f"{live}{address}")
        if small := page.evaluate(TOO_SMALL):
            found[address] = small
    page.close()
    assert found == {}
