"""The pages of a shop: connecting it, what came in, what its words mean."""

from __future__ import annotations

import datetime as dt
import html
import re

from flask import Flask
from flask.testing import FlaskClient

from automations.features.privacy import erasure
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery, ShopRecord, ShopWord
from automations.models.tables.store import Store
from automations.pipeline.sources import silence
from automations.worker import cleanup
from tests.kit import everywhere, shop, shops
from tests.kit.shops import Shop, payload
from tests.web.pages import text_of

PAGE = "/settings/shops"


def test_connecting_shopify_shows_the_address_and_asks_for_the_key(as_ada: FlaskClient) -> None:
    page = as_ada.post(PAGE, data={"kind": "shopify", "name": "Web shop"}, follow_redirects=True)
    connection = db.session.query(ShopConnection).one()
    assert f"/hooks/shopify/{connection.token}" in page.text
    assert "Needs its secret." in text_of(page)
    page = as_ada.post(f"{PAGE}/{connection.id}/secret", data={"secret": " " + shops.SECRETS["shopify"]})
    assert "Waiting for the first message." in text_of(as_ada.get(f"{PAGE}/{connection.id}"))


def test_a_secret_that_is_cut_off_is_not_taken(as_ada: FlaskClient) -> None:
    as_ada.post(PAGE, data={"kind": "shopify", "name": "Web shop"})
    page = as_ada.post(f"{PAGE}/1/secret", data={"secret": "short"})
    assert page.status_code == 422 and "Paste the whole secret" in page.text
    assert db.session.query(ShopConnection).one().secret is None


def test_the_secret_for_woocommerce_is_made_here_and_shown_once(app: Flask, as_ada: FlaskClient) -> None:
    page = as_ada.post(PAGE, data={"kind": "woocommerce", "name": "Press"})
    match = re.search(r'id="shop-secret">([^<]{40,})<', page.text)
    assert match
    secret, token = html.unescape(match[1]), db.session.query(ShopConnection).one().token
    assert secret not in as_ada.get(f"{PAGE}/1").text
    body = shops.body_of({"file": "woocommerce-processing.json"})
    signed = {"X-WC-Webhook-Signature": shops.sign(body, secret)}
    assert app.test_client().post(f"/hooks/woocommerce/{token}", data=body, headers=signed).status_code == 200
    assert db.session.query(Order).one().number == "727"


def test_the_old_secret_is_accepted_beside_the_new_one(app: Flask, as_ada: FlaskClient) -> None:
    web = Shop(app, "woocommerce")
    as_ada.post(f"{PAGE}/{web.id}/new-secret")
    assert web.send(payload("woocommerce-processing.json")).status_code == 200


def test_a_test_delivery_is_shown_and_stores_nothing(app: Flask, as_ada: FlaskClient) -> None:
    web = Shop(app, "shopify")
    web.send(payload("shopify-order-paid.json", id=820982911946154508), "orders/create")
    assert "The test message arrived" in text_of(as_ada.get(f"{PAGE}/{web.id}"))
    web.send(payload("shopify-order-paid.json"), "orders/create", **{"X-Shopify-Test": "true"})
    assert db.session.query(Order).count() == 0


def test_refused_deliveries_are_counted_with_the_reason(app: Flask, as_ada: FlaskClient) -> None:
    web = Shop(app, "shopify")
    for answer in (
        web.send(payload("shopify-order-paid.json"), secret="another-secret"),
        web.client.post(web.address, data=b"{}"),
    ):
        assert answer.status_code == 401
    page = text_of(as_ada.get(f"{PAGE}/{web.id}"))
    assert "2 refused" in page and "There is no signature." in page
    assert db.session.query(Order).count() == 0 and db.session.query(ShopDelivery).count() == 0


