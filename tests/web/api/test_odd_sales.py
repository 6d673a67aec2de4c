"""Tills, payments and carriers on odd days: returns alone, lay-bys, accounts, news out of order."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.pipeline.records.tracked_orders import plain, spellings
from tests.kit import shop
from tests.kit.sent_orders import order
from tests.kit.shops import Shop, payload
from tests.web.api.test_incoming_webhooks import address, call
from tests.web.api.test_incoming_webhooks import event as news
from tests.web.api.test_tills_and_payments import SALE, SESSION, event

__all__ = ["address"]


def sold(app: Flask, **changes: Any) -> Order:
    form = urlencode({"type": "sale.update", "payload": json.dumps({**SALE, **changes})}).encode()
    assert Shop(app, "lightspeed").send(form).json["outcome"] == "taken"
    return order()


def test_goods_that_only_come_back_are_an_order_below_zero(app: Flask) -> None:
    back = [{"product_id": "p-1", "name": "Vase", "quantity": -2, "price": 10, "tax": 2}]
    kept = sold(
        app,
        total_price=-20,
        total_tax=-4,
        register_sale_products=back,
        register_sale_payments=[{"amount": -24}],
    )
    assert (kept.total, kept.amount_paid, kept.balance_due, kept.payment_status) == (-24, -24, 0, "paid")
    assert [line["quantity"] for line in kept.lines] == [-2]


def test_an_exchange_for_the_same_price_is_paid(app: Flask) -> None:
    goods = [
        {"product_id": "a", "name": "Vase", "quantity": -1, "price": 10, "tax": 2},
        {"product_id": "b", "name": "Bowl", "quantity": 1, "price": 10, "tax": 2},
    ]
    kept = sold(app, total_price=0, total_tax=0, register_sale_products=goods, register_sale_payments=[])
    assert (kept.total, kept.payment_status, len(kept.lines)) == (0, "paid", 2)


@pytest.mark.parametrize(
    ("status", "paid", "ours", "payment"),
    [
        ("LAYBY", 5, "confirmed", "partially_paid"),
        ("ONACCOUNT", 0, "fulfilled", "unpaid"),
        ("ONACCOUNT_CLOSED", 24, "fulfilled", "paid"),
        ("VOIDED", 0, "cancelled", "void"),
        ("SAVED", 0, "unconfirmed", "unpaid"),
    ],
)
def test_a_lay_by_and_an_account_owe_what_is_left(
    app: Flask, status: str, paid: int, ours: str, payment: str
) -> None:
    kept = sold(app, status=status, register_sale_payments=[{"amount": paid}] if paid else [])
    assert (kept.status, kept.payment_status, kept.amount_paid) == (ours, payment, Decimal(paid))


def test_a_first_payment_of_a_subscription_is_an_order_and_currencies_without_cents_are_whole(
    app: Flask,
) -> None:
    session = {**SESSION, "mode": "subscription", "payment_intent": None, "subscription": "sub_1"}
    session |= {"currency": "jpy", "amount_total": 5400, "total_details": {"amount_shipping": 400}}
    shown = {"address": {"line1": "1 Mill Lane", "city": "Bath", "country": "GB"}, "name": "Ned"}
    session |= {"collected_information": {"shipping_details": shown}}
    answer = Shop(app, "stripe").send(event("checkout.session.completed", {"object": session}))
    assert answer.json["outcome"] == "taken"
    assert (order().currency, order().total, order().shipping) == ("JPY", 5400, 400)
    assert (order().recipient, order().fulfilment_method) == ("Ned", "delivery")


@pytest.mark.parametrize("tag", ["Exception", "Delivered"])
def test_a_parcel_that_came_back_to_the_shop_is_returned_not_delivered(app: Flask, tag: str) -> None:
    shop.place_order("1", tracking_number="RM000100200GB")
    message = copy.deepcopy(payload("aftership-tracking-update.json"))
    message["msg"] |= {"tracking_number": "RM000100200GB", "tag": tag, "return_to_sender": True}
    Shop(app, "aftership").send(message)
    assert order().delivery_status == "returned"


def test_news_of_carriers_out_of_order_end_where_they_ended(
    app: Flask, client: FlaskClient, address: str
) -> None:
    shop.place_order("1", tracking_number="RM000100200GB")
    for id, status, at in (
        ("e3", "delivered", "2026-11-21T12:00:00Z"),
        ("e1", "in_transit", "2026-11-20T12:00:00Z"),
        ("e2", "out_for_delivery", "2026-11-21T08:00:00Z"),
        ("e0", "pre_transit", None),
    ):
        result = {"tracking_code": "RM000100200GB", "status": status, "updated_at": at}
        call(client, address, news(id, result=result))
    assert order().delivery_status == "delivered"
    after_ship = Shop(app, "aftership")
    tracked = payload("aftership-tracking-update.json")
    for id, tag, at in (("a2", "InTransit", "2026-11-20T13:00:00+00:00"), ("a3", "InfoReceived", None)):
        message = copy.deepcopy(tracked)
        message["event_id"] = id
        message["msg"] |= {"tracking_number": "RM000100200GB", "tag": tag, "updated_at": at}
        message["ts"] = 1795000000
        after_ship.send(message)
    assert order().delivery_status == "delivered"
    # It went out again, and this time is later by the same carrier's clock.
    result = {
        "tracking_code": "RM000100200GB",
        "status": "return_to_sender",
        "updated_at": "2026-11-23T08:00:00Z",
    }
    call(client, address, news("e9", result=result))
    assert order().delivery_status == "returned"


@pytest.mark.parametrize(
    "typed", ["RM000100200GB", "rm000100200gb", "RM 0001 0020 0GB", "RM 000 100 200 GB", "RM 000100200 GB"]
)
def test_a_tracking_number_is_found_as_it_is_typed(client: FlaskClient, address: str, typed: str) -> None:
    parcels = [
        {"carrier": "Royal Mail", "tracking_number": typed},
        {"carrier": "", "tracking_number": "OTHER-1"},
    ]
    shop.place_order("1", tracking_number=typed)
    shop.place_order("2", parcels=parcels)
    shop.place_order("3", tracking_number="RM000100200GBX")
    assert call(client, address, news(code="RM000100200GB", status="delivered")).json == {
        "detail": "Taken for 2 orders."
    }
    kept = {one.number: one for one in db.session.query(Order)}
    assert kept["1"].delivery_status == "delivered" and kept["1"].tracking_number == typed
    assert [parcel.get("status") for parcel in kept["2"].parcels] == ["delivered", None]
    assert kept["3"].delivery_status is None


@pytest.mark.parametrize("number", ["1Z999AA10123456784", "JD014600003828392837", "a-b c", "", "9" * 60])
def test_each_spelling_is_of_the_same_number(number: str) -> None:
    assert {plain(one) for one in spellings(number)} == {plain(number)} and number in spellings(number)
