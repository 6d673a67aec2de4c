"""What comes late never takes a record back, and the log keeps it as late."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from tests.kit import shop
from tests.kit.rows import all_rows
from tests.web.api.test_inbound_webhooks import Service, service
from tests.web.api.test_incoming_webhooks import address, call, event, order_of
from tests.web.pages import text_of
from tests.world import NOW

__all__ = ["address", "service"]
EARLY, LATER, LATEST = "2026-11-20T09:00:00Z", "2026-11-20T10:00:00.5Z", "2026-11-20T12:00:00+01:00"


def parcel(id: str, status: str, at: str, **more: Any) -> bytes:
    return event(id, status=status, created_at=at, **more)


def told(type: str, at: object, named: str = "timestamp", **record: Any) -> bytes:
    return json.dumps({"type": type, named: at, "data": {"number": "W-1", **record}}).encode()


def web_order() -> Order:
    db.session.expire_all()
    return db.session.query(Order).filter_by(number="W-1").one()


def test_a_late_event_of_the_carrier_leaves_a_delivered_order_and_its_customer_alone(
    client: FlaskClient, address: str, as_rosa: FlaskClient
) -> None:
    shop.publish_automation("On its way", "carrier_changed", after="in_transit")
    shop.place_order(tracking_number="JD0002")
    assert call(client, address, parcel("evt_2", "delivered", LATER)).status_code == 200
    answer = call(client, address, parcel("evt_1", "in_transit", EARLY))
    assert answer.status_code == 202 and "late" in answer.json["detail"]
    assert order_of().delivery_status == "delivered" and shop.runs() == []
    assert (shop.occurrences()[-1].trigger, shop.occurrences()[-1].cause) == ("late", "EasyPost")
    page = text_of(as_rosa.get("/orders/10482"))
    assert (
        "Came late, not taken" in page and "Delivery status “In transit”, from 20 Nov 2026 09:00 GMT" in page
    )


@pytest.mark.parametrize(
    ("first", "second", "after"),
    [
        (("out_for_delivery", LATER), ("in_transit", EARLY), "in_transit"),
        (("available_for_pickup", LATER), ("in_transit", EARLY), "at_the_depot"),
        (("in_transit", EARLY), ("delivered", LATER), "delivered"),
        (("delivered", EARLY), ("available_for_pickup", LATER), "at_the_depot"),
        (("delivered", EARLY), ("in_transit", EARLY), "delivered"),
        (("return_to_sender", LATER), ("in_transit", EARLY), "returned"),
    ],
)
def test_the_order_follows_the_time_of_the_events_not_their_arrival(
    client: FlaskClient, address: str, first: tuple[str, str], second: tuple[str, str], after: str
) -> None:
    shop.place_order(tracking_number="JD0002")
    for place, (status, at) in enumerate((first, second)):
        call(client, address, parcel(f"evt_{place}", status, at))
    assert order_of().delivery_status == after


@pytest.mark.parametrize("where", ["created_at", "updated_at", "tracking_details"])
def test_the_time_of_the_tracker_or_its_last_scan_counts_too(
    client: FlaskClient, address: str, where: str
) -> None:
    def at(time: str, status: str, id: str) -> bytes:
        data = json.loads(event(id, status=status))
        if where == "created_at":
            return json.dumps(data | {where: time}).encode()
        scans = [{"datetime": EARLY, "status": "pre_transit"}, {"datetime": time, "status": status}]
        data["result"] |= {where: scans if where == "tracking_details" else time}
        return json.dumps(data).encode()

    shop.place_order(tracking_number="JD0002")
    call(client, address, at(LATEST, "available_for_pickup", "evt_2"))
    call(client, address, at(LATER, "in_transit", "evt_1"))
    assert order_of().delivery_status == "at_the_depot"


def test_an_event_without_a_time_takes_no_delivered_order_back(client: FlaskClient, address: str) -> None:
    shop.place_order(tracking_number="JD0002", delivery_status="delivered")
    assert call(client, address, event(status="in_transit")).status_code == 202
    assert order_of().delivery_status == "delivered"
    assert shop.occurrences()[-1].trigger == "late"


def test_what_a_person_said_later_than_the_carrier_stays(client: FlaskClient, address: str) -> None:
    shop.place_order(tracking_number="JD0002")
    call(client, address, parcel("evt_1", "in_transit", EARLY))
    shop.place_order(delivery_status="delivered", now=dt.datetime.now(dt.UTC))
    assert call(client, address, parcel("evt_2", "out_for_delivery", LATER)).status_code == 202
    assert order_of().delivery_status == "delivered"


@pytest.mark.parametrize("named", ["timestamp", "time"])
@pytest.mark.parametrize("as_number", [False, True])
def test_a_late_envelope_changes_nothing_and_is_in_the_log(
    service: Service, as_rosa: FlaskClient, named: str, as_number: bool
) -> None:
    shop.publish_automation("Back again", "status_changed")
    early: object = dt.datetime.fromisoformat(EARLY).timestamp() if as_number else EARLY
    service.tell(told("order.updated", LATEST, named, status="Fulfilled"), id="msg_2")
    answer = service.tell(told("order.created", early, named, status="Confirmed"), id="msg_1")
    assert answer.status_code == 200 and answer.json["late"] == ["status"] and answer.json["fired"] == 0
    assert web_order().status == "fulfilled" and web_order().revision == 1
    assert shop.runs() == []
    assert "Came late, not taken" in text_of(as_rosa.get("/orders/W-1"))
    assert (
        service.tell(told("order.created", early, named, status="Confirmed"), id="msg_1").json == answer.json
    )


def test_what_only_the_late_message_says_is_taken(service: Service) -> None:
    service.tell(told("order.updated", LATER, status="Fulfilled"), id="msg_2")
    first = {"status": "Confirmed", "note": "Ring twice", "customer": {"email": "eva@web.example"}}
    answer = service.tell(told("order.created", EARLY, **first), id="msg_1")
    assert answer.json["late"] == ["status"]
    assert (web_order().status, web_order().note) == ("fulfilled", "Ring twice")
    assert web_order().customer is not None


def test_a_late_order_does_not_take_its_customer_back(service: Service) -> None:
    eva = {"email": "eva@web.example"}
    service.tell(told("customer.updated", LATER, **eva, phone="+44 20 7946 0002"), id="msg_2")
    order = {"customer": eva | {"phone": "+44 20 7946 0001", "first_name": "Eva"}}
    service.tell(told("order.created", EARLY, **order), id="msg_1")
    db.session.expire_all()
    customer = db.session.query(Customer).filter_by(email="eva@web.example").one()
    assert (customer.phone, customer.first_name) == ("+44 20 7946 0002", "Eva")


def test_two_services_are_not_compared_by_their_clocks(app: Flask, as_ada: FlaskClient) -> None:
    first, second = Service(app, as_ada), Service(app, as_ada)
    first.tell(told("order.updated", LATER, status="Fulfilled"))
    second.tell(told("order.updated", EARLY, status="Confirmed"))
    assert web_order().status == "confirmed"


def test_a_message_from_the_future_does_not_make_every_other_late(service: Service) -> None:
    service.tell(told("order.updated", "2099-01-01T00:00:00Z", status="Confirmed"), id="msg_1")
    service.tell(told("order.updated", "2099-01-02T00:00:00Z", status="Fulfilled"), id="msg_2")
    assert web_order().status == "fulfilled"


@pytest.mark.parametrize("at", ["yesterday", "", [1], {"at": 1}, True])
def test_an_unreadable_time_is_refused_with_a_sentence(service: Service, at: object) -> None:
    before = all_rows()
    answer = service.tell(told("order.updated", at, status="Confirmed"))
    assert answer.status_code == 400 and "“timestamp” has to be a time" in answer.json["detail"]
    assert all_rows() == before


STATUSES = ("Unconfirmed", "Confirmed", "Fulfilled")
MESSAGES = st.dictionaries(
    st.integers(0, 50),
    st.fixed_dictionaries(
        {}, optional={"status": st.sampled_from(STATUSES), "note": st.text("abc", min_size=1, max_size=3)}
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_messages_in_any_order_leave_the_record_as_if_in_their_own(service: Service, data: Any) -> None:
    messages = data.draw(MESSAGES)
    number = f"W-{shop.occurrences()[-1].id if shop.occurrences() else 0}-{len(messages)}"
    for minute in data.draw(st.permutations(sorted(messages))):
        at = (NOW - dt.timedelta(days=2) + dt.timedelta(minutes=minute)).isoformat()
        body = told("order.updated", at, **messages[minute] | {"number": number})
        assert service.tell(body, id=f"{number}-{minute}").status_code in (200, 201)
    expected: dict[str, str] = {}
    for minute in sorted(messages):
        expected |= messages[minute]
    seen = service_record(number)
    assert seen["note"] == expected.get("note", "")
    assert seen["status"] == expected.get("status", "Unconfirmed").lower()


def service_record(number: str) -> Mapping[str, str]:
    db.session.expire_all()
    order = db.session.query(Order).filter_by(number=number).one()
    return {"note": order.note, "status": order.status}
