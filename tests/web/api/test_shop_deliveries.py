"""What shops send: taken once, newest first, without undoing what people did meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopDelivery, ShopRecord
from automations.pipeline.sources import delivery_intake
from tests.kit import shop
from tests.kit.shops import Shop, payload
from tests.web.pages import text_of

PAID = "shopify-order-paid.json"


@pytest.fixture
def shopify(app: Flask) -> Shop:
    return Shop(app, "shopify", "Fern & Foxglove")


@pytest.fixture
def woo(app: Flask) -> Shop:
    return Shop(app, "woocommerce", "Petal & Press")


def order_of(number: str = "1042") -> Order:
    db.session.expire_all()
    return db.session.query(Order).filter_by(number=number).one()


def outcome(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json["outcome"])


def later(seconds: int) -> str:
    return f"2026-11-21T09:20:{seconds:02}+00:00"


def test_an_order_that_arrives_paid_fires_created_and_then_changed_to_paid(shopify: Shop) -> None:
    shop.publish_automation("Created", "created")
    shop.publish_automation("Paid", "payment_status_changed", after="paid")
    shopify.send(payload(PAID), "orders/create")
    assert [run.evaluation.version.name for run in shop.runs()] == ["Created", "Paid"]
    seen = {one.trigger: one.snapshot for one in shop.occurrences() if one.subject == "order"}
    assert seen.keys() == {"created", "status_changed", "payment_status_changed"}
    first, second = seen["created"], seen["payment_status_changed"]
    assert (first["payment_status"], first["amount_paid"], first["status"]) == (
        "unpaid",
        "0.00",
        "unconfirmed",
    )
    assert (second["payment_status"], second["amount_paid"], second["status"]) == (
        "paid",
        "104.45",
        "confirmed",
    )
    assert {one.cause for one in shop.occurrences()} == {"Fern & Foxglove"}


def test_without_two_steps_only_created_fires(shopify: Shop) -> None:
    shop.publish_automation("Created", "created")
    shop.publish_automation("Paid", "payment_status_changed", after="paid")
    shopify.options(two_steps=False)
    shopify.send(payload(PAID), "orders/create")
    assert [run.evaluation.version.name for run in shop.runs()] == ["Created"]
    assert order_of().payment_status == "paid"


def test_a_repeated_delivery_gets_the_first_answer_and_changes_nothing(shopify: Shop) -> None:
    first = shopify.send(payload(PAID), "orders/paid", "d-1")
    again = shopify.send(payload(PAID), "orders/paid", "d-1")
    assert first.json == again.json and shopify.row.repeated == 1
    assert order_of().revision == 2 and db.session.query(ShopDelivery).count() == 1


def test_the_same_order_by_another_delivery_changes_nothing(shopify: Shop) -> None:
    shopify.send(payload(PAID), "orders/create", "d-1")
    assert outcome(shopify.send(payload(PAID), "orders/updated", "d-2")) == "unchanged"
    assert order_of().revision == 2


def test_two_orders_of_one_second_share_their_delivery_id(woo: Shop) -> None:
    woo.send(payload("woocommerce-processing.json"), "order.created", "same")
    woo.send(payload("woocommerce-processing.json", id=728, number="728"), "order.created", "same")
    assert {order.number for order in db.session.query(Order)} == {"727", "728"}


def test_what_is_older_never_overwrites_what_is_newer(shopify: Shop) -> None:
    shopify.send(payload(PAID, updated_at=later(30), note="Newer"), "orders/updated")
    answer = shopify.send(payload(PAID, updated_at=later(10), note="Older"), "orders/updated")
    assert outcome(answer) == "older" and order_of().note == "Newer"
    assert outcome(shopify.send(payload(PAID, updated_at=later(30), note="Same second"))) == "taken"


def test_an_edit_in_the_shop_does_not_undo_what_staff_did(shopify: Shop) -> None:
    shopify.send(payload(PAID), "orders/create")
    shop.place_order("1042", status="picked", tags=["Gift", "VIP", "fragile"])
    shopify.send(payload(PAID, updated_at=later(10), note="No doorbell.", tags="Gift"), "orders/updated")
    order = order_of()
    assert (order.status, order.note, order.tags) == ("picked", "No doorbell.", ["Gift", "fragile"])


def test_a_status_that_both_changed_stays_ours_and_is_a_conflict(shopify: Shop) -> None:
    shopify.send(payload(PAID), "orders/create")
    shop.place_order("1042", status="picked", note="Called her.")
    cancelled = payload(PAID, updated_at=later(10), cancelled_at=later(9), note="Cancel, please.")
    shopify.send(cancelled, "orders/cancelled")
    order = order_of()
    assert (order.status, order.note) == ("picked", "Cancel, please.")
    conflicts = db.session.query(ShopRecord).filter_by(subject="order").one().conflicts
    assert {name: (one["ours"], one["theirs"], one["kept"]) for name, one in conflicts.items()} == {
        "status": ("picked", "cancelled", "ours"),
        "note": ("Called her.", "Cancel, please.", "theirs"),
    }


def test_a_deletion_cancels_the_order_and_a_restored_one_comes_back(woo: Shop) -> None:
    woo.send(payload("woocommerce-processing.json"), "order.created")
    assert outcome(woo.send({"id": 727}, "order.deleted")) == "taken"
    assert (order_of("727").status, order_of("727").tags) == ("cancelled", ["deleted in shop"])
    assert outcome(woo.send({"id": 9999}, "order.deleted")) == "not taken"
    again = payload("woocommerce-processing.json", date_modified_gmt="2026-11-22T08:00:00")
    woo.send(again, "order.restored")
    assert order_of("727").status == "confirmed"


def test_a_deleted_product_cancels_no_order(woo: Shop) -> None:
    woo.send(payload("woocommerce-processing.json"), "order.created")
    assert outcome(woo.send({"id": 727}, "product.deleted")) == "not taken"
    assert order_of("727").status == "confirmed"


def test_a_fulfilled_order_that_is_deleted_stays_fulfilled(woo: Shop) -> None:
    woo.send(payload("woocommerce-processing.json", status="completed"), "order.created")
    woo.send({"id": 727}, "order.deleted")
    assert order_of("727").status == "fulfilled"


def test_a_refund_told_apart_is_taken_off_once(shopify: Shop) -> None:
    shopify.send(payload(PAID), "orders/create")
    transaction = {"kind": "refund", "status": "success", "amount": "12.00"}
    refund = {"id": 91, "order_id": 6100042, "created_at": later(40), "transactions": [transaction]}
    assert outcome(shopify.send(refund, "refunds/create", "r-1")) == "taken"
    assert outcome(shopify.send(refund, "refunds/create", "r-2")) == "unchanged"
    order = order_of()
    assert (order.payment_status, str(order.total), str(order.amount_paid)) == (
        "partially_refunded",
        "92.45",
        "92.45",
    )


def test_cash_on_delivery_is_processing_and_not_paid(woo: Shop) -> None:
    woo.send(payload("woocommerce-processing.json", date_paid_gmt=None), "order.created")
    assert (order_of("727").status, order_of("727").payment_status) == ("confirmed", "unpaid")


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft"])
def test_carts_that_somebody_is_still_typing_are_no_orders(woo: Shop, status: str) -> None:
    answer = woo.send(payload("woocommerce-processing.json", status=status), "order.updated")
    assert outcome(answer) == "not taken" and db.session.query(Order).count() == 0


def test_two_shops_may_both_have_an_order_1042(app: Flask, shopify: Shop) -> None:
    other = Shop(app, "shopify", "Second shop")
    shopify.send(payload(PAID), "orders/create")
    other.send(payload(PAID, id=77, processed_at=later(1)), "orders/create")
    numbers = {order.number for order in db.session.query(Order)}
    assert numbers == {"1042", f"1042-{other.id}"}
    other.send(payload(PAID, id=77, updated_at=later(50), note="Theirs"), "orders/updated")
    assert order_of(f"1042-{other.id}").note == "Theirs" and order_of().note != "Theirs"


def test_an_order_of_the_till_with_the_same_number_is_another_order(shopify: Shop) -> None:
    shop.place_order("1042", note="Till")
    shopify.send(payload(PAID), "orders/create")
    assert order_of().note == "Till"
    assert db.session.query(Order).count() == 2


def test_test_orders_are_taken_only_if_wanted(shopify: Shop) -> None:
    assert outcome(shopify.send(payload(PAID, test=True), "orders/create")) == "not taken"
    shopify.options(takes_tests=True)
    assert outcome(shopify.send(payload(PAID, test=True), "orders/create", "d-2")) == "taken"


def test_an_edit_of_the_customer_here_survives_the_next_order(shopify: Shop) -> None:
    shopify.send(payload(PAID), "orders/create")
    customer = order_of().customer
    assert customer
    shop.place_customer(customer.number, phone="+44 20 7946 0000")
    shopify.send(payload(PAID, updated_at=later(10), note="Edited"), "orders/updated")
    kept = order_of().customer
    assert kept and kept.phone == "+44 20 7946 0000"


def test_customers_come_in_by_themselves_and_are_those_of_the_orders(shopify: Shop) -> None:
    shopify.send(payload(PAID), "orders/create")
    person = {
        "id": 7301,
        "email": "iris@new.example",
        "first_name": "Iris",
        "updated_at": later(40),
        "verified_email": True,
        "email_marketing_consent": {"state": "unsubscribed"},
    }
    assert outcome(shopify.send(person, "customers/update")) == "taken"
    (customer,) = db.session.query(Customer).filter(Customer.last_name == "Hallam")
    assert (customer.email, customer.marketing_consent) == ("iris@new.example", False)


def test_what_cannot_be_understood_is_kept_with_the_reason(shopify: Shop) -> None:
    for body in (b"nonsense", b"[]", b'{"name": "#1"}', b"\xff\x00"):
        assert outcome(shopify.send(body, "orders/create")) == "not understood"
    kept = db.session.query(ShopDelivery).all()
    assert len(kept) == 4 and all(one.sentence and one.payload is not None for one in kept)


def test_odd_values_in_a_payload_break_nothing(shopify: Shop) -> None:
    odd = payload(
        PAID,
        line_items=[None, "x", {"name": 7, "quantity": "2", "price": None}],
        shipping_lines={},
        customer=[],
        billing_address="none",
        fulfillments=3,
        note={"a": 1},
        tags=None,
        total_outstanding="nothing",
    )
    assert outcome(shopify.send(odd, "orders/create")) == "taken"
    assert order_of().lines[0]["name"] == "7"


def test_created_counts_once_for_every_order(shopify: Shop) -> None:
    for delivery in ("d-1", "d-2", "d-3"):
        shopify.send(payload(PAID), "orders/create", delivery)
    assert db.session.query(Occurrence).filter_by(subject="order", trigger="created").count() == 1


def test_what_is_weighed_keeps_its_quantity_and_the_order_where_it_goes(shopify: Shop, woo: Shop) -> None:
    (line, *_) = payload("woocommerce-processing.json")["line_items"]
    weighed = {**line, "quantity": 0.75, "subtotal": "15.00", "subtotal_tax": "3.00"}
    woo.send(payload("woocommerce-processing.json", line_items=[weighed]), "order.created")
    order = order_of("727")
    assert (order.lines[0]["quantity"], order.lines[0]["unit_price"]) == (0.75, "24.00")
    assert (str(order.shipping), str(order.tax), str(order.amount_refunded)) == ("5.95", "8.81", "0.00")
    shopify.send(payload(PAID), "orders/create")
    order = order_of()
    assert (order.recipient, order.delivery_address["city"]) == ("Ned Orchard", "Wells")
    assert (str(order.shipping), str(order.balance_due)) == ("5.95", "0.00")


def test_what_was_refunded_is_kept_and_makes_nothing_due(shopify: Shop) -> None:
    shopify.send(payload("shopify-order-partially-refunded.json"), "orders/updated")
    order = order_of("1043")
    assert (str(order.amount_refunded), str(order.balance_due)) == ("8.00", "0.00")


@pytest.mark.parametrize("length", [100, 300_000])
def test_an_error_of_our_own_keeps_the_delivery_and_it_is_tried_again(
    woo: Shop, as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    sent = payload("woocommerce-processing.json", customer_note="x" * length)
    with monkeypatch.context() as patch:
        patch.setattr(delivery_intake, "take_order", lambda *_: 1 / 0)
        answer = woo.send(sent, "order.created", "d-1")
        assert outcome(answer) == "failed" and "The message is kept" in answer.json["detail"]
        assert outcome(woo.send(sent, "order.created", "d-1")) == "failed"
        page = as_rosa.post("/settings/shop-deliveries/1/retakes", follow_redirects=True)
        assert page.status_code == 200 and "got in the way (ZeroDivisionError)" in text_of(page)
    (kept,) = db.session.query(ShopDelivery).all()
    assert (
        kept.payload
        and len(kept.payload) > length
        and "Failed: An error" in text_of(as_rosa.get(f"/settings/shops/{woo.id}"))
    )
    page = as_rosa.post("/settings/shop-deliveries/1/retakes", follow_redirects=True)
    assert "Order 727 added." in text_of(page) and order_of("727").status == "confirmed"
    assert db.session.query(Occurrence).filter_by(subject="order", trigger="created").count() == 1
