"""The product as a new manager meets it: the program, a browser, a till and a mail server, all real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from playwright.sync_api import Page, expect

from automations.models.db.base import db
from tests.kit.fire.programs import Program, free_port
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.pages.reviewing import publish_reviewed
from tests.kit.set_up import api_key, use_smtp_server
from tests.kit.shop import condition, publish_automation
from tests.web.pages import EMAILS
from tests.world import PASSWORD

pytestmark = pytest.mark.slow

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
ORDER = {
    "number": "10482",
    "status": "Confirmed",
    "payment_status": "Unpaid",
    "fulfilment_method": "Delivery",
    "total": "86.50",
    "customer": {"number": "C-1"},
}


@pytest.fixture
def program(app: Flask, tmp_path: Path) -> Iterator[Program]:
    """The one process of a small shop, on the test's database."""
    environment = {"DATABASE_URL": app.config["DATABASE_URL"], "SECRET_KEY": app.config["SECRET_KEY"]}
    port = free_port()
    environment |= {"DATA_FOLDER": str(tmp_path), "PORT": str(port), "ASSETS": "local"}
    found = Program(["app.py"], environment, tmp_path / "log", port)
    yield found
    found.kill()


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_builds_an_automation_and_reads_its_reason_in_the_log(
    app: Flask, program: Program, page: Page, size: str
) -> None:
    publish_automation(
        "Relay handover", "payment_status_changed", condition("fulfilment_method", "equals", "relay")
    )
    key = api_key("Front desk till")
    with SmtpSink() as smtp:
        use_smtp_server(app, smtp.port)
        db.session.remove()
        db.engine.dispose()
        program.start()
        program.wait_until_ready()
        address = f"http://127.0.0.1:{program.port}"
        page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))

        _sign_in(page, address)
        _build_and_publish(page)
        _post_from_the_till(address, key)
        _read_why(page, address)
        assert [email["Subject"] for email in smtp.emails] == ["Your order 10482 is confirmed"]


def _sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Email").fill(EMAILS["rosa"])
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(f"{address}/automations")


def _build_and_publish(page: Page) -> None:
    page.get_by_role("link", name="New automation").click()
    page.get_by_role("link", name="Start from scratch").click()
    page.get_by_label("Name of the automation").fill("Confirm paid deliveries")
    page.get_by_label("Trigger", exact=True).select_option(label="Payment status changed")
    expect(page.get_by_text("Fires every time the payment status changes, not just once.")).to_be_visible()
    for place, (field, value) in enumerate(
        (("Fulfilment method", "Delivery"), ("Payment status", "Paid")), 1
    ):
        page.get_by_role("button", name="Add condition").click()
        page.get_by_label(f"Condition {place} field", exact=True).select_option(label=field)
        choices = page.get_by_label(f"Condition {place} value", exact=True)
        expect(choices.get_by_role("option", name=value, exact=True)).to_be_attached()
        page.get_by_label(f"Condition {place} operator", exact=True).select_option(label="equals")
        choices.select_option(label=value)
    page.get_by_role("button", name="Add action").click()
    page.get_by_label("Subject", exact=True).fill("Your order {{ order.number }} is confirmed")
    page.get_by_label("Message", exact=True).fill("Hello {{ customer.first_name }}, thank you.")
    trial = page.get_by_role("region", name="Try it")
    expect(trial).to_contain_text("It would fire.")
    expect(trial).to_contain_text("Hello Sam, thank you.")
    publish_reviewed(page)
    expect(page.get_by_text("Version 1 is published and live.")).to_be_visible()


def _post_from_the_till(address: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    for body in (ORDER, {"number": "10482", "payment_status": "Paid"}):
        answer = requests.post(f"{address}/api/orders", json=body, headers=headers, timeout=60)
        assert answer.status_code in (200, 201), answer.text
    assert answer.json()["fired"] == 1


def _read_why(page: Page, address: str) -> None:
    page.goto(f"{address}/orders/10482")
    expect(_look_again(page).get_by_text("sent", exact=True).first).to_be_visible()
    log = page.get_by_role("main")
    expect(log).to_contain_text("Unpaid → Paid")
    expect(log).to_contain_text("Fulfilment method is Delivery, needs Relay")
    page.get_by_role("link", name="read it").first.click()
    expect(page.get_by_role("main")).to_contain_text("Hello Anna, thank you.")


def _look_again(page: Page) -> Page:
    """The worker needs a moment; a manager would look again."""
    for _ in range(40):
        if page.get_by_text("sent", exact=True).count():
            break
        page.wait_for_timeout(250)
        page.reload()
    return page
