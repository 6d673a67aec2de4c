"""Shopify is connected by the page's own words, an order fires, and a status nobody knew is mapped."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.kit import shop
from tests.kit.shops import payload, sign

pytestmark = pytest.mark.slow

KEY = "the key at the foot of the page"
Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


def _deliver(address: str, **changes: object) -> int:
    """Send an order as Shopify does, over the network."""
    body = json.dumps(payload("shopify-order-paid.json", **changes)).encode()
    headers = {"X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": sign(body, KEY)}
    headers |= {"Content-Type": "application/json", "X-Shopify-Webhook-Id": str(len(body))}
    request = urllib.request.Request(address, body, headers)
    with urllib.request.urlopen(request) as answer:
        return int(answer.status)


def test_shopify_is_connected_an_order_fires_and_an_unknown_status_is_mapped(
    page: Page, live: str, enter: Enter, axe: Axe
) -> None:
    shop.publish_automation("Confirm payment", "payment_status_changed", after="paid")
    shop.publish_automation("Picked", "status_changed", after="picked")
    enter(page, "ada")
    page.goto(f"{live}/settings/shops")
    page.get_by_role("link", name="Connect a shop").click()
    page.get_by_label("Shopify").check()
    page.get_by_label("What do you call it?").fill("Fern & Foxglove")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("Needs its secret.")).to_be_visible()
    address = page.locator("#shop-address").inner_text()
    assert axe(page) == []
    page.get_by_label("Key that signs the webhooks").fill(KEY)
    page.get_by_role("button", name="Save the secret").click()
    expect(page.get_by_text("Waiting for the first message.")).to_be_visible()

    assert _deliver(address, id=820982911946154508) == 200
    page.reload()
    expect(page.get_by_text("The test message arrived", exact=False).first).to_be_visible()

    assert _deliver(address, fulfillment_status="on_hold") == 200
    page.goto(f"{live}/orders/1042")
    expect(page.get_by_text("Confirm payment").first).to_be_visible()

    page.goto(f"{live}/settings/shops")
    page.get_by_role("link", name="unknown word").click()
    expect(page.get_by_text("No meaning yet").first).to_be_visible()
    assert axe(page) == []
    page.get_by_label("on_hold", exact=True).select_option(label="Picked")
    page.get_by_role("button", name="Save the meanings").click()
    page.get_by_role("button", name="Apply to 1 record").click()
    expect(page.get_by_text("1 of 1 changed.")).to_be_visible()
    assert {run.evaluation.version.name for run in shop.runs()} == {"Confirm payment", "Picked"}
