"""Take the screenshots of the documentation: start the product on a sample shop and capture its pages.

    .venv/bin/python docs/screenshots/take.py

Needs Chromium, `npm ci` and requirements-test.txt. Writes <page>-<light|dark>.png next to this file.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from docs.screenshots import small_pictures
from tests.kit.fire.programs import Program, free_port

SIGN_IN = re.compile(r"(\S+@\S+)\s+(\S+)\s+\(manager\)")
ADMIN = re.compile(r"(\S+@\S+)\s+(\S+)\s+\(admin\)")
COMPARE = re.compile("[Cc]ompare")
#: The name of an email in its pictures -> words of its subject.
EMAILS = {"order": "We are working on", "event": "Your quote for", "team": "has ordered"}
#: A program of unknown shape, an order as it sends it, and our fields with the places of their values.
MARKET = "Flower market"
SENT = {
    "event": "order.saved",
    "order": {
        "reference": "M-1042",
        "state": "in the workshop",
        "sum": "84.50",
        "delivery": "2026-12-04",
        "buyer": {"full name": "Iris Hallam", "mail": "iris@post.example"},
        "basket": [
            {"title": "Winter roses", "n": 2, "each": 30.0},
            {"title": "Vase", "n": 1, "each": "24.50"},
        ],
    },
}
PICKED = {
    "Number": "order.reference",
    "Status": "order.state",
    "Delivery date": "order.delivery",
    "Total": "order.sum",
    "The list of items": "order.basket",
    "Product": "order.basket.1.title",
    "Quantity": "order.basket.1.n",
    "Unit price": "order.basket.1.each",
}.items()
#: A file of orders: a word that no list has, and an amount that is none.
FILE = """Number,Where it is,Delivery date,Total,Email
F-201,In the workshop,2026-12-05,64.50,iris@post.example
F-202,Picked,2026-12-05,38.00,noor@post.example
F-203,In the workshop,2026-12-07,a lot,tamsin@post.example
F-204,Waiting for Rosa,2026-12-08,120.00,beatrix@post.example
"""
SKIPPED = "/activity?outcome=skipped"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        environment = {"DATA_FOLDER": name, "PORT": str(port), "ASSETS": "local", "DATABASE_URL": ""}
        program = Program(["app.py"], environment, Path(name) / "log", port)
        program.start()
        try:
            program.wait_until_ready()
            printed = program.log.read_text()
            (email, password), admin = SIGN_IN.findall(printed)[0], ADMIN.findall(printed)[0]
            with sync_playwright() as playwright:
                chromium = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                for scheme in ("light", "dark"):
                    _capture_pages(browser, f"http://127.0.0.1:{port}", email, password, scheme)
                    mapping(browser, f"http://127.0.0.1:{port}", *admin, scheme)
        finally:
            program.kill()


def _capture_pages(browser: Browser, address: str, email: str, password: str, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    _save(page, f"sign-in-{scheme}")
    _sign_in(page, address, email, password)
    _save(page, f"today-{scheme}")
    page.goto(f"{address}/automations")
    _save(page, f"automations-{scheme}")
    page.get_by_role("link", name="Confirm paid deliveries", exact=True).click()
    _save(page, f"overview-{scheme}")
    page.get_by_role("link", name="Rule", exact=True).click()
    _narrow(page)
    _save(page, f"builder-{scheme}")
    small_pictures.keep(
        page.get_by_role("region", name="Try it").screenshot(), HERE / f"test-fire-{scheme}.png"
    )
    page.get_by_role("button", name="Publish…").first.click()
    page.wait_for_url("**/publish")
    _save(page, f"review-{scheme}")
    page.goto(f"{address}/automations/1/backtests")
    page.get_by_role("button", name=COMPARE).first.click()
    page.wait_for_url("**/backtests/*")
    _save(page, f"backtest-{scheme}")
    page.goto(f"{address}{SKIPPED}")
    page.get_by_role("link", name=re.compile("^Order ")).first.click()
    _save(page, f"order-log-{scheme}")
    page.goto(f"{address}/activity")
    _save(page, f"activity-{scheme}")
    page.get_by_role("link", name=re.compile("^Replay ")).first.click()
    page.wait_for_url("**/replays/**")
    _save(page, f"replay-{scheme}")
    _expect(page, address)
    _save(page, f"expectation-{scheme}")
    _surge(page, address)
    _save(page, f"held-{scheme}")
    if scheme == "light":
        emails(page, address)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/automations/1")
    _save(page, f"builder-phone-{scheme}")
    context.close()


def _sign_in(page: Page, address: str, email: str, password: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def emails(page: Page, address: str) -> None:
    """Take three emails of the mailbox as a light and a dark program show them, and a phone."""
    for name, subject in EMAILS.items():
        page.goto(f"{address}/mailbox?{urlencode({'q': subject})}")
        page.get_by_role("link", name=subject).first.click()
        desk = page.locator(".email-desk")
        for label in ("Desktop", "Light", "Dark", "Phone"):
            page.locator(".seg label", has_text=label).click()
            page.wait_for_timeout(400)
            if label != "Desktop":
                small_pictures.keep(desk.screenshot(), HERE / f"email-{name}-{label.lower()}.png")


def mapping(browser: Browser, address: str, email: str, password: str, scheme: str) -> None:
    """Connect a program of unknown shape, unless it is connected, let it send, and pick some values."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    _sign_in(page, address, email, password)
    page.goto(f"{address}/settings/shops")
    if page.get_by_role("link", name=MARKET).count() == 0:
        _connect_market(page, address)
    page.goto(f"{address}/settings/shops")
    page.get_by_role("link", name=MARKET).click()
    page.get_by_role("link", name="Field mapping", exact=True).click()
    for field, place in PICKED:
        if page.get_by_role("link", name=f"Pick another value for {field}", exact=True).count():
            continue
        pick = page.get_by_role("link", name=f"Pick {field}", exact=True)
        if pick.count():
            pick.click()
        page.get_by_role("button", name=re.compile(f": use {place}$")).click()
    page.goto(re.sub("[?#].*", "", page.url))
    page.locator("#field-number").scroll_into_view_if_needed()
    _save(page, f"mapping-{scheme}")
    importing(page, address, scheme)
    context.close()