def test_an_unknown_status_waits_is_mapped_and_applied_again(app: Flask, as_rosa: FlaskClient) -> None:
    shop.publish_automation("Picked", "status_changed", after="picked")
    web = Shop(app, "woocommerce")
    web.send(payload("woocommerce-processing.json", status="awaiting-florist"), "order.created")
    page = text_of(as_rosa.get(f"{PAGE}/{web.id}/words"))
    assert "awaiting-florist" in page and "No meaning yet" in page
    word = db.session.query(ShopWord).filter_by(said="awaiting-florist").one()
    assert (word.kind, word.count, word.is_waiting) == ("status", 1, True)
    page = as_rosa.post(
        f"{PAGE}/{web.id}/words", data={f"word-{word.id}": "status=picked"}, follow_redirects=True
    )
    assert "1 word saved." in text_of(page) and "Apply to 1 record" in page.text
    page = as_rosa.post(f"{PAGE}/{web.id}/retakes", follow_redirects=True)
    assert "1 of 1 changed." in text_of(page) and "Apply to" not in page.text
    db.session.expire_all()
    assert db.session.query(Order).one().status == "picked"
    assert db.session.query(ShopWord).filter_by(said="awaiting-florist").one().count == 1, "it came once"
    assert [run.evaluation.version.name for run in shop.runs()] == ["Picked"]


