"""EasyPost's webhook: signed calls, each taken once, for the order with the tracking number."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.db.base import db, write
from automations.models.tables.order import Order
from automations.models.tables.people import Audit
from automations.models.tables.store import Connection, Store
from automations.web.kit.secret_box import secret_box
from tests.kit import shop
from tests.web.api.conftest import till_of
from tests.world import NOW

SECRET = "rose petals and thorns"


@pytest.fixture
def address(app: Flask, bloom: Store) -> str:
    token = f"{bloom.id}-abcdef"
    with app.test_request_context(), write() as session:
        secret = secret_box().encrypt(SECRET)
        settings = {"token": token}
        row = Connection(store_id=bloom.id, kind="easypost", settings=settings, secret=secret, updated_at=NOW)
        session.add(row)
    return f"/hooks/easypost/{token}"


def event(id: str = "evt_1", code: str = "JD0002", status: str = "in_transit", **more: Any) -> bytes:
    result = {"id": "trk_1", "object": "Tracker", "tracking_code": code, "status": status}
    data = {"id": id, "object": "Event", "description": "tracker.updated", "result": result}
    return json.dumps(data | more).encode()


def call(client: FlaskClient, address: str, body: bytes, secret: str = SECRET) -> TestResponse:
    signature = "hmac-sha256-hex=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return client.post(address, data=body, headers={"X-Hmac-Signature": signature})


def order_of(number: str = "10482") -> Order:
    db.session.expire_all()
    return db.session.query(Order).filter_by(number=number).one()


def test_a_carrier_update_reaches_its_order_and_sets_off_the_trigger(
    client: FlaskClient, address: str
) -> None:
    shop.publish_automation("At the depot", "carrier_changed", after="at_the_depot")
    shop.publish_automation("Delivered", "carrier_changed", after="delivered")
    shop.publish_automation("Any news", "carrier_changed")
    shop.place_order(tracking_number="JD0002")
    answer = call(client, address, event(status="available_for_pickup"))
    assert (answer.status_code, answer.json) == (200, {"detail": "Taken for 1 order."})
    assert order_of().delivery_status == "at_the_depot"
    last = shop.occurrences()[-1]
    assert (last.cause_kind, last.cause, last.changed) == ("api", "EasyPost", ["delivery_status"])
    assert [run.evaluation.version.name for run in shop.runs()] == ["At the depot", "Any news"]


def test_a_repeated_event_changes_nothing(client: FlaskClient, address: str) -> None:
    shop.place_order(tracking_number="JD0002")
    call(client, address, event())
    shop.place_order(delivery_status="delivered")
    again = call(client, address, event())
    assert again.status_code == 200 and order_of().delivery_status == "delivered"


def test_a_call_not_signed_with_the_secret_is_refused(client: FlaskClient, address: str) -> None:
    shop.place_order(tracking_number="JD0002")
    assert call(client, address, event(), "another secret").status_code == 401
    assert client.post(address, data=event()).status_code == 401
    assert order_of().delivery_status is None


def test_a_wrong_address_is_not_found(client: FlaskClient, address: str) -> None:
    for wrong in (f"{address}x", "/hooks/easypost/none", "/hooks/easypost/99999999999999999999-x"):
        assert call(client, wrong, event()).status_code == 404


def test_an_unknown_parcel_is_audited(client: FlaskClient, address: str) -> None:
    answer = call(client, address, event(code="UNKNOWN1"))
    assert answer.status_code == 202
    assert "UNKNOWN1" in db.session.query(Audit).order_by(Audit.id.desc()).first().about
    assert shop.occurrences() == []


def test_orders_of_other_stores_are_ignored(client: FlaskClient, address: str) -> None:
    shop.place_order("T-1", "Thorn & Co", tracking_number="JD0002")
    assert call(client, address, event()).status_code == 202
    assert order_of("T-1").delivery_status is None


def test_other_events_and_malformed_bodies_change_nothing(client: FlaskClient, address: str) -> None:
    answer = call(client, address, event(description="batch.created"))
    assert answer.status_code == 202
    assert "This is not about a parcel; nothing was changed." in answer.text
    for body in (b"", b"[]", b"nonsense", b'{"id": 7}', b"\xff"):
        assert call(client, address, body).status_code == 400


def test_an_unknown_status_leaves_the_order_unchanged(client: FlaskClient, address: str) -> None:
    shop.place_order(tracking_number="JD0002", delivery_status="booked")
    assert call(client, address, event(status="unknown")).status_code == 200
    assert order_of().delivery_status == "booked"


def test_a_hook_needs_no_form_token(app: Flask, client: FlaskClient, address: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert call(client, address, event()).status_code == 202
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_an_update_on_one_of_several_parcels_reaches_that_parcel_and_the_order_waits_for_the_last(
    client: FlaskClient, address: str
) -> None:
    parcels = [{"carrier": "DHL", "tracking_number": number, "status": "booked"} for number in ("D1", "D2")]
    till_of(client.application).post("/api/orders", {"number": "10482", "parcels": parcels})
    assert call(client, address, event("e1", "D1", "delivered")).status_code == 200
    assert [parcel["status"] for parcel in order_of().parcels] == ["delivered", "booked"]
    assert order_of().delivery_status == "booked"
    late = call(client, address, event("e2", "D1", "in_transit"))
    assert late.status_code == 202
    assert call(client, address, event("e3", "D2", "delivered")).status_code == 200
    assert [parcel["status"] for parcel in order_of().parcels] == ["delivered", "delivered"]
    assert order_of().delivery_status == "delivered"
