"""Several parcels of an order from any other source, by a click on one tracking number."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.connectors.sources import picked_parcels
from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopDelivery, ShopWord
from automations.pipeline.sources import picking
from tests.kit import live
from tests.web.pages import text_of
from tests.web.shops.test_other_sources import SECRET, Other

#: By shape: the path of the number that is clicked, and a payload with two numbers.
_SHAPES: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "objects in a list": (
        ["fulfillments", 1, "tracking_number"],
        {"fulfillments": [{"tracking_number": "A1"}, {"tracking_number": "B2"}, {"tracking_number": None}]},
    ),
    "texts in a list": (["numbers", 0], {"numbers": ["A1", "B2", "", "A1"]}),
    "lists in a list": (
        ["shipments", 0, "boxes", 0, "no"],
        {"shipments": [{"boxes": [{"no": "A1"}]}, {"boxes": []}, {"boxes": [{"no": "B2"}]}]},
    ),
    "lists of texts in a list": (
        ["fulfillments", 0, "tracking_numbers", 0],
        {"fulfillments": [{"tracking_numbers": ["A1", "B2"]}, {"tracking_numbers": []}]},
    ),
    "one text": (["tracking"], {"tracking": "A1, B2"}),
    "a list where there was a text": (["tracking"], {"tracking": ["A1", "B2"]}),
    "an object where there was a list": (["packs", 0, "no"], {"packs": {"no": "A1;B2"}}),
}


class Signed(Other):
    """Any other source that signs each message."""

    def deliver(self, **parts: Any) -> ShopDelivery:
        body = json.dumps({"no": "M-1"} | parts).encode()
        assert self.send(body, **{"X-Signature": _signature(body)}).status_code == 200
        db.session.expire_all()
        return db.session.query(ShopDelivery).order_by(ShopDelivery.id.desc()).limit(1).one()


@pytest.fixture
def other(app: Flask, as_ada: FlaskClient) -> Signed:
    return Signed(app, as_ada, "hex", secret=SECRET, header="X-Signature")


def _signature(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def order() -> Order:
    db.session.expire_all()
    return db.session.query(Order).one()


def parcels() -> list[tuple[str, str, str | None]]:
    return [(one["tracking_number"], one["carrier"], one.get("status")) for one in order().parcels or ()]


@pytest.mark.parametrize("shape", _SHAPES)
def test_one_click_takes_a_parcel_for_each_number(other: Signed, shape: str) -> None:
    path, around = _SHAPES[shape]
    other.pick(number=["no"], parcel__tracking_number=path)
    other.deliver(**around)
    assert parcels() == [("A1", "", None), ("B2", "", None)]
    assert order().tracking_number == "B2"


def test_carrier_and_status_are_those_beside_each_number(other: Signed) -> None:
    other.pick(number=["no"], parcel__tracking_number=["sent", 0, "boxes", 0, "no"])
    other.pick(parcel__carrier=["sent", 0, "by"], parcel__status=["sent", 0, "boxes", 0, "state"])
    boxes = [{"no": "A1", "state": "delivered"}, {"no": "B2", "state": "lost in a hedge"}]
    sent = [{"by": "DHL", "boxes": boxes}, {"boxes": [{"no": "C3", "state": "in_transit"}]}]
    other.deliver(sent=sent)
    assert parcels() == [("A1", "DHL", "delivered"), ("B2", "DHL", None), ("C3", "", "in_transit")]
    assert db.session.query(ShopWord).filter_by(said="lost in a hedge").one().is_waiting
    page = other.mapping()
    for shown in ("A1, B2, C3", "DHL", "sent.each.boxes.each.no", "sent.each.by", "No meaning yet"):
        assert shown in page
    assert page.count("Tracking number of each parcel") >= 4, "the field, and its mark beside each number"


def test_lists_beside_each_other_are_read_in_step(other: Signed) -> None:
    other.pick(number=["no"], parcel__tracking_number=["numbers", 0], parcel__carrier=["carriers", 0])
    other.deliver(numbers=["A1", "B2"], carriers=["DHL", "DPD"])
    assert [parcel[:2] for parcel in parcels()] == [("A1", "DHL"), ("B2", "DPD")]


def test_a_parcel_that_is_added_or_taken_away_there_is_here_too(other: Signed) -> None:
    other.pick(number=["no"], parcel__tracking_number=["sent", 0, "no"], note=["note"])
    other.deliver(sent=[{"no": "A1"}])
    other.deliver(sent=[{"no": "A1"}, {"no": "B2"}])
    assert [parcel[0] for parcel in parcels()] == ["A1", "B2"]
    other.deliver(note="Ring twice")
    assert [parcel[0] for parcel in parcels()] == ["A1", "B2"], "nothing was said of parcels"
    other.deliver(sent=[])
    assert parcels() == []


def test_each_of_several_orders_has_its_own_parcels(other: Signed) -> None:
    other.pick(number=["orders", 0, "no"], parcel__tracking_number=["orders", 0, "sent", 0])
    other.deliver(orders=[{"no": "M-1", "sent": ["A1", "B2"]}, {"no": "M-2", "sent": ["C3"]}])
    db.session.expire_all()
    found = {
        one.number: [parcel["tracking_number"] for parcel in one.parcels] for one in db.session.query(Order)
    }
    assert found == {"M-1": ["A1", "B2"], "M-2": ["C3"]}


def test_what_is_no_number_is_told_and_costs_nothing_else(other: Signed) -> None:
    other.pick(number=["no"], parcel__tracking_number=["sent", 0])
    delivery = other.deliver(sent=[{"no": "A1"}])
    assert "Tracking number of each parcel: there is not a single value." in delivery.sentence
    other.deliver(sent=[17, True, None, "x" * 300])
    assert [parcel[0] for parcel in parcels()] == ["17", "x" * 200]


def test_what_is_beside_the_numbers_is_picked_after_them(other: Signed) -> None:
    form = {"field": "parcel.carrier", "path": json.dumps(["sent", 0, "by"])}
    refused = other.admin.post(f"{other.page}/mapping", data=form)
    assert refused.status_code == 422 and picking.NUMBERS_FIRST in text_of(refused)


def test_the_pages_words_are_enough_over_a_real_connection(app: Flask, other: Signed) -> None:
    example = {"no": "M-1", "fulfillments": [{"tracking_number": "A1"}, {"tracking_number": "B2"}]}
    body = json.dumps(example).encode()

    def answered(site: str, signature: str) -> int:
        sender = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
        sender.request("POST", other.address, body, {"X-Signature": signature})
        status = sender.getresponse().status
        sender.close()
        return status

    with live.serving(app) as site:
        assert answered(site, _signature(body)) == 200
        assert "every entry of its list is a parcel" in other.mapping(field="parcel.tracking_number")
        other.pick(number=["no"], parcel__tracking_number=["fulfillments", 1, "tracking_number"])
        assert "fulfillments.each.tracking_number" in other.mapping()
        assert answered(site, "0" * 64) == 401
        other.admin.post(f"{other.page}/retakes", data={"back": "mapping"})
    assert [parcel[0] for parcel in parcels()] == ["A1", "B2"]


def test_long_lists_stay_within_bounds() -> None:
    data = {"sent": [[[{"no": str(number)}] * 30] * 30 for number in range(40)]}
    paths = {picked_parcels.PARCEL_NUMBER: ("sent", 0, 0, 0, "no")}
    assert len(picked_parcels.places_of(data, paths, picked_parcels.PARCEL_NUMBER)) == 200
