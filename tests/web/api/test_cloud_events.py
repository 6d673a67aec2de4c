"""CloudEvents in all their forms, and signatures by the older names of their headers."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from automations.connectors.cloud_events import MOST
from automations.connectors.standard_webhooks import about
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from tests.kit.rows import all_rows
from tests.web.api.test_inbound_webhooks import Service, body_of, headers_of

BATCH = {"content-type": "application/cloudevents-batch+json"}
BINARY = {"ce-specversion": "1.0", "ce-id": "7", "ce-source": "/shop", "content-type": "application/json"}


@pytest.fixture
def service(app: Flask, as_ada: FlaskClient) -> Service:
    return Service(app, as_ada)


def send(service: Service, data: Any, id: str = "msg_1", **more: str) -> TestResponse:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    signed = headers_of(body, service.secret, id)
    return service.client.post(service.address, data=body, headers=signed | more)


def event(number: str, type: str = "order.created", **more: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": f"e-{number}", "source": "/shop", "type": type} | {
        "data": {"number": number, **more}
    }


def order(number: str) -> Order:
    db.session.expire_all()
    return db.session.query(Order).filter_by(number=number).one()


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("order.created", ("order", "created")),
        ("example.shop.order.Created.v2", ("order", "created")),
        ("example.shop.v1.order.created", ("order", "created")),
        ("example.order.v1beta2.updated", ("order", "updated")),
        ("example.event.changed.2026-11-01", ("event", "changed")),
        ("example.customer.updated/1.0", ("customer", "updated")),
        ("order.created.1.2.3", ("order", "created")),
        ("order.deleted.v3", ("order", "deleted")),
        ("order.created.V2", ("order", "created")),
        ("example.order.v1_0.created", ("order", "created")),
        ("example.order.v2-beta.Updated", ("order", "updated")),
        ("Order.Created", ("order", "created")),
        ("example:order:created:v3", ("order", "created")),
        ("Example.Shop.OrderCreated.v1", ("order", "created")),
        ("CustomerUpdated", ("customer", "updated")),
        ("PurchaseOrderCreated", ("", "")),
        ("example.pre-order.created", ("", "")),
        ("OrderCreatedLater", ("", "")),
        ("invoice.paid.v1", ("", "")),
        ("order.created.later", ("", "")),
        ("order", ("", "")),
        ("order.v1", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_type_may_have_a_domain_and_a_version(type: str, expected: tuple[str, str]) -> None:
    assert about(type) == expected


@given(
    before=st.lists(st.sampled_from(["com", "shop", "v1", "7"]), max_size=3),
    after=st.lists(st.sampled_from(["v1", "2", "2026-11", "v2rc1"]), max_size=3),
)
def test_versions_never_change_what_a_type_is_about(before: list[str], after: list[str]) -> None:
    assert about(".".join([*before, "event", "updated", *after])) == ("event", "updated")


def test_svix_names_of_headers_are_accepted_but_never_mixed(service: Service) -> None:
    body = body_of("W-3")
    standard = headers_of(body, service.secret)
    older = {name.replace("webhook-", "svix-"): value for name, value in standard.items()}
    mixed = older | {"webhook-id": "msg_1"}
    assert service.client.post(service.address, data=body, headers=mixed).status_code == 401
    assert service.client.post(service.address, data=body, headers=older).status_code == 201
    again = service.client.post(service.address, data=body, headers=standard)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_in_binary_mode_the_body_is_the_record(service: Service) -> None:
    answer = send(service, {"number": "W-4"}, **BINARY, **{"ce-type": "example.order.created.v1"})
    assert (answer.status_code, answer.json) == (201, {"number": "W-4", "created": True, "fired": 0})
    changed = send(service, {"number": "W-4"}, **BINARY, **{"ce-type": "example.event.created.v1"})
    assert changed.status_code == 409
    assert send(service, {}, "msg_2", **BINARY, **{"ce-type": "invoice.paid"}).status_code == 202
    no_record = send(service, [1], "msg_3", **BINARY, **{"ce-type": "order.created"})
    assert no_record.status_code == 400 and no_record.json and "the record" in no_record.json["detail"]


def test_a_time_in_a_header_is_never_later_than_the_signature(service: Service) -> None:
    far = {"ce-type": "order.updated", "ce-time": "2099-01-01T00:00:00Z"}
    send(service, {"number": "W-5", "note": "first"}, **BINARY, **far)
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)).isoformat()
    send(service, event("W-5", "order.updated", note="second") | {"time": later}, "msg_2")
    assert order("W-5").note == "second"
    wrong = send(service, {"number": "W-5"}, "msg_3", **BINARY, **far | {"ce-time": "tomorrow"})
    assert wrong.status_code == 400 and wrong.json and "ce-time" in wrong.json["detail"]


def test_a_record_in_base64_is_read(service: Service) -> None:
    envelope = event("") | {"data": None, "data_base64": "eyJudW1iZXIiOiAiVy02In0="}
    assert send(service, envelope).status_code == 201
    assert order("W-6").number == "W-6"
    assert send(service, envelope | {"data_base64": "e*"}, "msg_2").status_code == 400


def test_the_base64_of_an_older_version_is_read_and_a_text_is_no_record(service: Service) -> None:
    older = event("") | {"specversion": "0.3", "data": "eyJudW1iZXIiOiAiVy02In0="}
    assert send(service, older | {"datacontentencoding": "Base64"}).status_code == 201
    assert order("W-6").number == "W-6"
    assert send(service, older, "msg_2").status_code == 400
    assert send(service, older | {"datacontentencoding": "base64", "data": "e*"}, "msg_3").status_code == 400


def test_odd_attributes_and_types_of_content_break_nothing(service: Service) -> None:
    for number, more in enumerate(
        (
            {"specversion": None, "id": 7, "source": [], "dataschema": "x", "partitionkey": {"a": 1}},
            {"subject": "W", "datacontenttype": "text/plain", "sequence": 2**70},
            {"data_base64": None, "time": None, "traceparent": "00-\u0001"},
        )
    ):
        structured = {
            "content-type": "Application/CloudEvents+JSON; charset=UTF-8",
            "ce-type": "invoice.paid",
        }
        answer = send(service, event(f"A-{number}") | more, f"odd_{number}", **structured)
        assert answer.status_code == 201, answer.text
    for content_type in ("application/cloudevents+avro", "application/cloudevents+protobuf"):
        answer = send(service, b"\x00\x01", "odd_9", **{"content-type": content_type})
        assert answer.status_code in (400, 401) and answer.json and answer.json["detail"]
    assert send(service, [], "odd_10", **BATCH).json == []


def test_a_batch_is_taken_event_by_event_and_once(service: Service) -> None:
    person = {"type": "customer.created", "id": "c", "source": "/shop", "data": {"email": "eva@web.example"}}
    batch = [event("W-7"), event("W-7"), person, event("W-8", "order.deleted"), event("W-9", "invoice.paid")]
    answer = send(service, batch, **BATCH)
    assert answer.status_code == 200 and answer.json
    assert [(one["id"], one["status"]) for one in answer.json] == [
        ("e-W-7", 201),
        ("e-W-7", 200),
        ("c", 201),
        ("e-W-8", 202),
        ("e-W-9", 202),
    ]
    assert db.session.query(Customer).filter_by(email="eva@web.example").count() == 1
    before = all_rows()
    assert send(service, batch, **BATCH).json == answer.json and all_rows() == before
    assert send(service, batch[:1], **BATCH).status_code == 409 and all_rows() == before


def test_of_a_batch_with_an_error_nothing_is_written(service: Service) -> None:
    before = all_rows()
    wrong = [event("W-1"), event("W-2", status="Nowhere"), event("W-3") | {"data": [1]}, 7]
    answer = send(service, wrong, **BATCH)
    assert answer.status_code == 422 and answer.json
    assert [one["path"] for one in answer.json["errors"]] == ["1.data.status", "2", "3"]
    for body in (b"{}", b"nonsense", json.dumps([event("W-1")] * (MOST + 1)).encode()):
        refused = send(service, body, **BATCH)
        assert refused.status_code == 400 and refused.json and refused.json["detail"]
    assert all_rows() == before