def importing(page: Page, address: str, scheme: str) -> None:
    """Upload a file whose words and amounts need a person, give one word a meaning, and picture the check."""
    page.goto(f"{address}/imports")
    file: FilePayload = {"name": "workshop.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload and choose columns").click()
    page.get_by_label("Where it is").select_option(label="Status")
    page.get_by_role("button", name="Show what each of").click()
    meaning = page.get_by_label("Where it is In the workshop")
    meaning.wait_for()
    meaning.select_option(label="Confirmed")
    page.get_by_role("button", name=re.compile("again with these meanings")).click()
    page.get_by_role("button", name=re.compile("^Import ")).wait_for()
    _save(page, f"import-{scheme}")


def _connect_market(page: Page, address: str) -> None:
    page.goto(f"{address}/settings/shops/new")
    page.get_by_label("Any other source").check()
    page.get_by_label("What do you call it?").fill(MARKET)
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_label("Not at all").check()
    page.get_by_role("button", name="Save authentication").click()
    path = page.locator("#shop-address").inner_text().partition("/hooks/")[2]
    page.request.post(f"{address}/hooks/{path}", data=SENT)


def _narrow(page: Page) -> None:
    """Add a condition to the draft, unless it has it already, so that there is something to compare."""
    page.wait_for_load_state("networkidle")
    if page.get_by_label("Condition 3 field").count():
        return
    page.get_by_role("button", name="Add condition").first.click()
    page.get_by_label("Condition 3 field").select_option(label="Total")
    page.get_by_label("Condition 3 operator").select_option(label="greater than")
    page.get_by_label("Condition 3 value").fill("40.00")
    page.get_by_role("button", name="Save").first.click()
    page.get_by_role("button", name="Publish…").first.wait_for()
    page.get_by_role("link", name="Enter a value for total").wait_for(state="detached")
    page.get_by_text("Complete it to see how many").wait_for(state="detached")
    page.wait_for_load_state("networkidle")


def _expect(page: Page, address: str) -> None:
    """Write an expectation, without saving it."""
    page.goto(f"{address}/expectations/new")
    page.get_by_label("Trigger", exact=True).select_option(label="Payment status changed")
    page.get_by_label("To", exact=True).select_option(label="Paid")
    page.get_by_role("button", name="Add condition").click()
    page.get_by_label("Condition 1 field").select_option(label="Fulfilment method")
    page.get_by_label("Condition 1 value").select_option(label="Delivery")
    page.get_by_text("broke it").first.wait_for()


def _surge(page: Page, address: str) -> None:
    """Let an automation fire more often than its manager allows, unless it is held already."""
    overview = f"{address}/automations/2/overview"
    held = page.get_by_role("status", name="Held")
    page.goto(overview)
    if not held.count():
        page.goto(f"{address}/automations/2/hold")
        page.get_by_label("It fires more often than my own limit").check()
        page.get_by_label("Firings in an hour").fill("1")
        page.get_by_role("button", name="Save the limit").click()
        page.get_by_text("1 in an hour").wait_for()
        for number in range(1, 6):
            page.goto(f"{address}/orders/new")
            page.get_by_label("Number", exact=True).fill(f"2000{number}")
            page.get_by_label("Order type").select_option(label="Funeral")
            page.get_by_role("button", name="Save order").click()
            page.wait_for_url(re.compile(r"/orders/\d+"))
        page.goto(overview)
        while held.count() == 0 or "4 wait" not in held.inner_text():
            page.wait_for_timeout(500)
            page.reload()


def _save(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    small_pictures.keep(page.screenshot(), HERE / f"{name}.png")


if __name__ == "__main__":
    main()
