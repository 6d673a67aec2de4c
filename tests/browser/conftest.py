"""A real browser on a real server with the test's own database."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from automations.web.kit import cookies
from tests.kit.reporting import Reporting
from tests.web.pages import new_session

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: The one without windows of its own comes first: it does the same in two thirds of the processor time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
)


#: Widths, and at each the colours in which all of axe looks, then those in which its rules about colours do.
LOOKS: tuple[tuple[int, tuple[Literal["light", "dark"], Literal["light", "dark"]]], ...] = (
    (1280, ("light", "dark")),
    (390, ("dark", "light")),
)
COLOURS = ("color-contrast", "link-in-text-block")
#: Impacts of what axe finds.
SERIOUS = ("serious", "critical")
ANY = (*SERIOUS, "moderate", "minor")
#: Colours that change slowly have arrived; then, whether axe was loaded into this page before.
IS_THERE = """async () => {
  const passing = document.getAnimations().filter(one => one instanceof CSSTransition);
  await Promise.allSettled(passing.map(one => one.finished));
  return Boolean(window.axe);
}"""
#: Milliseconds to wait for what should come at once: a busy machine is not a broken page.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def needed(what: object, reason: str) -> None:
    """Skip with the reason where something is missing; where everything has to be there, fail."""
    if what:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    needed(found, "There is no Chromium on the PATH, so nothing was tested in a browser.")
    return {**browser_type_launch_args, "executable_path": found, "args": list(QUIET)}


@pytest.fixture(autouse=True)
def patient(context: BrowserContext) -> None:
    context.set_default_timeout(PATIENCE)


@pytest.fixture(scope="session", autouse=True)
def libraries() -> None:
    needed(AXE.exists(), "There is no node_modules: run npm ci, then the pages have their libraries.")


@pytest.fixture
def watched(app: Flask) -> Reporting:
    """The application, and what browsers report about its policy."""
    return Reporting(app)


@pytest.fixture
def live(app: Flask, watched: Reporting) -> Iterator[str]:
    """The address of the application, served from a thread; forms need their tokens here.

    Whatever the policy forbids, the browser reports: then what the test did was no normal use of our pages.
    """
    app.config["WTF_CSRF_ENABLED"] = True
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, watched, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.config["WTF_CSRF_ENABLED"] = False
    assert watched.reports == []


@pytest.fixture
def enter(live: str) -> Callable[[Page, str], None]:
    """Give the browser a session of a person, as the sign-in page starts one; no page is opened."""

    def enter(page: Page, name: str) -> None:
        agent = page.evaluate("navigator.userAgent")
        page.context.add_cookies([{"name": cookies.SIGN_IN, "value": new_session(name, agent), "url": live}])

    return enter


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """What axe finds serious or critical on a page, as lines."""

    def check(page: Page) -> list[str]:
        return found_by_axe(page)

    return check


@pytest.fixture
def all_looks() -> Callable[..., list[str]]:
    """What is wrong with a page wide or narrow, light or dark, as lines; it is loaded once for all four.

    Between light and dark only colours differ, so each rule of axe looks once at each width, and those
    about colours twice.
    """

    def check(page: Page, impacts: tuple[str, ...] = SERIOUS) -> list[str]:
        wrong: list[str] = []
        for width, schemes in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            for scheme, rules in zip(schemes, ((), COLOURS), strict=True):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                found = found_by_axe(page, *rules, impacts=impacts)
                if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                    found.append("runs over")
                wrong += [f"{width} {scheme}: {one}" for one in found]
        return wrong

    return check


def go_back(page: Page) -> None:
    """Press Back on a page that is wholly there.

    Trap: at its start htmx replaces the state of the page, which Playwright takes for the end of going back;
    on a busy machine also a little later. What has to be there first is waited for by its address.
    """
    page.wait_for_load_state()
    page.go_back()


def found_by_axe(page: Page, *rules: str, impacts: tuple[str, ...] = SERIOUS) -> list[str]:
    """Run these rules of axe, or all; evaluated, so no policy is bent."""
    if not page.evaluate(IS_THERE):
        page.evaluate(AXE.read_text())
    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in impacts
        for node in one["nodes"]
    ]
