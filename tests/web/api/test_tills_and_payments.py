"""BigCommerce, Stripe Checkout and Lightspeed over HTTP: signed, and fetched where they only name things."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug import Response

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit.shop_apis import PlayedApi
from tests.kit.shops import Shop

BILLING = {"first_name": "Iris", "last_name": "Hallam", "email": "iris@post.example", "phone": "07700 900118"}
BIG = {
    "id": 118,
    "status_id": 11,
    "status": "Awaiting Fulfillment",
    "date_created": "Sat, 21 Nov 2026 14:19:40 +0000",
    "date_modified": "Sat, 21 Nov 2026 14:20:40 +0000",
    "total_inc_tax": "225.0000",
    "total_tax": "37.5000",
    "refunded_amount": "0.0000",
    "shipping_cost_inc_tax": "5.0000",
    "currency_code": "EUR",
    "default_currency_code": "GBP",
    "payment_status": "captured",
    "customer_id": 0,
    "customer_message": "Ring twice.",
    "staff_notes": "Not for the customer.",
    "is_email_opt_in": True,
    "order_source": "www",
    "billing_address": BILLING,
}
BIG_LINES = [
    {"id": 1, "sku": "ROSE", "name": "Roses", "quantity": 2, "price_inc_tax": "110.0000", "event_date": ""},
    {"id": 2, "sku": "GONE", "name": "Taken out", "quantity": 0, "price_inc_tax": "9.0000"},
]
BIG_LINES[0]["event_date"] = "Tue, 24 Nov 2026 00:00:00 +0000"
SESSION = {
    "id": "cs_test_" + "a" * 58,
    "object": "checkout.session",
    "payment_intent": "pi_test_0001",
    "created": 1795270780,
    "amount_total": 4540,
    "currency": "gbp",
    "payment_status": "paid",
    "total_details": {"amount_shipping": 540, "amount_discount": 0, "amount_tax": 0},
    "customer_details": {"email": "wren@mail.example", "name": "Wren Ashby"},
    "consent": {"promotions": "opt_in"},
    "metadata": {"Delivery date": "2026-11-25"},
}
SALE = {
    "id": "0adfd74a-sale",
    "version": 5,
    "invoice_number": "1207",
    "status": "CLOSED",
    "sale_date": "2026-11-21 14:19:40",
    "total_price": 20.0,
    "total_tax": 4.0,
    "customer": {"id": "c-1", "first_name": "Tom", "last_name": "Venn", "email": "tom@post.example"},
    "register_sale_products": [
        {"product_id": "p-1", "quantity": 2, "price": 12.5, "tax": 2.5},
        {"product_id": "p-2", "quantity": -1, "price": 5, "tax": 1},
    ],
    "register_sale_payments": [{"amount": 24}],
}


def order() -> Order:
    db.session.expire_all()
    return db.session.query(Order).one()


def event(type: str, about: dict[str, Any], id: str = "evt_1", created: int = 1795270800) -> dict[str, Any]:
    return {"id": id, "type": type, "created": created, "data": about}


def big(scope: str, about: dict[str, Any], hash: str = "h1") -> dict[str, Any]:
    return {"scope": scope, "store_id": "1", "data": about, "hash": hash, "created_at": 1795270800}


def big_api(api: PlayedApi, **changes: Any) -> None:
    path = "/stores/abc/v2/orders/118"
    api.answers = {
        path: {**BIG, **changes},
        f"{path}/products": BIG_LINES,
        f"{path}/shipping_addresses": [{**BILLING, "first_name": "Ned", "city": "Wells", "zip": "BA5 2AA"}],
        f"{path}/shipments": Response("", 204),
    }


def test_bigcommerce_names_an_order_that_is_fetched(app: Flask, api: PlayedApi) -> None:
    shop = Shop(app, "bigcommerce")
    big_api(api)
    shop.may_ask(f"{api.site}/stores/abc")
    message = big("store/order/created", {"type": "order", "id": 118})
    assert shop.send(message).json["outcome"] == "waiting"
    assert shop.fetch() == 1
    kept = order()
    assert (kept.number, kept.status, kept.payment_status, kept.currency) == (
        "118",
        "confirmed",
        "paid",
        "GBP",
    )
    assert (str(kept.total), str(kept.amount_paid), str(kept.shipping)) == ("225.00", "225.00", "5.00")
    assert [line["sku"] for line in kept.lines] == ["ROSE"] and kept.note == "Ring twice."
    assert kept.delivery_date and kept.delivery_date.isoformat() == "2026-11-24"
    assert kept.placed_at.isoformat() == "2026-11-21T14:19:40+00:00"
    assert kept.customer and (kept.customer.email, kept.customer.marketing_consent) == (
        "iris@post.example",
        True,
    )
    assert kept.recipient == "Ned Hallam" and api.headers[0]["x-auth-token"] == "test-access-token"
    assert shop.send(message, secret="another").status_code == 401


def test_a_refund_of_bigcommerce_is_read_from_its_refunds(app: Flask, api: PlayedApi) -> None:
    shop = Shop(app, "bigcommerce")
    big_api(api, status_id=14, payment_status="partially refunded")
    api.answers["/stores/abc/v3/orders/118/payment_actions/refunds"] = {
        "data": [{"id": 3, "total_amount": 25}]
    }
    shop.may_ask(f"{api.site}/stores/abc")
    shop.send(big("store/order/refund/created", {"type": "order", "id": 118, "refund": {"refund_id": 3}}))
    shop.fetch()
    kept = order()
    assert (kept.payment_status, str(kept.total), str(kept.amount_refunded)) == (
        "partially_refunded",
        "200.00",
        "25.00",
    )
    assert str(kept.balance_due) == "0.00"


@pytest.mark.parametrize("status", [0, 1])
def test_carts_of_bigcommerce_are_no_orders(app: Flask, api: PlayedApi, status: int) -> None:
    shop = Shop(app, "bigcommerce")
    if status == 1:
        big_api(api, status_id=1, status="Pending")
    else:
        big_api(api, status_id=0, status="")
    shop.may_ask(f"{api.site}/stores/abc")
    shop.send(big("store/order/updated", {"type": "order", "id": 118}))
    assert shop.fetch() == 1 and db.session.query(Order).count() == 0


def test_a_session_of_stripe_is_an_order_and_its_items_are_fetched(app: Flask, api: PlayedApi) -> None:
    shop = Shop(app, "stripe")
    message = event("checkout.session.completed", {"object": SESSION})
    answer = shop.send(message)
    assert answer.json["outcome"] == "taken" and "Stripe sends no items." in answer.json["detail"]
    kept = order()
    assert (kept.number, kept.payment_status, str(kept.total)) == ("pi_test_0001", "paid", "45.40")
    assert kept.lines == [] and str(kept.shipping) == "5.40"
    assert kept.delivery_date and kept.delivery_date.isoformat() == "2026-11-25"
    assert kept.customer and kept.customer.marketing_consent is True and kept.customer.last_name == "Ashby"
    path = f"/v1/checkout/sessions/{SESSION['id']}"
    items = [{"id": "li_1", "description": "Posy", "quantity": 2, "amount_subtotal": 4000}]
    api.answers = {path: SESSION, f"{path}/line_items?limit=100": {"data": items, "has_more": False}}
    shop.may_ask(api.site)
    assert shop.fetch() == 1
    assert [(line["name"], line["unit_price"]) for line in order().lines] == [("Posy", "20.00")]


def test_a_session_without_a_payment_is_an_order_if_something_was_bought(app: Flask) -> None:
    """Free of charge there is no payment, and the id of a session is longer than a number."""
    shop = Shop(app, "stripe")
    kept_card = {**SESSION, "mode": "setup", "payment_intent": None, "amount_total": None, "currency": None}
    assert (
        shop.send(event("checkout.session.completed", {"object": kept_card})).json["outcome"] == "not taken"
    )
    free = {**SESSION, "mode": "payment", "payment_intent": None, "amount_total": 0}
    free |= {"payment_status": "no_payment_required"}
    assert (
        shop.send(event("checkout.session.completed", {"object": free}, "evt_2")).json["outcome"] == "taken"
    )
    assert (order().payment_status, order().total, len(order().number) <= 60) == ("paid", 0, True)


def test_a_bank_debit_is_unpaid_until_its_payment_has_come(app: Flask) -> None:
    shop = Shop(app, "stripe")
    unpaid = {**SESSION, "payment_status": "unpaid"}
    shop.send(event("checkout.session.completed", {"object": unpaid}))
    assert (order().payment_status, str(order().amount_paid)) == ("unpaid", "0.00")
    paid = event("checkout.session.async_payment_succeeded", {"object": SESSION}, "evt_2", 1795280000)
    assert shop.send(paid).json["outcome"] == "taken" and order().payment_status == "paid"
    assert (
        shop.send(event("checkout.session.expired", {"object": unpaid}, "evt_3")).json["outcome"]
        == "not taken"
    )


def test_refunds_of_stripe_are_told_in_all_and_taken_one_by_one(app: Flask, api: PlayedApi) -> None:
    shop = Shop(app, "stripe")
    shop.send(event("checkout.session.completed", {"object": SESSION}))
    charge = {"id": "ch_1", "payment_intent": "pi_test_0001", "currency": "gbp"}
    first = {"object": {**charge, "amount_refunded": 540}, "previous_attributes": {"amount_refunded": 0}}
    second = {"object": {**charge, "amount_refunded": 4540}, "previous_attributes": {"amount_refunded": 540}}
    for repeat in ("evt_2", "evt_3"):
        shop.send(event("charge.refunded", first, repeat, 1795290000))
    assert (str(order().total), order().payment_status) == ("40.00", "partially_refunded")
    shop.send(event("charge.refunded", second, "evt_4", 1795291000))
    assert (str(order().total), order().payment_status) == ("0.00", "refunded")
    path = f"/v1/checkout/sessions/{SESSION['id']}"
    intent = {"latest_charge": {**charge, "amount_refunded": 4540}}
    api.answers = {
        path: SESSION,
        f"{path}/line_items?limit=100": {"data": []},
        "/v1/payment_intents/pi_test_0001?expand%5B%5D=latest_charge": intent,
    }
    shop.may_ask(api.site)
    assert shop.fetch() == 1
    assert (str(order().total), order().payment_status) == ("0.00", "refunded"), "not undone by the session"


def test_an_old_message_of_stripe_is_refused(app: Flask) -> None:
    shop = Shop(app, "stripe")
    body = json.dumps(event("checkout.session.completed", {"object": SESSION})).encode()
    old = {"Stripe-Signature": "t=1795270800,v1=" + "0" * 64}
    assert shop.client.post(shop.address, data=body, headers=old).status_code == 401


def test_a_sale_of_lightspeed_comes_as_a_form_and_returns_are_below_zero(app: Flask, api: PlayedApi) -> None:
    shop = Shop(app, "lightspeed")
    form = urlencode({"type": "sale.update", "payload": json.dumps(SALE)}).encode()
    assert shop.send(form).json["outcome"] == "taken"
    kept = order()
    assert (kept.number, kept.status, kept.payment_status, kept.source) == (
        "1207",
        "fulfilled",
        "paid",
        "till",
    )
    assert (str(kept.total), str(kept.tax), kept.item_count) == ("24.00", "4.00", 1)
    assert kept.customer and kept.customer.last_name == "Venn"
    api.answers = {
        "/api/2.0/products/p-1": {"data": {"name": "Posy", "sku": "POSY"}},
        "/api/2.0/products/p-2": {"data": {"name": "Vase", "sku": "VASE"}},
    }
    shop.may_ask(api.site)
    assert shop.fetch() == 1
    assert [(line["name"], line["quantity"]) for line in order().lines] == [("Posy", 2), ("Vase", -1)]
    older = urlencode({"payload": json.dumps({**SALE, "version": 4, "note": "Older"})}).encode()
    shop.send(older)
    shop.fetch()
    assert order().note == ""
    assert shop.send(form, secret="another").status_code == 401


@pytest.mark.parametrize("body", [b"", b"payload=", b"payload=%5B%5D", b"{}", b"\xff", b"payload=%7B%7D"])
def test_what_is_no_sale_is_kept_with_the_reason(app: Flask, body: bytes) -> None:
    answer = Shop(app, "lightspeed").send(body)
    assert answer.status_code == 200 and answer.json["outcome"] == "not understood"
