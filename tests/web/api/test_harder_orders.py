"""Orders of other days: free delivery, edits, several refunds, companies, nobody, plugins, subscriptions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopDelivery
from tests.kit.sent_orders import Json, order, paid, processing, sent
from tests.kit.shops import Shop


def test_what_costs_nothing_now_costs_nothing_whatever_it_cost_before(shopify: Shop) -> None:
    """Delivery that a voucher made free, a discount and a tax that an edit took away: zero is an amount."""
    free = [{"title": "Courier", "price": "4.95", "discounted_price": "0.00"}]
    gone = {"current_total_discounts": "0.00", "total_discounts": "5.00"}
    sent(shopify, paid(shipping_lines=free, current_total_tax="0.00", total_tax="9.00", **gone))
    kept = order()
    assert (kept.shipping, kept.discount, kept.tax) == (0, 0, 0)


def test_delivery_that_was_taken_out_of_an_order_is_not_charged(shopify: Shop) -> None:
    lines = [
        {"title": "Courier", "price": "9.00", "discounted_price": "9.00", "is_removed": True},
        {"title": "Post", "price": "4.00", "discounted_price": "4.00"},
    ]
    sent(shopify, paid(shipping_lines=lines))
    assert order().shipping == Decimal("4.00")


def test_what_the_customer_saw_in_their_currency_is_not_what_the_shop_gets(shopify: Shop) -> None:
    seen = {"shop_money": {"amount": "86.50", "currency_code": "GBP"}}
    seen |= {"presentment_money": {"amount": "17250", "currency_code": "JPY"}}
    data = paid(presentment_currency="JPY", current_total_price_set=seen, total_price_set=seen)
    sent(shopify, data)
    assert (order().currency, order().total) == ("GBP", Decimal(data["current_total_price"]))


def test_several_refunds_are_each_counted_once_also_when_told_alone(shopify: Shop) -> None:
    def refund(id: int, *amounts: tuple[str, str, str]) -> Json:
        keys = ("kind", "status", "amount")
        return {
            "id": id,
            "order_id": paid()["id"],
            "created_at": "2026-11-21T09:21:00+00:00",
            "refund_line_items": [],
            "transactions": [dict(zip(keys, one, strict=True)) for one in amounts],
        }

    first = refund(
        1, ("refund", "success", "5.00"), ("refund", "failure", "9.00"), ("void", "success", "1.00")
    )
    second = refund(2, ("refund", "success", "2.50"), ("refund", "success", "0.25"))
    whole = Decimal(paid()["current_total_price"])
    sent(shopify, paid())
    for one in (first, second, first):
        assert shopify.send(one, "refunds/create").status_code == 200
    assert order().amount_refunded == Decimal("7.75")
    left = {"current_total_price": str(whole - Decimal("7.75")), "financial_status": "partially_refunded"}
    told = paid(refunds=[first, second], updated_at="2026-11-21T09:25:00+00:00", **left)
    sent(shopify, told, "unchanged", "orders/updated")
    kept = order()
    assert (kept.amount_refunded, kept.total, kept.balance_due, kept.payment_status) == (
        Decimal("7.75"),
        whole - Decimal("7.75"),
        0,
        "partially_refunded",
    )


@pytest.mark.parametrize("nobody", [{"customer": None, "email": None, "billing_address": None}, {}])
def test_an_order_of_nobody_or_of_a_company_is_an_order(shopify: Shop, nobody: Json) -> None:
    company = {"company": {"id": 7, "location_id": 8}, "po_number": "PO-9"}
    nowhere = {"shipping_address": None, "shipping_lines": [], "note_attributes": None, "tags": None}
    data = paid(**company, **nowhere, phone=None, contact_email=None, fulfillments=None, refunds=None)
    known = db.session.query(Customer).count()
    sent(shopify, {**data, **nobody})
    assert db.session.query(Customer).count() - known == (0 if nobody else 1)
    assert (order().fulfilment_method, order().delivery_address, order().tags) == (None, None, [])


@pytest.mark.parametrize(
    ("about", "body"),
    [
        (
            "draft_orders/create",
            {"id": 1, "name": "#D1", "status": "open", "line_items": [], "order_id": None},
        ),
        ("checkouts/create", {"id": 2, "token": "t", "line_items": [], "buyer_accepts_marketing": True}),
        ("fulfillments/create", {"id": 3, "order_id": 4, "status": "success", "line_items": []}),
        ("orders/edited", {"order_edit": {"id": 5, "order_id": 6, "line_items": {"additions": []}}}),
        ("order_transactions/create", {"id": 8, "order_id": 9, "kind": "sale", "amount": "1.00"}),
        ("products/update", {"id": 10, "title": "Roses", "variants": []}),
    ],
)
def test_what_is_no_order_of_shopify_makes_none_and_is_answered_well(
    shopify: Shop, about: str, body: Json
) -> None:
    assert shopify.send(body, about).status_code == 200
    db.session.expire_all()
    assert db.session.query(Order).count() == 0
    assert db.session.query(ShopDelivery).one().sentence


def test_a_gift_card_and_a_bundle_are_lines_and_nothing_is_shipped(shopify: Shop) -> None:
    card = {"id": 1, "name": "Gift card", "quantity": 1, "current_quantity": 1, "price": "25.00"}
    card |= {"gift_card": True, "requires_shipping": False, "sku": None}
    parts = [
        {"id": 2 + n, "name": name, "quantity": 1, "price": price, "requires_shipping": False, "sku": ""}
        for n, (name, price) in enumerate((("Vase (bundle)", "0.00"), ("Roses (bundle)", "30.00")))
    ]
    sent(shopify, paid(line_items=[card, *parts], shipping_lines=[]))
    kept = [(line["name"], line["unit_price"]) for line in order().lines]
    assert [name for name, _ in kept] == ["Gift card", "Vase (bundle)", "Roses (bundle)"]
    assert order().fulfilment_method is None


def test_a_subscription_of_woocommerce_is_no_second_order(woo: Shop) -> None:
    data = processing(status="active", billing_period="month", billing_interval="1")
    sent(woo, data, "not taken", "subscription.created")
    assert db.session.query(Order).count() == 0


def test_fees_coupons_and_odd_metadata_of_plugins_break_nothing(woo: Shop) -> None:
    odd: list[Any] = [
        {"id": 1, "key": "_delivery", "value": {"a": [1, None, {"b": True}]}},
        {"id": 2, "key": 7, "value": ""},
        {"id": 3, "key": None, "value": None},
        {"id": 4, "key": "list", "value": [[], {}, "x"]},
        "text",
        None,
    ]
    fees = [{"id": 1, "name": "Gift wrap", "total": "3.00"}, {"id": 2, "name": "Credit", "total": "-2.00"}]
    coupons = [{"id": 1, "code": "spring", "discount": "1.00", "meta_data": odd}]
    data = processing(meta_data=odd, fee_lines=fees, coupon_lines=coupons, customer_id=0)
    data["line_items"][0] |= {"meta_data": odd, "image": {"src": None}, "bundled_by": "", "parent_name": None}
    sent(woo, data, topic="order.created")
    assert order().total == Decimal(data["total"])
    assert len(order().lines) == len(data["line_items"])


def test_a_guest_who_gave_an_address_only_is_no_customer(woo: Shop) -> None:
    nobody = dict.fromkeys(processing()["billing"], "")
    sent(woo, processing(billing=nobody, customer_id=0), topic="order.created")
    assert order().customer is None
