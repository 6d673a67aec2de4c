"""In a browser, with and without scripts: a form that is opened and saved changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.kit.own_fields import own_field
from tests.web.api.conftest import till_of

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
ODD = "\n  First,\r\n second \"third\"\t& <b>'·'</b> é\r\r"
PERSON = {"number": "P · 1", "first_name": "Anna\nMaria ", "last_name": " ,Petrova", "email": " a(at)b "}
LINE = {"name": "Red\nroses", "sku": "R" * 190, "category": ODD, "quantity": 0, "unit_price": "-2.50"}
PARCEL = {"carrier": ODD, "tracking_number": ODD, "status": "Booked", "said_at": "2026-11-24T09:30:00Z"}
COMMON: dict[str, Any] = {"note": ODD, "tags": ["Smith, Jones & Co", '5" pot', "vip", "VIP"]}
MONEY = {"total": "-5.00", "amount_paid": "999999999999.99", "account": "Grand  Hotel & Sons"}
RECORDS: dict[str, dict[str, Any]] = {
    "orders": COMMON
    | MONEY
    | {"customer": PERSON, "lines": [LINE, LINE | {"name": "\n", "quantity": -0.5}]}
    | {"recipient": ODD, "card_message": ODD, "shipping": "-1.00", "delivery_from": "23:59"}
    | {"delivery_address": {"street": ODD, "city": ODD}, "parcels": [PARCEL, PARCEL | {"carrier": ""}]}
    | {"custom": {"size": "Large", "wish": ODD, "day": "0999-12-31", "weight": "1E+2", "wrapped": True}},
    "events": COMMON
    | MONEY
    | {"name": ODD, "customer": PERSON, "budget": "0.10", "event_date": "2199-12-31"},
    "customers": COMMON | {"phone": ODD, "first_name": "\n", "marketing_consent": True},
}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_form_that_is_opened_and_saved_changes_nothing(
    browser: Browser, app: Flask, live: str, enter: Enter, scripts: bool
) -> None:
    own_field("Size", "choice", choices="Small\nLarge")
    for label, type in (("Wish", "text"), ("Day", "date"), ("Weight", "number"), ("Wrapped", "bool")):
        own_field(label, type)
    till, context = till_of(app), browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    enter(page, "rosa")
    for plural, sent in RECORDS.items():
        made = till.post(f"/api/{plural}", sent | {"number": "1"})
        assert made.status_code == 201, made.text
        before = till.get(f"/api/{plural}/1").json["record"]
        page.goto(f"{live}/{plural}/1/edit")
        page.get_by_role("button", name="Save changes").click()
        expect(page.get_by_text("There were no changes to save.")).to_be_visible()
        assert till.get(f"/api/{plural}/1").json["record"] == before
    context.close()


def test_an_added_up_total_is_told_from_a_given_one(page: Page, app: Flask, live: str, enter: Enter) -> None:
    till = till_of(app)
    till.post("/api/orders", {"number": "1", "lines": [{"name": "Roses", "unit_price": "2.50"}]})
    enter(page, "rosa")
    page.goto(f"{live}/orders/1/edit")
    expect(page.get_by_text("Added up from the items: £2.50.")).to_be_visible()
    page.get_by_label("Quantity").first.fill("3")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("£7.50").first).to_be_visible()
    page.goto(f"{live}/orders/1/edit")
    page.get_by_label("Total", exact=True).fill("9")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("£9.00").first).to_be_visible()
    page.goto(f"{live}/orders/1/edit")
    expect(page.get_by_text("Given: it stays when the items change.")).to_be_visible()
