"""Orders that shops have now and then: companies, tips, deposits, exchanges, edits down to nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from automations.models.db.base import db, write
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopConnection, ShopWord
from tests.kit.own_fields import own_field
from tests.kit.sent_orders import Json, order, paid, processing, sent
from tests.kit.shops import Shop


def test_an_order_of_a_company_on_terms_is_unpaid_and_its_purchase_order_can_be_kept(shopify: Shop) -> None:
    own = own_field("Purchase order", "text")
    terms = {"payment_terms_name": "Net 30", "payment_schedules": [{"due_at": "2026-12-21T00:00:00Z"}]}
    data = paid(
        financial_status="pending",
        total_outstanding=paid()["current_total_price"],
        po_number="PO/2026-118",
        company={"id": 5, "location_id": 7},
        payment_terms=terms,
        tax_exempt=True,
    )
    sent(shopify, data)
    assert (order().payment_status, order().amount_paid) == ("unpaid", 0)
    assert order().balance_due == order().total > 0
    words = {word.said: word for word in db.session.query(ShopWord).filter_by(kind="attribute")}
    assert {"PO number", "Payment terms", "Payment due"} <= words.keys()
    # Nobody has to say what becomes of them, and whoever wants to can.
    assert all(words[name].is_optional for name in ("PO number", "Payment terms", "Payment due"))
    with write() as session:
        session.get_one(ShopWord, words["PO number"].id).target = own
    sent(shopify, data | {"updated_at": "2026-11-21T10:00:00Z"})
    assert order().custom == {own.removeprefix("custom."): "PO/2026-118"}


def test_a_tip_is_in_the_total_and_no_item(shopify: Shop) -> None:
    tip = {"id": 9, "name": "Tip", "quantity": 1, "current_quantity": 1, "price": "5.00", "product_id": None}
    before = paid()
    lines = [*before["line_items"], tip | {"tip_payment_gateway": "shopify_payments"}]
    sent(shopify, paid(line_items=lines, current_total_price="109.45", total_tip_received="5.00"))
    assert order().total == Decimal("109.45")
    assert [line["name"] for line in order().lines] == [line["name"] for line in before["line_items"]]


def test_a_way_of_delivery_that_was_taken_out_is_not_that_of_the_order(shopify: Shop) -> None:
    ways = [{"title": "Royal Mail Tracked", "price": "4.95", "is_removed": True}]
    ways.append({"title": "Own van, mornings", "price": "9.00", "discounted_price": "9.00"})
    sent(shopify, paid(shipping_lines=ways))
    assert (order().delivery_type, order().shipping) == ("own_van", Decimal("9.00"))
    gone = [{**way, "is_removed": True} for way in ways]
    sent(shopify, paid(shipping_lines=gone, updated_at="2026-11-21T10:00:00Z"))
    assert order().shipping == 0


def test_an_order_edited_down_to_nothing_is_over_paid_and_names_what_it_was(shopify: Shop) -> None:
    lines = [{**line, "current_quantity": 0} for line in paid()["line_items"]]
    nothing = {"current_total_price": "0.00", "total_outstanding": "-104.45", "line_items": lines}
    sent(shopify, paid(**nothing))
    assert (order().total, order().amount_paid, order().balance_due) == (
        0,
        Decimal("104.45"),
        -Decimal("104.45"),
    )
    assert order().payment_status == "over_paid" and len(order().lines) == len(lines)


def test_an_exchange_has_what_the_customer_now_has(shopify: Shop) -> None:
    first, *others = paid()["line_items"]
    new = {**first, "id": 77, "name": "White roses", "sku": "WHITE", "current_quantity": 2}
    lines = [{**first, "current_quantity": 0}, *others, new]
    sent(shopify, paid(line_items=lines, refunds=[], returns=[{"id": 1, "status": "closed"}]))
    assert [line["sku"] for line in order().lines][-1] == "WHITE"
    assert first["sku"] not in [line["sku"] for line in order().lines]


@pytest.mark.parametrize("alone", [True, False])
def test_a_refund_in_the_currency_of_the_customer_is_counted_in_that_of_the_shop(
    shopify: Shop, alone: bool
) -> None:
    def both(ours: str, theirs: str) -> Json:
        return {
            "shop_money": {"amount": ours, "currency_code": "GBP"},
            "presentment_money": {"amount": theirs, "currency_code": "JPY"},
        }

    refund = {
        "id": 501,
        "order_id": paid()["id"],
        "created_at": "2026-11-21T10:00:00Z",
        "refund_line_items": [
            {"line_item_id": 1, "quantity": 1, "subtotal": 43.25, "subtotal_set": both("43.25", "8650")}
        ],
        "order_adjustments": [{"amount": "-4.95", "amount_set": both("-4.95", "-990")}],
        "transactions": [{"kind": "refund", "status": "success", "amount": "9640", "currency": "JPY"}],
    }
    now = {"presentment_currency": "JPY", "current_total_price": "56.25", "total_outstanding": "0.00"}
    if alone:
        sent(shopify, paid())
        sent(shopify, refund, topic="refunds/create")
    else:
        sent(shopify, paid(refunds=[refund], financial_status="partially_refunded", **now))
    assert order().amount_refunded == Decimal("48.20") and order().currency == "GBP"
    assert order().total == Decimal("56.25")


def test_of_a_part_payment_without_an_amount_no_amount_is_made_up(shopify: Shop) -> None:
    data = paid(financial_status="partially_paid")
    del data["total_outstanding"]
    sent(shopify, data)
    assert (order().payment_status, order().amount_paid) == ("partially_paid", 0)


def test_a_deposit_at_woocommerce_is_not_the_whole(woo: Shop) -> None:
    data = processing(status="partial-payment")
    amount = {"key": "_wc_deposits_deposit_amount", "value": "10.00"}
    sent(woo, data | {"meta_data": [*data["meta_data"], amount]})
    assert (order().status, order().payment_status, order().amount_paid) == (
        "confirmed",
        "partially_paid",
        Decimal("10.00"),
    )
    assert db.session.query(ShopWord).filter_by(kind="status", said="partial-payment").one().usual
    done = processing(date_modified_gmt="2026-11-25T10:00:00")
    sent(woo, done)
    assert (order().payment_status, order().balance_due) == ("paid", 0)


def test_a_line_of_which_there_is_none_costs_no_order(woo: Shop) -> None:
    data = processing()
    none = {"name": "Bundled", "quantity": 0, "subtotal": "0.00", "subtotal_tax": "0.00", "sku": "B"}
    sent(woo, data | {"line_items": [*data["line_items"], none]})
    assert order().item_count == 3


def test_ids_beyond_what_a_float_can_count_are_two_orders(shopify: Shop) -> None:
    for id, name in ((9007199254740993, "#1"), (9007199254740992, "#2")):
        sent(shopify, paid(id=id, name=name))
    assert db.session.query(Order).count() == 2
    assert db.session.query(ShopConnection).one().refused == 0
