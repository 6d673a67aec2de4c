"""Tills, payments and carriers over a real connection: what is signed is taken once, and nothing else."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit import live, shop
from tests.kit.sent_orders import Json, wrong
from tests.kit.shops import Shop
from tests.web.api.test_tills_and_payments import SALE, SESSION, event
from tests.web.shops.test_parcels_of_shippo import NUMBER, news

_CHARGE = {"id": "ch_1", "payment_intent": "pi_test_0001", "currency": "gbp", "amount": 4540}


def form(**changes: Any) -> bytes:
    return urlencode({"type": "sale.update", "payload": json.dumps({**SALE, **changes})}).encode()


def told(about: str, what: Json, minute: int, **before: Any) -> bytes:
    data = {"object": what, "previous_attributes": before}
    return json.dumps(event(about, data, f"evt_{minute}", 1795270800 + 60 * minute)).encode()


#: What each source sends, in this order, and what comes of it.
STORIES: dict[str, tuple[list[bytes], Json]] = {
    "stripe": (
        [
            told("charge.refunded", {**_CHARGE, "amount_refunded": 540}, 9, amount_refunded=0),
            told("checkout.session.completed", {**SESSION, "payment_status": "unpaid"}, 1),
            told("charge.captured", {**_CHARGE, "captured": True, "amount_captured": 4540}, 5),
        ],
        {
            "total": "40.00",
            "amount_paid": "40.00",
            "amount_refunded": "5.40",
            "balance_due": "0",
            "payment_status": "partially_refunded",
        },
    ),
    "lightspeed": (
        [
            form(version=7, status="", state="closed", attributes=["layby", "pickup"]),
            form(version=5, status="", state="pending", attributes=["layby"], register_sale_payments=[]),
        ],
        {"status": "fulfilled", "fulfilment_method": "collection", "payment_status": "paid", "total": "24"},
    ),
    "shippo": (
        [json.dumps(news(*one)).encode() for one in (("DELIVERED", 20), ("TRANSIT", 12), ("RETURNED", 40))],
        {"delivery_status": "returned"},
    ),
}


@pytest.mark.parametrize("kind", STORIES)
def test_a_story_ends_as_it_did_there(app: Flask, client: FlaskClient, kind: str) -> None:
    source, (bodies, expected) = Shop(app, kind), STORIES[kind]
    if kind == "shippo":
        shop.place_order("1", tracking_number=NUMBER)
    with live.serving(app) as site:
        for body in [*bodies, *bodies]:
            assert _answered(site, source, body, source.signed(body)) == 200
        revision = _only().revision
        stranger = source.signed(bodies[0], "not-the-secret")
        assert _answered(site, source, bodies[0], stranger) == 401
        assert _answered(site, source, bodies[0] + b" ", source.signed(bodies[0])) == 401
    assert wrong(client, expected) == {}
    assert _only().revision == revision


def _only() -> Order:
    db.session.expire_all()
    return db.session.query(Order).one()


def _answered(site: str, source: Shop, body: bytes, headers: dict[str, str]) -> int:
    sender = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    sender.request("POST", source.address, body, headers)
    status = sender.getresponse().status
    sender.close()
    return status
