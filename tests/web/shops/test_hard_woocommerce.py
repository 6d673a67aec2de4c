"""Orders of WooCommerce's on hard days, each with every value that has to come out of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit.sent_orders import Json, order, processing, sent
from tests.kit.shops import Shop, differences, stored

LINES = processing()["line_items"]


def line(**changes: Any) -> Json:
    return {**LINES[0], **changes}


def refund(id: int, total: Any) -> Json:
    return {"id": id, "reason": "", "total": total}


COLLECTED = [{"id": 1, "method_title": "Local pickup", "method_id": "local_pickup:5", "total": "0.00"}]
NOBODY = dict.fromkeys(processing()["billing"], "")
HARD: dict[str, tuple[Json, Json]] = {
    "refunds in steps, told as texts and as numbers": (
        {
            "total": "84.00",
            "refunds": [refund(1, "-10.00"), refund(2, -4.5), refund(3, "-0.50")],
            "date_paid_gmt": "2026-11-21T10:00:00",
        },
        {
            "total": "69.00",
            "amount_paid": "69.00",
            "amount_refunded": "15.00",
            "payment_status": "partially_refunded",
            "balance_due": "0",
        },
    ),
    "a refund of everything, made by hand": (
        {
            "status": "refunded",
            "total": "84.00",
            "refunds": [refund(1, "-84.00")],
            "date_paid_gmt": "2026-11-21T10:00:00",
        },
        {"total": "0", "payment_status": "refunded", "status": "cancelled", "amount_refunded": "84.00"},
    ),
    "a line of three for a price that cannot be divided, with tax beside it": (
        {
            "prices_include_tax": False,
            "line_items": [line(quantity=3, subtotal="10.00", subtotal_tax="2.00", price=3.333333)],
        },
        {"lines": [{"quantity": 3, "unit_price": "3.33"}]},
    ),
    "the same with tax in it, and a coupon over it": (
        {
            "prices_include_tax": True,
            "line_items": [
                line(quantity=3, subtotal="10.00", subtotal_tax="2.00", total="5.00", total_tax="1.00")
            ],
            "discount_total": "5.00",
            "discount_tax": "1.00",
            "shipping_total": "4.00",
            "shipping_tax": "0.80",
            "total_tax": "1.80",
        },
        {
            "lines": [{"quantity": 3, "unit_price": "4.00"}],
            "discount": "6.00",
            "shipping": "4.80",
            "tax": "1.80",
        },
    ),
    "fees below zero are no items": (
        {
            "fee_lines": [{"id": 1, "name": "Store credit", "total": "-5.00", "total_tax": "0.00"}],
            "total": "31.20",
        },
        {"total": "31.20", "lines": [{} for _ in LINES]},
    ),
    "what is weighed": (
        {"line_items": [line(quantity=0.75, subtotal="9.00", subtotal_tax="0.00")]},
        {"lines": [{"quantity": "0.75", "unit_price": "12.00"}]},
    ),
    "what is collected, as older shops write it": (
        {"shipping_lines": COLLECTED, "shipping": dict.fromkeys(processing()["shipping"], "")},
        {"fulfilment_method": "collection", "delivery_address": None, "recipient": ""},
    ),
    "a guest at the till, without a word about anybody": (
        {
            "billing": NOBODY,
            "shipping": NOBODY,
            "customer_id": 0,
            "created_via": "pos-rest-api",
            "shipping_lines": [],
        },
        {"customer": None, "source": "till", "fulfilment_method": None},
    ),
    "numbers as texts and texts as numbers": (
        {"id": "9007199254740993", "number": 100727, "total": 84, "customer_id": "12"},
        {"number": "100727", "total": "84.00"},
    ),
    "an order that failed, then nothing was ever paid": (
        {"status": "failed", "date_paid_gmt": None},
        {"status": "unconfirmed", "payment_status": "unpaid", "amount_paid": "0"},
    ),
    "a cancelled one that was paid": (
        {"status": "wc-cancelled", "date_paid_gmt": "2026-11-21T10:00:00"},
        {"status": "cancelled", "payment_status": "paid"},
    ),
    "a currency of its own": (
        {"currency": "eur", "total": "19.999"},
        {"currency": "EUR", "total": "20.00"},
    ),
    "signs that WordPress writes in another way": (
        {
            "line_items": [line(name="Roses &amp; Co &#8211; red", sku=None)],
            "shipping_lines": [{"id": 1, "method_title": "Own van &amp; bike", "method_id": "flat_rate"}],
        },
        {"lines": [{"name": "Roses & Co – red", "sku": ""}], "delivery_type": "own_van"},
    ),
    "nulls and empty texts where objects are expected": (
        {
            "refunds": None,
            "shipping_lines": "",
            "meta_data": {},
            "fee_lines": None,
            "coupon_lines": "",
            "shipping": [],
            "customer_note": None,
            "created_via": None,
            "date_paid_gmt": "",
        },
        {"payment_status": "unpaid", "note": "", "delivery_address": None},
    ),
    "metadata of odd shapes": (
        {
            "meta_data": [
                {"id": 1, "key": "_wc_shipment_tracking_items", "value": "a:0:{}"},
                {"id": 2, "key": "delivery_date", "value": {"date": "2026-12-01"}},
                {"id": 3, "key": "pickup", "value": ["2026-12-01", None]},
                {"id": 4, "key": "is_vat_exempt", "value": False},
                {"id": 5, "key": "amount", "value": 12.5},
            ]
        },
        {"tracking_number": "", "delivery_date": "2026-12-01"},
    ),
    "a day of delivery in words": (
        {"meta_data": [{"id": 1, "key": "Delivery Date", "value": "Tuesday, 1 December, 2026"}]},
        {"delivery_date": "2026-12-01"},
    ),
    "parcels of a plugin": (
        {
            "meta_data": [
                {
                    "key": "_wc_shipment_tracking_items",
                    "value": [
                        {
                            "tracking_number": "A1",
                            "tracking_provider": "",
                            "custom_tracking_provider": "Bike",
                        },
                        {
                            "tracking_number": "B2",
                            "tracking_provider": "royal-mail",
                            "date_shipped": 1795000000,
                        },
                        {"tracking_number": ""},
                    ],
                }
            ]
        },
        {"tracking_number": "B2"},
    ),
}


@pytest.mark.parametrize("case", HARD.values(), ids=HARD)
def test_a_hard_order_of_woocommerce_comes_out_as_it_is_meant(
    woo: Shop, client: FlaskClient, case: tuple[Json, Json]
) -> None:
    changes, expected = case
    sent(woo, processing(**changes))
    assert differences(stored(client, order().number), expected) == {}


def test_two_orders_of_one_second_and_a_deletion_before_its_order(woo: Shop) -> None:
    sent(woo, {"id": 728}, "not taken", "order.deleted", "same")
    sent(woo, processing(), delivery="same")
    late = processing(id=728, number="728")
    assert "deleted" in sent(woo, late, "older", delivery="same")
    assert order().number == "727"
    # Taken out of the trash there, it is an order like any other.
    sent(woo, late, "taken", "order.restored")
    assert db.session.query(Order).count() == 2


def test_an_order_that_went_to_the_trash_stays_there_until_it_is_restored(woo: Shop) -> None:
    sent(woo, processing())
    trash = processing(status="trash", date_modified_gmt="2026-11-23T10:00:00")
    sent(woo, trash)
    sent(woo, processing(date_modified_gmt="2026-11-23T09:59:00", customer_note="Late"), "older")
    assert order().status == "cancelled" and order().note != "Late"
    back = processing(date_modified_gmt="2026-11-23T10:05:00")
    sent(woo, back)
    assert order().status == "confirmed"


def test_php_writes_signs_in_its_own_way_and_the_signature_is_of_the_bytes(woo: Shop) -> None:
    written = json.dumps(processing(customer_note="Süß / ☂"), ensure_ascii=True).replace("/", "\\/")
    sent(woo, written.encode())
    assert order().note == "Süß / ☂"


def test_an_error_in_place_of_the_order_is_said(woo: Shop) -> None:
    error = {
        "code": "woocommerce_rest_cannot_view",
        "message": "Sorry, you cannot view this.",
        "data": {"status": 401},
    }
    assert "Sorry, you cannot view this." in sent(woo, error, "not understood")
