"""Stripe and BigCommerce on hard days, each order with every value that has to come out of it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.connectors.sources.bigcommerce_options import typed_in
from automations.connectors.sources.shop_messages import Attribute
from automations.models.db.base import write
from automations.models.tables.shop_connection import ShopWord
from tests.kit.own_fields import own_field
from tests.kit.sent_orders import Json, order, sent, wrong
from tests.kit.shop_apis import PlayedApi
from tests.kit.shops import Shop, payload
from tests.web.api.test_tills_and_payments import BIG, BIG_LINES, BILLING, SESSION, big, event

SQUARE = payload("square-order-fetched.json")["order"]
PAYMENT = payload("square-payment-updated.json")["data"]["object"]["payment"]


@pytest.mark.parametrize(
    ("code", "units", "total"),
    [
        ("isk", 500000, "5000"),
        ("ugx", 500000, "5000"),
        ("mga", 5000, "5000"),
        ("jpy", 5400, "5400"),
        ("kwd", 12340, "12.340"),
        ("huf", 123400, "1234.00"),
        ("clp", 5400, "5400"),
    ],
)
def test_stripe_counts_in_its_own_smallest_units(
    app: Flask, client: FlaskClient, code: str, units: int, total: str
) -> None:
    session = {
        **SESSION,
        "currency": code,
        "amount_total": units,
        "total_details": {"amount_discount": units},
    }
    sent(Shop(app, "stripe"), event("checkout.session.completed", {"object": session}))
    assert (
        wrong(client, {"currency": code.upper(), "total": total, "amount_paid": total, "discount": total})
        == {}
    )


def test_a_refund_of_stripe_is_in_these_units_too(app: Flask, client: FlaskClient) -> None:
    stripe = Shop(app, "stripe")
    session = {**SESSION, "currency": "isk", "amount_total": 500000}
    sent(stripe, event("checkout.session.completed", {"object": session}))
    charge = {"id": "ch_1", "payment_intent": "pi_test_0001", "currency": "isk", "amount_refunded": 120000}
    about = {"object": charge, "previous_attributes": {"amount_refunded": 0}}
    sent(stripe, event("charge.refunded", about, "evt_2", 1795290000))
    assert wrong(client, {"total": "3800", "amount_refunded": "1200", "balance_due": "0"}) == {}


_WHITE = {"label": "White satin", "value": "white"}


@pytest.mark.parametrize(
    ("dropdown", "answer"),
    [
        ({"value": "white", "options": [{"label": "Red velvet", "value": "red"}, _WHITE]}, "White satin"),
        ({"value": "white", "options": [{"label": "", "value": "white"}]}, "white"),
        ({"value": "white", "options": [{"label": "Red velvet", "value": "red"}]}, "white"),
        ({"value": "white", "options": None}, "white"),
        ({"value": None, "options": [_WHITE, {"label": "Nothing", "value": None}]}, ""),
    ],
)
def test_a_dropdown_of_stripe_gives_the_words_that_were_chosen(
    app: Flask, dropdown: Json, answer: str
) -> None:
    own = own_field("Ribbon")
    stripe = Shop(app, "stripe")
    session = {**SESSION, "custom_fields": [{"key": "ribbon", "type": "dropdown", "dropdown": dropdown}]}
    stripe.send(event("checkout.session.completed", {"object": session}))
    with write() as session_of_test:
        session_of_test.query(ShopWord).filter_by(said="ribbon").update({"target": own})
    paid_now = event("checkout.session.async_payment_succeeded", {"object": session}, "evt_2", 1795280000)
    stripe.send(paid_now)
    assert (order().custom or {}).get(own.partition(".")[2], "") == answer


STRIPE: dict[str, tuple[Json, Json]] = {
    "a company with a tax number and no name of a person": (
        {"customer_details": {"email": "buying@hall.example", "name": None, "tax_ids": [], "address": None}},
        {"customer": {"email": "buying@hall.example", "marketing_consent": True}},
    ),
    "fields that a shop made up itself": (
        {
            "custom_fields": [
                {"key": "deliverydate", "type": "text", "text": {"value": "2026-12-01"}},
                {"key": "wrap", "type": "dropdown", "dropdown": {"value": "red"}},
                {"key": "ribbon", "type": "dropdown", "dropdown": {"value": None, "options": [_WHITE]}},
                {"key": "empty", "type": "numeric", "numeric": {"value": None}},
            ],
            "metadata": None,
        },
        {"delivery_date": "2026-12-01"},
    ),
    "nulls where objects are expected": (
        {
            "customer_details": None,
            "total_details": None,
            "shipping_details": None,
            "collected_information": None,
            "consent": None,
            "custom_fields": None,
            "metadata": "",
            "customer": None,
        },
        {"customer": None, "shipping": "0", "delivery_address": None},
    ),
    "nothing to pay": (
        {"amount_total": 0, "payment_status": "no_payment_required"},
        {"total": "0", "payment_status": "paid", "balance_due": "0"},
    ),
}


@pytest.mark.parametrize("case", STRIPE.values(), ids=STRIPE)
def test_a_hard_session_comes_out_as_it_is_meant(
    app: Flask, client: FlaskClient, case: tuple[Json, Json]
) -> None:
    sent(Shop(app, "stripe"), event("checkout.session.completed", {"object": {**SESSION, **case[0]}}))
    assert wrong(client, case[1]) == {}


BIGCOMMERCE: dict[str, tuple[Json, Json]] = {
    "another offset, and a guest": (
        {"date_created": "Sat, 21 Nov 2026 08:19:40 -0600", "customer_id": 0, "order_source": "manual"},
        {"placed_at": "2026-11-21T14:19:40Z", "source": "phone"},
    ),
    "times as its newer API writes them": (
        {"date_created": "2026-11-21T14:19:40+00:00"},
        {"placed_at": "2026-11-21T14:19:40Z"},
    ),
    "money that is only reserved": (
        {"payment_status": "authorized", "status_id": 7, "status": "Awaiting Payment"},
        {"payment_status": "unpaid", "amount_paid": "0", "status": "unconfirmed", "balance_due": "225.00"},
    ),
    "discounts of both kinds": (
        {"discount_amount": "5.0000", "coupon_discount": 2.5, "total_tax": "37.5049"},
        {"discount": "7.50", "tax": "37.50"},
    ),
    "another currency shown": (
        {"currency_code": "JPY", "default_currency_code": "GBP", "currency_exchange_rate": "190.0"},
        {"currency": "GBP", "total": "225.00"},
    ),
    "empty texts and nulls": (
        {"customer_message": None, "billing_address": "", "payment_status": "", "coupon_discount": None},
        {"note": "", "customer": None},
    ),
}


@pytest.mark.parametrize("case", BIGCOMMERCE.values(), ids=BIGCOMMERCE)
def test_a_hard_order_of_bigcommerce_comes_out_as_it_is_meant(
    app: Flask, client: FlaskClient, api: PlayedApi, case: tuple[Json, Json]
) -> None:
    connection, path = Shop(app, "bigcommerce"), "/stores/abc/v2/orders/118"
    api.answers = {
        path: {**BIG, **case[0]},
        f"{path}/products": BIG_LINES,
        f"{path}/shipping_addresses": [BILLING],
    }
    connection.may_ask(f"{api.site}/stores/abc")
    sent(connection, big("store/order/created", {"type": "order", "id": 118}), "waiting")
    assert connection.fetch() == 1
    assert wrong(client, case[1]) == {}


def test_what_was_chosen_about_a_product_of_bigcommerce_is_in_its_name_and_what_was_typed_is_not(
    app: Flask, client: FlaskClient, api: PlayedApi
) -> None:
    connection, path = Shop(app, "bigcommerce"), "/stores/abc/v2/orders/118"
    options = [
        {"display_name": "Size", "display_value": "Large", "type": "Multiple choice"},
        {"display_name": "Vase", "display_value": "Yes", "type": "Checkbox"},
        {"display_name": "Gift wrap", "display_value": "No", "type": "Checkbox"},
        {"display_name": "Card message", "display_value": "Love, Mum", "type": "Multi-line text field"},
        {"display_name": "Delivery date", "display_value": "2026-12-01", "type": "Date field"},
        {"display_name": None, "display_value": {"odd": 1}, "type": "Text field"},
        "odd",
    ]
    api.answers = {
        path: BIG,
        f"{path}/products": [{**BIG_LINES[0], "event_date": "", "product_options": options}],
        f"{path}/shipping_addresses": [BILLING],
    }
    connection.may_ask(f"{api.site}/stores/abc")
    sent(connection, big("store/order/created", {"type": "order", "id": 118}), "waiting")
    assert connection.fetch() == 1
    expected = {"lines": [{"name": "Roses, Large, Vase", "quantity": 2}], "delivery_date": "2026-12-01"}
    assert wrong(client, expected) == {}
    # A manager maps it to the field for it.
    assert Attribute("Card message", "Love, Mum") in typed_in({"product_options": options})


def test_a_line_of_bigcommerce_that_was_refunded_in_part_and_one_that_is_gone(
    app: Flask, client: FlaskClient, api: PlayedApi
) -> None:
    connection, path = Shop(app, "bigcommerce"), "/stores/abc/v2/orders/118"
    rose = {**BIG_LINES[0], "quantity": 5, "quantity_refunded": 2, "price_inc_tax": "10.0000"}
    gone = {**rose, "sku": "GONE", "quantity": 0, "quantity_refunded": 0}
    back = {"data": [{"id": 1, "total_amount": 12.5}, {"id": 2, "total_amount": "7.5000"}]}
    api.answers = {
        path: {**BIG, "payment_status": "partially refunded", "status_id": 14},
        f"{path}/products": [rose, gone],
        "/stores/abc/v3/orders/118/payment_actions/refunds": back,
    }
    connection.may_ask(f"{api.site}/stores/abc")
    sent(connection, big("store/order/updated", {"type": "order", "id": 118}), "waiting")
    connection.fetch()
    expected = {
        "lines": [{"sku": rose["sku"], "quantity": 3, "unit_price": "10.00"}],
        "amount_refunded": "20.00",
        "total": "205.00",
        "balance_due": "0",
        "payment_status": "partially_refunded",
    }
    assert wrong(client, expected) == {}
