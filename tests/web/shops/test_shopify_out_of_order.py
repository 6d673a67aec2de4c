"""Messages of Shopify's in another order than they were made in, told twice, or about half of a thing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery
from tests.kit import shop
from tests.kit.sent_orders import Json, order, paid, sent
from tests.kit.shops import Shop
from tests.web.shops.test_hard_shopify import given_back, parcel, refund


def test_what_was_deleted_before_it_was_ever_told_stays_out(shopify: Shop) -> None:
    shop.publish_automation("Created", "created")
    assert "stays out" in sent(shopify, {"id": 6100042}, "not taken", "orders/delete")
    assert "deleted" in sent(shopify, paid(), "older", "orders/create")
    assert db.session.query(Order).count() == 0 and shop.runs() == []
    # Neither does it matter that it was said twice, or that another order has the same number.
    sent(shopify, {"id": 6100042}, "not taken", "orders/delete", "again")
    sent(shopify, paid(id=5, updated_at="2026-11-22T09:00:00Z"))
    assert order().number == "1042"


def test_an_edit_that_comes_after_the_deletion_brings_nothing_back(shopify: Shop) -> None:
    sent(shopify, paid())
    sent(shopify, {"id": 6100042}, topic="orders/delete")
    late = paid(note="Edited", updated_at="2026-11-21T09:30:00Z")
    sent(shopify, late, "older")
    assert (order().status, order().tags[-1]) == ("cancelled", "deleted in shop")


def test_messages_in_the_wrong_order_end_as_the_last_one_says(shopify: Shop) -> None:
    def at(minute: int, **changes: Any) -> Json:
        return paid(updated_at=f"2026-11-21T10:{minute:02}:00Z", **changes)

    back = {
        "financial_status": "refunded",
        "current_total_price": "0.00",
        "refunds": [refund(1, given_back("104.45"))],
    }
    sent(shopify, at(9, fulfillment_status="fulfilled", fulfillments=[parcel("A1")]))
    sent(shopify, at(2), "older", "orders/create")
    sent(shopify, at(30, cancelled_at="2026-11-21T10:30:00Z", **back))
    sent(shopify, at(29, **back), "older")
    sent(
        shopify,
        refund(1, given_back("104.45"), created_at="2026-11-21T10:29:00Z"),
        "unchanged",
        "refunds/create",
    )
    kept = order()
    assert (kept.status, kept.payment_status, kept.total, kept.amount_refunded, kept.balance_due) == (
        "cancelled",
        "refunded",
        0,
        Decimal("104.45"),
        0,
    )


def test_a_refund_before_its_order_is_taken_when_it_is_tried_again(
    shopify: Shop, as_rosa: FlaskClient
) -> None:
    refunded: Json = {"id": 9, "order_id": 6100042, "created_at": "2026-11-24T09:00:00Z"}
    refunded["transactions"] = [{"kind": "refund", "status": "success", "amount": "5.00"}]
    sent(shopify, refunded, "not taken", "refunds/create")
    sent(shopify, paid())
    assert order().amount_refunded == 0, "this message is from before it"
    delivery = db.session.query(ShopDelivery).order_by(ShopDelivery.id).first()
    assert delivery is not None
    as_rosa.post(f"/settings/shop-deliveries/{delivery.id}/retakes")
    assert (order().amount_refunded, order().payment_status) == (5, "partially_refunded")


def test_the_shop_says_the_same_again_after_staff_have_worked_on_it(shopify: Shop) -> None:
    sent(shopify, paid())
    by_hand = {"status": "picked", "note": "Ring the bell", "tags": ["Gift", "VIP", "fragile"]}
    shop.place_order(order().number, **by_hand)
    sent(shopify, paid(updated_at="2026-11-21T12:00:00Z", tags="VIP, rush"))
    kept = order()
    assert (kept.status, kept.note, kept.tags) == ("picked", "Ring the bell", ["VIP", "fragile", "rush"])


@pytest.mark.parametrize(
    ("state", "consent"), [("subscribed", True), ("unsubscribed", False), ("pending", None)]
)
def test_what_a_customer_says_about_marketing_is_told_alone(
    shopify: Shop, state: str, consent: bool | None
) -> None:
    sent(shopify, paid())
    before = order().customer.marketing_consent
    said = {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": "2026-11-22T09:00:00Z"}
    news = {
        "customer_id": paid()["customer"]["id"],
        "email_address": "iris.hallam@post.example",
        "email_marketing_consent": said,
    }
    outcome = "taken" if consent is False else "unchanged"
    sent(shopify, news, outcome, "customers_email_marketing_consent/update")
    kept = order().customer
    assert kept.marketing_consent is (before if consent is None else consent)
    assert (kept.first_name, kept.last_name) == ("Iris", "Hallam")
    # An order that was sent before the customer said so says nothing about it any more.
    sent(shopify, paid(note="Later", updated_at="2026-11-22T08:00:00Z"))
    assert order().customer.marketing_consent is (before if consent is None else consent)


def test_what_an_address_looks_like_decides_about_no_order(shopify: Shop) -> None:
    emails = ("no-email@", "a b@c", "IRIS.Hallam@Post.Example")
    for place, email in enumerate(emails):
        data = paid(id=place, name=f"#{place}", email=email)
        data["customer"] |= {"id": 900 + place, "email": email}
        sent(shopify, data)
    assert db.session.query(Order).count() == 3
    kept = [one.customer.email for one in db.session.query(Order).order_by(Order.number)]
    assert kept == list(emails)


def test_what_is_too_large_to_be_an_amount_is_said_and_kept(shopify: Shop) -> None:
    sentence = sent(shopify, paid(current_total_price="9" * 20), "not understood")
    assert sentence and db.session.query(Order).count() == 0
    assert db.session.query(ShopDelivery).one().payload
    assert db.session.query(ShopConnection).one().refused == 0


def test_the_moment_of_a_message_far_ahead_locks_nobody_out(shopify: Shop) -> None:
    sent(shopify, paid(updated_at="2099-01-01T00:00:00Z"))
    now = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10)
    sent(shopify, paid(note="Later", updated_at=now.isoformat()))
    assert order().note == "Later"
