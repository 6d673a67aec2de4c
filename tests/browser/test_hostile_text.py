"""Hostile text in every field, shown in a browser without the content security policy, stays plain text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.hostile import hostile_shop, hostile_text
from tests.kit.hostile.hostile_text import injected_into_email, unescaped
from tests.web.pages import sign_in

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
#: For one page, in milliseconds: they are megabytes long here.
LIMIT = 180_000
LISTEN = "window.boom = () => { window.alive = true }; parent.boom = window.boom"
#: What none of our pages has: elements, handlers, attributes of htmx that lead elsewhere.
ALIVE = """() => {
  const found = window.alive ? ['a script ran'] : [];
  // Emails are shown in frames of ours, in which nothing runs; FRAMED looks into them.
  const frame = 'iframe:not(.email-frame[sandbox=""][srcdoc])';
  const never = `script:not([src]),${frame},object,embed,base,style,math,video,hx-partial,meta[http-equiv],`
    + '.chip-layer > :not(mark.chip),mark.chip *';
  for (const one of document.querySelectorAll('*')) {
    const names = one.getAttributeNames();
    const leading = /^(data-)?hx-(get|post|put|patch|delete)$|^(src|href|action|formaction)$/;
    const leads = names.filter(name => leading.test(name));
    if (one.matches(never)
        || names.some(name => /^(on|hx-on|data-hx-|style$)/.test(name))
        || leads.some(name => /^\\s*javascript:|^\\/boom|^\\/\\/boom/i.test(one.getAttribute(name))))
      found.push(one.outerHTML.slice(0, 200));
  }
  return found;
}"""
FRAMED = "() => [...document.querySelectorAll('iframe.email-frame')].map(frame => frame.srcdoc)"


@pytest.mark.longest
def test_no_hostile_string_in_any_field_is_interpreted_as_markup(
    app: Flask, live: str, browser: Browser, enter: Enter, bloom: Store, rosa: User
) -> None:
    assert len(set(hostile_text.STRINGS)) >= 500
    page, asked = _undefended(browser), []
    enter(page, "ada")
    ids = _poisoned(app, bloom, rosa)
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    found = {address: _alive(page, live, address) for address in hostile_shop.pages(app, ids)}
    page.context.close()
    assert len(found) > 60 and {address: alive for address, alive in found.items() if alive} == {}
    assert [one for one in asked if _away(one, live)] == []


def test_an_unescaped_page_is_detected(
    app: Flask, live: str, browser: Browser, enter: Enter, bloom: Store, rosa: User
) -> None:
    page = _undefended(browser)
    enter(page, "ada")
    _poisoned(app, bloom, rosa)
    asked = page.expect_request(lambda request: _away(request.url, live), timeout=LIMIT)
    with unescaped(app), asked:
        page.goto(f"{live}/tasks", wait_until="commit")
    page.context.close()


def _undefended(browser: Browser) -> Page:
    """Without the policy only the escaping stands between the text and the page."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(LISTEN)
    context.set_default_timeout(LIMIT)
    # What is hidden is as alive as what is shown, and megabytes of text are drawn many times faster plain.
    context.route("**/*.css*", lambda route: route.abort())
    return context.new_page()


def _poisoned(app: Flask, bloom: Store, rosa: User) -> dict[str, Any]:
    app.config["WTF_CSRF_ENABLED"] = False
    sign_in(app.test_client(), "rosa")
    app.config["WTF_CSRF_ENABLED"] = True
    return hostile_shop.build(bloom, rosa)


def _alive(page: Page, live: str, address: str) -> list[str]:
    try:
        page.goto(f"{live}{address}")
    except Error as error:
        # A file is saved and shows nothing.
        assert "Download is starting" in str(error), address
        return []
    found: list[str] = page.evaluate(ALIVE)
    return found + [alive for email in page.evaluate(FRAMED) for alive in injected_into_email(email)]


def _away(address: str, live: str) -> bool:
    parts = urlsplit(address)
    return not address.startswith(f"{live}/") or parts.path.startswith("/boom")
