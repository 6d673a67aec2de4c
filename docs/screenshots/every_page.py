"""Take a picture of every page, wide and narrow, light and dark, and show them side by side.

    .venv/bin/python docs/screenshots/every_page.py FOLDER [--only /orders]

The pages are those of the routes, of the sample shop with one record of every kind, as an admin sees them,
and those for a visitor: to sign in, to set a password, to unsubscribe.
Writes <page>-<width>-<light|dark>.png and index.html into FOLDER, and prints what answers with an error.
Needs Chromium, `npm ci` and requirements-test.txt.
"""

from __future__ import annotations

import argparse
import html
import json
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Error, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import pages_shop
from tests.browser.test_every_page import endpoint_of, for_anybody, no_page
from tests.kit.live import serving
from tests.kit.pages.permitted import page_addresses

WIDTHS = (1280, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--only", default="", help="only addresses that contain this")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    os.environ["ASSETS"] = "local"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name, pages_shop.prepared("sqlite", Path(name), 0) as shop:
        password = json.loads((Path(name) / pages_shop.KEPT).read_text())["password"]
        outside, files = list(for_anybody()), no_page(shop.app)
        wanted = [
            one for one in page_addresses(shop.app, shop.ids) if endpoint_of(shop.app, one) not in files
        ]
        pages = [one for one in dict.fromkeys(wanted) if given.only in one and one not in outside]
        with serving(shop.app) as address, sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for width in WIDTHS:
                for scheme in SCHEMES:
                    page = _page(browser, width, scheme)
                    for path in outside:
                        _take(page, address, path, given.folder, f"{width}-{scheme}")
                    _sign_in(page, address, password)
                    for path in pages:
                        _take(page, address, path, given.folder, f"{width}-{scheme}")
                    page.context.close()
    (given.folder / "index.html").write_text(
        "\n".join(_index(given.folder, [*outside, *pages])), encoding="utf-8"
    )


def _page(browser: Browser, width: int, scheme: Literal["light", "dark"]) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.emulate_media(reduced_motion="reduce")
    return page


def _sign_in(page: Page, address: str, password: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email").fill(pages_shop.ADMIN)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _take(page: Page, address: str, path: str, folder: Path, look: str) -> None:
    try:
        answer = page.goto(address + path)
    except Error as error:
        if "Download is starting" in str(error):
            return
        raise
    if answer and answer.status >= 400:
        print(f"{answer.status} {path}", flush=True)
    page.screenshot(path=folder / f"{_name(path)}-{look}.png", full_page=True)


def _name(path: str) -> str:
    return re.sub(r"\W+", "-", path).strip("-") or "first"


def _index(folder: Path, pages: list[str]) -> Iterator[str]:
    yield "<!doctype html><meta charset=utf-8><title>Every page</title>"
    yield "<style>img { height: 480px; margin: 4px; vertical-align: top; border: 1px solid }</style>"
    for path in (one for one in pages if (folder / f"{_name(one)}-1280-light.png").exists()):
        yield f"<h2>{html.escape(path)}</h2>"
        for look in (f"{width}-{scheme}" for width in WIDTHS for scheme in SCHEMES):
            file = f"{_name(path)}-{look}.png"
            yield f'<a href="{file}"><img loading=lazy src="{file}" alt="{look}"></a>'


if __name__ == "__main__":
    main()
