"""Orders of Square's, sales of tills and parcels on hard days, each with every value that has to come out."""

from __future__ import annotations

import copy
import json
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.kit import shop
from tests.kit.sent_orders import Json, order, pounds, sent, wrong
from tests.kit.shop_apis import PlayedApi
from tests.kit.shops import Shop, payload
from tests.web.api.test_tills_and_payments import SALE

SQUARE = payload("square-order-fetched.json")["order"]
PAYMENT = payload("square-payment-updated.json")["data"]["object"]["payment"]


SQUARES: dict[str, tuple[Json, list[Json], Json]] = {
    "a tip, a discount and two payments": (
        {
            "total_money": pounds(3240),
            "total_tip_money": pounds(400),
            "total_discount_money": pounds(300),
            "tenders": [
                {"id": "p1", "payment_id": "p1", "type": "CARD", "amount_money": pounds(2240)},
                {"id": "p2", "payment_id": "p2", "type": "CASH", "amount_money": pounds(1000)},
            ],
        },
        [
            {**PAYMENT, "id": "p1", "total_money": pounds(2240), "refunded_money": pounds(500)},
            {**PAYMENT, "id": "p2", "total_money": pounds(1000), "refunded_money": pounds(250)},
        ],
        {
            "total": "24.90",
            "amount_paid": "24.90",
            "amount_refunded": "7.50",
            "discount": "3.00",
            "payment_status": "partially_refunded",
            "balance_due": "0",
        },
    ),
    "what was added to a posy, with its price": (
        {
            "line_items": [
                {
                    "name": "Posy",
                    "variation_name": "Small",
                    "quantity": "2",
                    "gross_sales_money": pounds(5000),
                    "modifiers": [
                        {"name": "Gift wrap", "total_price_money": pounds(600)},
                        {"name": None, "catalog_object_id": "X"},
                        "odd",
                    ],
                }
            ]
        },
        [PAYMENT],
        {"lines": [{"name": "Posy, Small, Gift wrap", "quantity": 2, "unit_price": "25.00"}]},
    ),
    "a gift card, which is no sale yet": (
        {
            "line_items": [
                {
                    "uid": "u1",
                    "item_type": "GIFT_CARD",
                    "name": "Gift card",
                    "quantity": "2",
                    "base_price_money": pounds(2500),
                    "gross_sales_money": pounds(0),
                    "total_money": pounds(5000),
                }
            ]
        },
        [PAYMENT],
        {"lines": [{"name": "Gift card", "quantity": 2, "unit_price": "25.00"}]},
    ),
    "what is weighed, in a text": (
        {
            "line_items": [
                {
                    "uid": "u1",
                    "name": "Moss",
                    "quantity": "0.750",
                    "quantity_unit": {"measurement_unit": {"weight_unit": "METRIC_KILOGRAM"}},
                    "gross_sales_money": pounds(900),
                }
            ]
        },
        [PAYMENT],
        {"lines": [{"name": "Moss", "quantity": "0.75", "unit_price": "12.00"}]},
    ),
    "open, with a fulfilment that was cancelled and one that is ready": (
        {
            "state": "OPEN",
            "net_amount_due_money": pounds(2840),
            "tenders": None,
            "customer_id": "",
            "fulfillments": [
                {"type": "PICKUP", "state": "CANCELED", "pickup_details": None},
                {
                    "type": "PICKUP",
                    "state": "PREPARED",
                    "pickup_details": {
                        "pickup_at": "2026-11-25T00:30:00.000Z",
                        "recipient": {"display_name": "Wren Ash", "phone_number": "+447700900119"},
                        "note": "Back door",
                    },
                },
            ],
        },
        [],
        {
            "status": "ready_for_fulfilment",
            "payment_status": "unpaid",
            "amount_paid": "0",
            "balance_due": "28.40",
            "fulfilment_method": "collection",
            "note": "Back door",
            "delivery_date": "2026-11-25",
            "customer": {"first_name": "Wren", "last_name": "Ash", "phone": "+447700900119"},
            "recipient": "Wren Ash",
        },
    ),
    "a currency without cents": (
        {
            "total_money": {"amount": 5400, "currency": "JPY"},
            "net_amount_due_money": {"amount": 0, "currency": "JPY"},
            "total_tax_money": {"amount": 490, "currency": "JPY"},
            "line_items": [
                {"name": "Posy", "quantity": "3", "gross_sales_money": {"amount": 5400, "currency": "JPY"}}
            ],
        },
        [],
        {"currency": "JPY", "total": "5400", "tax": "490", "lines": [{"quantity": 3, "unit_price": "1800"}]},
    ),
    "money that is only authorized": (
        {
            "state": "OPEN",
            "net_amount_due_money": pounds(0),
            "tenders": [
                {
                    "id": "p1",
                    "payment_id": "p1",
                    "amount_money": pounds(2840),
                    "card_details": {"status": "AUTHORIZED"},
                }
            ],
        },
        [{**PAYMENT, "id": "p1", "status": "APPROVED", "amount_money": pounds(2840)}],
        {"payment_status": "unpaid", "amount_paid": "0", "status": "confirmed"},
    ),
}


