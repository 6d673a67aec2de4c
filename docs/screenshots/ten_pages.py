"""Take pictures of ten pages of a build, for the page that shows them before and after.

    .venv/bin/python docs/screenshots/ten_pages.py after
    .venv/bin/python docs/screenshots/ten_pages.py before --checkout FOLDER

Starts the product of FOLDER, or this one, on a sample shop. Writes worst-<page>-<word>.png next to this file.
Needs Chromium, `npm ci` and requirements-test.txt.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docs.screenshots import small_pictures
from tests.kit.fire.programs import ROOT, Program, free_port

HERE = Path(__file__).resolve().parent
ADMIN = re.compile(r"(\S+@\S+)\s+(\S+)\s+\(admin\)")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
#: The first of the list.
CUSTOMER = "/customers?q=Kettleborough"
#: The name of a picture -> how wide, and where the page is.
PAGES = {
    "first": (DESK, "/"),
    "customers": (PHONE, "/customers"),
    "orders": (PHONE, "/orders"),
    "log": (DESK, "/activity?outcome=skipped"),
    "customer": (DESK, CUSTOMER),
    "mailbox": (DESK, "/mailbox"),
    "by-hand": (DESK, "/automations/1/manual-run?all=1"),
    "campaign": (DESK, "/campaigns"),
    "starters": (DESK, "/automations/new"),
    "settings": (PHONE, "/settings/store"),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("word", choices=("before", "after"))
    options.add_argument("--checkout", type=Path, default=ROOT)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        port = free_port()
        environment = {"DATA_FOLDER": name, "PORT": str(port), "ASSETS": "local", "DATABASE_URL": ""}
        program = Program(["app.py"], environment, Path(name) / "log", port, root=given.checkout)
        program.start()
        try:
            program.wait_until_ready()
            email, password = ADMIN.findall(program.log.read_text())[0]
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            page = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
            page.goto(f"http://127.0.0.1:{port}/sign-in")
            page.get_by_label("Email").fill(email)
            page.get_by_label("Password").fill(password)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
            for picture, (size, path) in PAGES.items():
                page.set_viewport_size({"width": size["width"], "height": size["height"]})
                page.goto(f"http://127.0.0.1:{port}{path}")
                if path == CUSTOMER:
                    page.get_by_role("link", name="Harriet Kettleborough").first.click()
                    page.wait_for_url(re.compile(r"/customers/[^?]+"))
                page.wait_for_load_state("networkidle")
                small_pictures.keep(page.screenshot(), HERE / f"worst-{picture}-{given.word}.png")
        finally:
            program.kill()


if __name__ == "__main__":
    main()
