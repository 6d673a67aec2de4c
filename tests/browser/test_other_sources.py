"""A program of unknown shape is connected, values are picked in what it sent, and its orders come in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.kit import shop

pytestmark = pytest.mark.slow

SECRET = "petals and thorns"
Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
#: Our fields in the order of the page, and the place of each value.
PICKED = (
    ("Payment status", "order.state"),
    ("Total", "order.sum"),
    ("Email", "order.buyer.mail"),
    ("Product", "order.basket.1.title"),
)


def _deliver(address: str, number: str) -> int:
    """Send an order as such a program does, over the network."""
    basket = [{"title": "Roses"}, {"title": "Vase"}]
    order = {"no": number, "state": "settled", "sum": 84.5, "buyer": {"mail": "iris@post.example"}}
    body = json.dumps({"order": order | {"basket": basket}}).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    headers = {"X-Market-Signature": base64.b64encode(digest).decode(), "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, body, headers)) as answer:
        return int(answer.status)


def _connect(page: Page, live: str) -> str:
    page.goto(f"{live}/settings/shops/new")
    page.get_by_label("Any other source").check()
    page.get_by_label("What do you call it?").fill("Flower market")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(
        page.get_by_role("status").get_by_text("Choose how its messages are authenticated.")
    ).to_be_visible()
    page.get_by_label("HMAC-SHA256 of the body, in base64").check()
    page.get_by_label("Name of the header").fill("X-Market-Signature")
    page.get_by_label("Secret", exact=True).fill(SECRET)
    page.get_by_role("button", name="Save authentication").click()
    expect(page.get_by_text("Waiting for the first message.")).to_be_visible()
    return page.locator("#shop-address").inner_text()


def test_values_are_picked_by_clicking_them_and_orders_come_in(
    page: Page, live: str, enter: Enter, axe: Axe
) -> None:
    shop.publish_automation("Confirm payment", "payment_status_changed", after="paid")
    enter(page, "ada")
    address = _connect(page, live)
    assert axe(page) == []
    assert _deliver(address, "M-1") == 200
    page.reload()
    page.get_by_role("link", name="Map the fields").click()
    expect(page.get_by_role("heading", name="Click the value that is: Number")).to_be_visible()
    page.get_by_role("button", name="M-1: use order.no").press("Enter")
    expect(page.get_by_text("Number is now read from order.no.")).to_be_visible()
    page.get_by_role("link", name="Pick The list of items").click()
    page.get_by_role("button", name="Use it: use order.basket").click()
    expect(page.get_by_text("is now read from order.basket.")).to_be_visible()
    for field, place in PICKED:
        if page.get_by_role("heading", name=f"that is: {field}", exact=False).count() == 0:
            page.get_by_role("link", name=f"Pick {field}", exact=True).click()
        page.get_by_role("button", name=f"use {place}", exact=False).click()
        expect(page.get_by_text(f"{field} is now read from ")).to_be_visible()
    expect(page.get_by_text("Everything that is needed is there.")).to_be_visible()
    expect(page.get_by_text("1 × Roses at 0.00, 1 × Vase at 0.00")).to_be_visible()
    assert axe(page) == []

    page.get_by_role("link", name="No meaning yet").click()
    page.get_by_role("button", name="Apply to 1 record").click()
    page.get_by_label("settled", exact=True).select_option(label="Paid")
    page.get_by_role("button", name="Save the meanings").click()
    expect(page.get_by_text("Saved. It applies to whatever comes in from now on.")).to_be_visible()
    assert _deliver(address, "M-2") == 200
    page.goto(f"{live}/orders/M-2")
    expect(page.get_by_text("Confirm payment").first).to_be_visible()
    assert [run.evaluation.version.name for run in shop.runs()] == ["Confirm payment"]