@pytest.mark.parametrize("case", SQUARES.values(), ids=SQUARES)
def test_a_hard_order_of_square_comes_out_as_it_is_meant(
    app: Flask, client: FlaskClient, api: PlayedApi, case: tuple[Json, list[Json], Json]
) -> None:
    changes, payments, expected = case
    square, data = Shop(app, "square"), {**copy.deepcopy(SQUARE), **changes}
    api.answers = {f"/v2/orders/{data['id']}": {"order": data}}
    api.answers |= {f"/v2/payments/{one['id']}": {"payment": one} for one in payments}
    square.may_ask(api.site)
    sent(square, payload("square-order-updated.json"), "waiting")
    assert square.fetch() == 1
    assert wrong(client, expected) == {}


SALES: dict[str, tuple[Json, Json]] = {
    "numbers as texts, and the customer whom every till has": (
        {
            "total_price": "20.00",
            "total_tax": "4.00000",
            "version": "7",
            "customer": {"id": "w", "customer_code": "WALKIN", "first_name": "", "last_name": ""},
            "register_sale_products": [{"name": "Vase", "quantity": "2", "price": "10.00", "tax": "2.00000"}],
            "register_sale_payments": [{"amount": "14.00"}, {"amount": "10.00"}],
        },
        {"total": "24.00", "amount_paid": "24.00", "customer": None, "lines": [{"unit_price": "12.00"}]},
    ),
    "a note, tax as dust and a time with a blank in it": (
        {"note": "Gift\nwrap", "total_tax": 3.99999, "sale_date": "2026-11-21 09:14:05"},
        {"note": "Gift\nwrap", "tax": "4.00", "placed_at": "2026-11-21T09:14:05Z"},
    ),
    "nulls and empty lists": (
        {"customer": None, "register_sale_payments": None, "note": None, "status": "SAVED"},
        {"customer": None, "payment_status": "unpaid", "status": "unconfirmed", "note": ""},
    ),
}


@pytest.mark.parametrize("case", SALES.values(), ids=SALES)
def test_a_hard_sale_comes_out_as_it_is_meant(
    app: Flask, client: FlaskClient, case: tuple[Json, Json]
) -> None:
    form = urlencode({"type": "sale.update", "payload": json.dumps({**SALE, **case[0]})}).encode()
    answer = Shop(app, "lightspeed").send(form)
    assert answer.json["outcome"] in ("taken", "waiting"), answer.text
    assert wrong(client, case[1]) == {}


@pytest.mark.parametrize(
    ("status", "closer", "ours"),
    [
        ("TRANSIT", "out_for_delivery", "in_transit"),
        ("TRANSIT", "pickup_available", "at_the_depot"),
        ("TRANSIT", "package_held", "at_the_depot"),
        ("TRANSIT", "delivery_attempted", "in_transit"),
        ("TRANSIT", None, "in_transit"),
        ("RETURNED", "package_unclaimed", "returned"),
    ],
)
def test_a_parcel_of_shippo_is_where_its_closer_word_says(
    app: Flask, status: str, closer: str | None, ours: str
) -> None:
    shop.place_order("1", tracking_number="RM000100200GB")
    message = copy.deepcopy(payload("shippo-track-updated.json"))
    message["data"]["tracking_number"] = "RM000100200GB"
    message["data"]["tracking_status"] |= {
        "status": status,
        "substatus": {"code": closer, "text": ""} if closer else None,
    }
    sent(Shop(app, "shippo"), message)
    assert order().delivery_status == ours