def test_a_payload_that_is_not_understood_is_kept_and_tried_again(app: Flask, as_rosa: FlaskClient) -> None:
    web = Shop(app, "woocommerce")
    error = {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot view this resource."}
    assert web.send(error, "order.updated").status_code == 200
    page = text_of(as_rosa.get(f"{PAGE}/{web.id}"))
    assert "Not understood" in page and "you cannot view this resource" in page
    page = as_rosa.post("/settings/shop-deliveries/1/retakes", follow_redirects=True)
    assert page.status_code == 200 and "WooCommerce sent an error" in text_of(page)


def test_a_shop_of_another_store_is_not_found(app: Flask, as_mallory: FlaskClient) -> None:
    web = Shop(app, "shopify")
    web.send(payload("shopify-order-paid.json"))
    for path in (f"{PAGE}/{web.id}", f"{PAGE}/{web.id}/words", "/settings/shop-deliveries/1"):
        assert as_mallory.get(path).status_code == 404
    assert as_mallory.post("/settings/shop-deliveries/1/retakes").status_code == 404


def test_a_closed_address_no_longer_answers(app: Flask, as_ada: FlaskClient) -> None:
    web = Shop(app, "shopify")
    as_ada.post(f"{PAGE}/{web.id}/closing")
    assert web.send(payload("shopify-order-paid.json")).status_code == 404
    assert "Closed" in text_of(as_ada.get(PAGE))


def test_the_builder_says_how_orders_of_a_shop_arrive(app: Flask, as_rosa: FlaskClient) -> None:
    steps, once = Shop(app, "shopify", "Fern & Foxglove"), Shop(app, "woocommerce", "Press")
    once.options(two_steps=False)
    Shop(app, "shippo", "Lorries by Shippo")
    ours = "Orders entered here, or sent to the API, are created as they are"
    automation_id = shop.draft_automation("Paid", "payment_status_changed")
    page = text_of(as_rosa.get(f"/automations/{automation_id}"))
    assert steps.kind and "Orders of Fern & Foxglove are created unpaid first" in page
    assert "Orders of Press are created as they are: one that arrives paid fires “Created” only." in page
    assert "Lorries by Shippo" not in page and ours in page


def test_the_builder_says_how_other_orders_arrive_where_it_matters(as_rosa: FlaskClient) -> None:
    ours = "Orders entered here, or sent to the API, are created as they are"
    for trigger, says_so in {"payment_status_changed": 1, "status_changed": 1, "created": 0}.items():
        automation_id = shop.draft_automation(trigger, trigger)
        assert text_of(as_rosa.get(f"/automations/{automation_id}")).count(ours) == says_so


def test_a_conflict_is_decided_on_the_record(app: Flask, as_rosa: FlaskClient) -> None:
    web = Shop(app, "shopify", "Fern & Foxglove")
    web.send(payload("shopify-order-paid.json"))
    shop.place_order("1042", status="picked")
    later = "2026-11-21T09:20:00+00:00"
    web.send(payload("shopify-order-paid.json", updated_at=later, cancelled_at=later))
    page = as_rosa.get("/orders/1042")
    assert "Fern & Foxglove says Cancelled, here it was Picked. It is Picked now." in text_of(page)
    link = db.session.query(ShopRecord).filter_by(subject="order").one().id
    form = {"field": "status", "side": "theirs"}
    page = as_rosa.post(f"/shop-conflicts/{link}", data=form, follow_redirects=True)
    db.session.expire_all()
    assert db.session.query(Order).one().status == "cancelled"
    assert "Both changed it" not in text_of(page)


def test_silence_is_told_once(app: Flask, as_ada: FlaskClient) -> None:
    web = Shop(app, "woocommerce", "Press")
    web.send(payload("woocommerce-processing.json"))
    now = dt.datetime.now(dt.UTC)
    assert silence.tell_all(now + dt.timedelta(hours=71)) == 0
    assert silence.tell_all(now + dt.timedelta(hours=73)) == 1
    assert silence.tell_all(now + dt.timedelta(hours=90)) == 0
    assert "Silent since" in text_of(as_ada.get(f"{PAGE}/{web.id}"))
    assert {one.title for one in db.session.query(Notification)} == {"Press has gone silent"}
    web.send(payload("woocommerce-processing.json"))
    assert "Last message" in text_of(as_ada.get(f"{PAGE}/{web.id}"))


def test_what_a_shop_sends_again_does_not_bring_back_an_erased_customer(
    app: Flask, bloom: Store, as_ada: FlaskClient
) -> None:
    web = Shop(app, "shopify")
    web.send(payload("shopify-order-paid.json"))
    customer_id = db.session.query(Order).one().customer_id
    with write() as session:
        erasure.erase(session, bloom, session.get_one(Customer, customer_id), dt.datetime.now(dt.UTC))
    assert everywhere.find_in_database(["iris.hallam@post.example", "Leave it with"]) == {}
    later = "2026-11-21T09:20:00+00:00"
    web.send(payload("shopify-order-paid.json", updated_at=later, financial_status="refunded"))
    db.session.expire_all()
    order = db.session.query(Order).one()
    assert (order.payment_status, order.customer_id) == ("refunded", customer_id)
    assert "Leave it with" not in order.note and order.customer and order.customer.email == ""


def test_deliveries_are_deleted_after_thirty_days(app: Flask) -> None:
    web = Shop(app, "shopify")
    web.send(payload("shopify-order-paid.json"))
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        assert cleanup.delete_old_deliveries(session, now + dt.timedelta(days=29)) == 0
        assert cleanup.delete_old_deliveries(session, now + dt.timedelta(days=31)) == 1
    assert db.session.query(ShopDelivery).count() == 0 and db.session.query(ShopWord).count() > 0


def test_shippo_needs_no_secret_until_there_is_one(app: Flask, as_ada: FlaskClient) -> None:
    as_ada.post(PAGE, data={"kind": "shippo", "name": "Parcels"})
    connection = db.session.query(ShopConnection).one()
    address, body = f"/hooks/shippo/{connection.token}", shops.body_of({"file": "shippo-track-updated.json"})
    shop.place_order("1043", tracking_number="RM000100200GB")
    assert app.test_client().post(address, data=body).status_code == 200
    db.session.expire_all()
    assert db.session.query(Order).one().delivery_status == "delivered"
    as_ada.post(f"{PAGE}/{connection.id}/secret", data={"secret": shops.SECRETS["shippo"]})
    assert app.test_client().post(address, data=body).status_code == 401
