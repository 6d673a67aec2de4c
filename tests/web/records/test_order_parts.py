"""The form and the page of an order show where it goes, in which parcels, and what beside items it costs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.web.api.conftest import till_of
from tests.web.pages import sign_in, text_of
from tests.web.records.forms import form_values

ADDRESS = {"street": "1 Mill Lane\nFlat 2", "city": "Bath", "postcode": "BA1 1AA"}
PARCELS = [
    {"carrier": "DHL", "tracking_number": "D1", "status": "delivered", "said_at": "2026-11-24T09:30:00Z"},
    {"carrier": "Royal Mail", "tracking_number": "R2", "status": None},
]
SENT: dict[str, Any] = {
    "number": "1",
    "lines": [
        {"name": "Moss", "quantity": 0.5, "unit_price": "9.99"},
        {"name": "Vase", "quantity": -1, "unit_price": "5.00"},
    ],
    "shipping": "4.95",
    "total": "6.00",
    "amount_refunded": "1.00",
    "delivery_from": "09:00",
    "delivery_until": "12:30",
    "recipient": "Ivy Cole",
    "card_message": "Happy birthday",
    "delivery_address": ADDRESS,
    "parcels": PARCELS,
}


@pytest.fixture
def rosas(client: FlaskClient) -> FlaskClient:
    return sign_in(client, "rosa")


def edit(client: FlaskClient, **changes: str) -> str:
    """Open the form of order 1 as a browser does, change these fields, save; return the page after it."""
    sent = form_values(client.get("/orders/1/edit").text) | changes
    return text_of(client.post("/orders/1", data=sent, follow_redirects=True))


def saved() -> Order:
    db.session.rollback()
    return db.session.query(Order).one()


def test_the_page_shows_everything_and_saving_the_form_unchanged_changes_nothing(
    app: Flask, rosas: FlaskClient
) -> None:
    till_of(app).post("/api/orders", SENT)
    page = text_of(rosas.get("/orders/1"))
    for shown in (
        "Shipping £4.95",
        "Amount refunded £1.00",
        "Total differs by £1.05",
        "Delivery from 09:00",
        "Delivery until 12:30",
        "Recipient Ivy Cole",
        "Delivery address 1 Mill Lane, Flat 2, Bath, BA1 1AA",
        "Card message Happy birthday",
        "D1 DHL Delivered",
        "R2 Royal Mail",
        "0.5 × Moss",
        "−1 × Vase",
    ):
        assert shown in page, shown
    assert "There were no changes to save." in edit(rosas)
    assert (saved().revision, saved().parcels, saved().delivery_address) == (1, PARCELS, ADDRESS)


def test_each_of_them_is_changed_in_the_form(app: Flask, rosas: FlaskClient) -> None:
    till_of(app).post("/api/orders", SENT)
    page = edit(
        rosas,
        **{
            "shipping": "3.00",
            "discount": "2.00",
            "tax": "0.50",
            "delivery_from": "10:00",
            "delivery_until": "",
            "recipient": "",
            "delivery_address-city": "Wells",
            "delivery_address-postcode": "",
            "parcels-1-status": "in_transit",
            "parcels-2-carrier": "Van",
            "lines-0-quantity": "0.75",
        },
    )
    assert "is saved" in page
    order = saved()
    assert [str(order.shipping), str(order.discount), str(order.tax)] == ["3.00", "2.00", "0.50"]
    assert (order.delivery_from, order.delivery_until, order.recipient) == ("10:00", None, "")
    assert order.delivery_address == {"street": ADDRESS["street"], "city": "Wells"}
    assert [parcel["carrier"] for parcel in order.parcels] == ["DHL", "Royal Mail", "Van"]
    assert order.parcels[0] == PARCELS[0]
    assert order.delivery_status == "booked"
    assert str(order.item_count) == "-0.25"


def test_a_new_order_is_entered_with_them(app: Flask, rosas: FlaskClient) -> None:
    sent = form_values(rosas.get("/orders/new").text) | {
        "lines-0-name": "Moss",
        "lines-0-quantity": "0.5",
        "lines-0-unit_price": "9.99",
        "shipping": "4.95",
        "delivery_address-street": "1 Mill Lane",
        "parcels-0-tracking_number": "D1",
    }
    assert "is saved" in text_of(rosas.post("/orders", data=sent, follow_redirects=True))
    order = saved()
    assert (str(order.total), order.delivery_address) == ("9.95", {"street": "1 Mill Lane"})
    assert order.tracking_number == "D1"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("lines-0-quantity", "0.0001", "Enter a number from −100,000 to 100,000, such as 2, 0.5 or −1."),
        ("delivery_from", "soon", "Enter a time such as 09:30."),
        ("delivery_until", "08:00", "Enter a time after the one from which it is delivered."),
        ("delivery_address-postcode", "x" * 21, "Shorten it to 20 characters."),
    ],
)
def test_what_cannot_be_kept_is_refused_in_place(
    app: Flask, rosas: FlaskClient, name: str, value: str, sentence: str
) -> None:
    till_of(app).post("/api/orders", SENT)
    assert sentence in edit(rosas, **{name: value})
    assert saved().revision == 1
