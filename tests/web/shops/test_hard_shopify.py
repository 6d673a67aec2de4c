"""Orders of Shopify's on hard days, each with every value that has to come out of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.kit.sent_orders import Json, order, paid, sent
from tests.kit.shops import Shop, differences, stored

ROSES, VASE = paid()["line_items"]


def money(ours: str, theirs: str = "", code: str = "EUR") -> Json:
    return {
        "shop_money": {"amount": ours, "currency_code": "GBP"},
        "presentment_money": {"amount": theirs or ours, "currency_code": code if theirs else "GBP"},
    }


def way(title: str = "Royal Mail Tracked 48", price: str = "5.95", **more: Any) -> Json:
    return {
        "id": 1,
        "title": title,
        "price": price,
        "discounted_price": price,
        "discount_allocations": [],
        **more,
    }


def refund(id: int, *transactions: Json, items: tuple[tuple[int, int], ...] = (), **more: Any) -> Json:
    lines = [{"line_item_id": line, "quantity": left, "subtotal": 1.0} for line, left in items]
    return {
        "id": id,
        "order_id": 6100042,
        "transactions": list(transactions),
        "refund_line_items": lines,
        **more,
    }


def given_back(amount: str, status: str = "success", kind: str = "refund", **more: Any) -> Json:
    return {"kind": kind, "status": status, "amount": amount, "currency": "GBP", **more}


def parcel(number: str | None, status: str = "success", said: str | None = None, **more: Any) -> Json:
    numbers = [number] if number else []
    more = {"tracking_company": "DPD", "tracking_numbers": numbers, **more}
    return {"id": 7, "status": status, "shipment_status": said, "tracking_number": number, **more}


FREE_CODE = {"discount_allocations": [{"amount": "5.95", "amount_set": money("5.95")}]}
HARD: dict[str, tuple[Json, Json]] = {
    "a code for free delivery, which the price after discounts leaves out": (
        {"shipping_lines": [way(**FREE_CODE)], "current_total_price": "98.50", "total_discounts": "5.95"},
        {"shipping": "0", "discount": "5.95", "total": "98.50", "delivery_type": "royal_mail"},
    ),
    "the same, already taken off": (
        {"shipping_lines": [{**way(**FREE_CODE), "discounted_price": "0.00"}]},
        {"shipping": "0"},
    ),
    "delivery of which a part was given back": (
        {"shipping_lines": [way(current_discounted_price_set=money("2.00", "2.40"))]},
        {"shipping": "2.00"},
    ),
    "two ways of delivery, of which a discount is on one": (
        {"shipping_lines": [way("Own van", "9.00"), way(**FREE_CODE)]},
        {"shipping": "9.00", "delivery_type": "own_van"},
    ),
    "discounts over lines and over the order, and tax beside the prices": (
        {
            "taxes_included": False,
            "line_items": [
                {**ROSES, "total_discount": "8.65", "discount_allocations": [{"amount": "12.00"}]},
                VASE,
            ],
            "current_total_discounts": "20.65",
            "current_total_tax": "15.57",
            "current_total_price": "99.37",
        },
        {
            "discount": "20.65",
            "tax": "15.57",
            "total": "99.37",
            "lines": [{"unit_price": "43.25", "quantity": 2}, {"unit_price": "12.00", "quantity": 1}],
        },
    ),
    "refunds in three steps, one of them failed and one under way": (
        {
            "refunds": [
                refund(1, given_back("10.00"), items=((910001, 1),)),
                refund(2, given_back("3.00", "failure"), given_back("3.00", "pending")),
                refund(3, given_back("2.00"), given_back("0.45", gateway="gift_card")),
                refund(4),
            ],
            "line_items": [{**ROSES, "current_quantity": 1}, VASE],
            "financial_status": "partially_refunded",
            "current_total_price": "92.00",
        },
        {
            "amount_refunded": "12.45",
            "payment_status": "partially_refunded",
            "total": "92.00",
            "amount_paid": "92.00",
            "item_count": 2,
        },
    ),
    "an old version without what is left of each line": (
        {
            "refunds": [
                refund(1, given_back("43.25"), items=((910001, 1),)),
                refund(2, items=((910002, 1),)),
            ],
            "line_items": [
                {k: v for k, v in one.items() if k != "current_quantity"} for one in (ROSES, VASE)
            ],
        },
        {"lines": [{"sku": "ROSE-50", "quantity": 1}], "item_count": 1},
    ),
    "lines that an edit took out and put in": (
        {
            "line_items": [
                {**ROSES, "current_quantity": 0},
                {**VASE, "current_quantity": 3, "quantity": 3},
                {**VASE, "id": 3, "sku": None, "name": "", "title": "Card", "price": "2.5"},
            ],
            "current_total_price": "44.45",
            "total_outstanding": "-60.00",
        },
        {
            "lines": [
                {"sku": "VASE-C", "quantity": 3},
                {"sku": "", "name": "Card", "unit_price": "2.50"},
            ],
            "total": "44.45",
            "amount_paid": "104.45",
            "balance_due": "-60.00",
            "payment_status": "over_paid",
        },
    ),
    "an exchange of which more is to be paid": (
        {"current_total_price": "134.45", "total_outstanding": "30.00", "financial_status": "partially_paid"},
        {
            "total": "134.45",
            "amount_paid": "104.45",
            "balance_due": "30.00",
            "payment_status": "partially_paid",
        },
    ),
    "a sale at the till to nobody, without an address": (
        {
            "source_name": "pos",
            "customer": None,
            "email": "",
            "contact_email": None,
            "billing_address": None,
            "shipping_address": None,
            "shipping_lines": [],
            "line_items": [{**ROSES, "requires_shipping": False}],
            "fulfillment_status": "fulfilled",
            "fulfillments": [parcel(None)],
            "note_attributes": [],
            "note": "",
            "tags": "",
            "location_id": 655441491,
        },
        {
            "source": "till",
            "customer": None,
            "status": "fulfilled",
            "payment_status": "paid",
            "fulfilment_method": None,
            "shipping": "0",
            "tags": [],
            "delivery_address": None,
            "recipient": "",
        },
    ),
    "parcels of a part, one of them cancelled": (
        {
            "fulfillment_status": "partial",
            "fulfillments": [
                parcel("A1", "cancelled"),
                parcel("B2", said="delivered"),
                parcel("C3", said="out_for_delivery", tracking_numbers=["C3", "C4", "C3"]),
                parcel("D5", "error"),
            ],
        },
        {
            "status": "confirmed",
            "tags": ["Gift", "VIP", "part shipped"],
            "tracking_number": "C4",
        },
    ),
    "money that is reserved": (
        {"financial_status": "authorized", "total_outstanding": "104.45"},
        {"payment_status": "unpaid", "amount_paid": "0", "balance_due": "104.45", "status": "confirmed"},
    ),
    "an order that lapsed unpaid": (
        {"financial_status": "expired", "total_outstanding": "104.45", "confirmed": False},
        {"payment_status": "expired", "amount_paid": "0", "status": "unconfirmed"},
    ),
    "a price in the customer's currency": (
        {
            "presentment_currency": "JPY",
            "current_total_price_set": money("104.45", "20890", "JPY"),
            "total_price_set": money("104.45", "20890", "JPY"),
            "current_total_tax": "17.41",
            "current_total_tax_set": money("17.41", "3482", "JPY"),
        },
        {"currency": "GBP", "total": "104.45", "tax": "17.41"},
    ),
    "a company whose buyer has no name": (
        {
            "company": {"id": 9, "location_id": 10},
            "po_number": "PO 7/26",
            "customer": {"id": 77, "email": "buying@hall.example", "first_name": None, "last_name": ""},
            "billing_address": {"company": "Hallam & Co", "first_name": "", "last_name": None, "phone": ""},
            "phone": None,
        },
        {"customer": {"email": "buying@hall.example", "first_name": "", "last_name": "", "phone": ""}},
    ),
    "a buyer with a phone number alone": (
        {
            "email": None,
            "contact_email": None,
            "phone": "+447700900471",
            "customer": {"id": 78},
            "billing_address": {},
        },
        {"customer": {"phone": "+447700900471", "email": "", "first_name": "", "last_name": ""}},
    ),
    "empty texts and lists where objects are expected": (
        {
            "customer": "",
            "billing_address": [],
            "shipping_address": "",
            "shipping_lines": {},
            "fulfillments": "",
            "refunds": {},
            "note_attributes": {"a": 1},
            "tags": None,
            "note": ["x"],
            "payment_terms": "",
            "company": "",
        },
        {"total": "104.45", "tags": [], "note": "", "customer": {"email": "iris.hallam@post.example"}},
    ),
    "numbers as numbers, and quantities as texts": (
        {
            "current_total_price": 104.45,
            "total_outstanding": 0,
            "line_items": [{**ROSES, "price": 43.25, "quantity": "2", "current_quantity": "2.0"}],
        },
        {"total": "104.45", "amount_paid": "104.45", "lines": [{"quantity": 2, "unit_price": "43.25"}]},
    ),
    "a number with other signs around it": (
        {"name": "#SHOP/1042-EU ", "order_number": 1042},
        {"number": "SHOP/1042-EU"},
    ),
    "times with another offset": (
        {"processed_at": "2026-11-21T04:14:05-05:00", "updated_at": "2026-11-21T20:14:09.123456+11:00"},
        {"placed_at": "2026-11-21T09:14:05Z"},
    ),
    "ready to be collected": (
        {
            "shipping_address": None,
            "shipping_lines": [way("Mill Lane shop", "0.00")],
            "fulfillment_status": "fulfilled",
            "fulfillments": [parcel(None, said="ready_for_pickup")],
        },
        {"fulfilment_method": "collection", "status": "ready_for_fulfilment", "delivery_address": None},
    ),
}


@pytest.mark.parametrize("case", HARD.values(), ids=HARD)
def test_a_hard_order_comes_out_as_the_shop_means_it(
    shopify: Shop, client: FlaskClient, case: tuple[Json, Json]
) -> None:
    changes, expected = case
    sent(shopify, paid(**changes))
    assert differences(stored(client, order().number), expected) == {}


def test_each_parcel_of_a_part_is_where_it_is(shopify: Shop) -> None:
    sent(shopify, paid(**HARD["parcels of a part, one of them cancelled"][0]))
    kept = [(one["tracking_number"], one["carrier"], one.get("status")) for one in order().parcels]
    assert [number for number, _, _ in kept] == ["B2", "C3", "C4"]
    assert {carrier for _, carrier, _ in kept} == {"DPD"} and kept[0][2] == "delivered"
