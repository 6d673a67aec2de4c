"""Take a picture of every page, wide and narrow, light and dark, and show them side by side.

    .venv/bin/python docs/screenshots/every_page.py FOLDER [--only /orders]

The pages are those of the routes, of the sample shop with one record of every kind, as an admin sees them.
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

from benchmarks import pages_addresses, pages_shop
from tests.kit.live import serving
from tests.kit.pages.permitted import page_addresses

WIDTHS = (1280, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
#: Pages that only a visitor sees.
OUTSIDE = ("/sign-in", "/lost-password")


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
        wanted = [
            one for one in page_addresses(shop.app, shop.ids) if not pages_addresses.NOT_PAGES.search(one)
        ]
        wanted = [one for one in wanted if not one.startswith("/sign-in")]
        pages = [one for one in dict.fromkeys(wanted) if given.only in one]
        with serving(shop.app) as address, sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for width in WIDTHS:
                for scheme in SCHEMES:
                    page = _signed_in(browser, address, password, width, scheme, given.folder)
                    for path in pages:
                        _take(page, address, path, given.folder, f"{width}-{scheme}")
                    page.context.close()
    (given.folder / "index.html").write_text(
        "\n".join(_index(given.folder, [*OUTSIDE, *pages])), encoding="utf-8"
    )


def _signed_in(
    browser: Browser, address: str, password: str, width: int, scheme: Literal["light", "dark"], folder: Path
) -> Page:
    """Return a page of this look, signed in; the pages before that are taken on the way."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.emulate_media(reduced_motion="reduce")
    for path in reversed(OUTSIDE):
        _take(page, address, path, folder, f"{width}-{scheme}")
    page.get_by_label("Email").fill(pages_shop.ADMIN)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


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
