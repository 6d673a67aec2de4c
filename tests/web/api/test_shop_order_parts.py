"""Parcels, currencies and rounded amounts of the orders that shops send."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopDelivery
from automations.pipeline.sources import kept_payloads
from tests.kit import shop
from tests.kit.shops import Shop, payload

SENT = "shopify-order-partially-refunded.json"


def fulfilment(number: str, status: str, **more: Any) -> dict[str, Any]:
    tracked = {"tracking_number": number, "tracking_company": "Royal Mail", "shipment_status": status}
    return {"status": "success", **tracked, **more}


def order(number: str = "1043") -> Order:
    db.session.expire_all()
    return db.session.query(Order).filter_by(number=number).one()


def parcels(number: str = "1043") -> list[tuple[str, str, str | None]]:
    return [(one["tracking_number"], one["carrier"], one["status"]) for one in order(number).parcels or []]


def test_every_parcel_has_its_number_and_the_order_says_what_all_of_them_say(app: Flask) -> None:
    web = Shop(app, "shopify")
    sent = [fulfilment("A1", "delivered"), fulfilment("A2", "in_transit", tracking_numbers=["A2", "A3"])]
    web.send(payload(SENT, fulfillments=sent))
    assert parcels() == [
        ("A1", "Royal Mail", "delivered"),
        ("A2", "Royal Mail", "in_transit"),
        ("A3", "Royal Mail", "in_transit"),
    ]
    assert (order().tracking_number, order().delivery_status) == ("A3", "in_transit")


def test_the_shop_adds_and_takes_away_parcels_and_undoes_nothing_that_a_carrier_said(app: Flask) -> None:
    web = Shop(app, "shopify")
    first, second = fulfilment("A1", "in_transit"), fulfilment("A2", "in_transit")
    web.send(payload(SENT, fulfillments=[first]))
    here = [{"carrier": "Royal Mail", "tracking_number": "A1", "status": "delivered"}]
    shop.place_order("1043", parcels=here)
    web.send(payload(SENT, fulfillments=[first, second], updated_at="2026-11-21T12:00:00Z"))
    assert [(number, status) for number, _, status in parcels()] == [
        ("A1", "delivered"),
        ("A2", "in_transit"),
    ]
    web.send(payload(SENT, fulfillments=[second], updated_at="2026-11-21T12:10:00Z"))
    assert [number for number, _, _ in parcels()] == ["A2"]
    revision = order().revision
    web.send(payload(SENT, fulfillments=[second], updated_at="2026-11-21T12:20:00Z"))
    assert order().revision == revision


def test_an_order_has_the_currency_it_is_in(app: Flask) -> None:
    web = Shop(app, "woocommerce")
    web.send(payload("woocommerce-processing.json", currency="JPY", total="5400", total_tax="0"))
    assert (order("727").currency, order("727").total) == ("JPY", 5400)
    answer = web.send(payload("woocommerce-processing.json", id=9, number="9", currency="DOUBLOON"))
    assert answer.json["outcome"] == "not taken" and "is not a known currency" in answer.json["detail"]


def test_what_was_rounded_off_is_kept_until_the_amount_changes(app: Flask) -> None:
    web = Shop(app, "woocommerce")
    sent = payload("woocommerce-processing.json", total="52.9049")
    web.send(sent)
    assert order("727").roundings["total"] == {"written": "52.9049", "difference": "-0.0049"}
    revision = order("727").revision
    web.send({**sent, "date_modified_gmt": "2026-11-22T09:00:00"})
    assert order("727").revision == revision
    web.send({**sent, "total": "60.00", "date_modified_gmt": "2026-11-22T10:00:00"})
    assert "total" not in (order("727").roundings or {}) and str(order("727").total) == "60.00"


def test_the_newest_payloads_are_kept_and_no_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_payloads, "MOST_KEPT", 3)
    monkeypatch.setattr(kept_payloads, "ONE_OF", 1)
    web = Shop(app, "woocommerce")
    other = Shop(app, "woocommerce", "Another")
    other.send(payload("woocommerce-processing.json", id=1, number="1"))
    for number in range(700, 706):
        web.send(payload("woocommerce-processing.json", id=number, number=str(number)), "order.created")
    rows = db.session.query(ShopDelivery).filter_by(connection_id=web.id).order_by(ShopDelivery.id)
    assert [row.payload is None for row in rows] == [True, True, True, False, False, False]
    assert all(row.sentence for row in rows)
    assert db.session.query(ShopDelivery).filter_by(connection_id=other.id).one().payload
