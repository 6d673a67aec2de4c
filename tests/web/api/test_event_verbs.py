"""An event says what it is: only what made or changed a record is taken as one."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.people import Audit
from tests.kit import shop
from tests.kit.rows import all_rows
from tests.web.api.test_inbound_webhooks import Service, body_of, service
from tests.web.api.test_incoming_webhooks import address, call, event, order_of

__all__ = ["address", "service"]


@pytest.mark.parametrize("verb", ["created", "updated", "changed", "Created"])
def test_making_and_changing_is_taken(service: Service, verb: str) -> None:
    assert service.tell(body_of(type=f"order.{verb}", note="x")).status_code == 201


@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        ("deleted", "Nothing is deleted from outside."),
        ("archived", "Nothing is deleted from outside."),
        ("restored", "Nothing was deleted here."),
        ("merged", "Nothing is merged from outside."),
        ("test", "This was a test: the signature is right"),
        ("ping", "This was a test: the signature is right"),
        ("shipped", "“order.shipped” is not taken."),
        ("status_changed", "“order.status_changed” is not taken."),
        ("re-opened", "“order.re-opened” is not taken."),
        ("created!", "“order.created!” is not taken."),
        ("created\0", "“order.created” is not taken."),
        ("x" * 300, "x” is not taken."),
    ],
)
def test_every_other_verb_is_answered_as_not_taken(service: Service, verb: str, sentence: str) -> None:
    shop.publish_automation("Welcome", "created")
    for known in (False, True):
        if known:
            service.tell(body_of(note="as it was"), id="msg_0")
        fired = len(shop.runs())
        answer = service.tell(body_of(type=f"order.{verb}", note="changed"), id=f"msg_{known}")
        assert (answer.status_code, answer.mimetype) == (202, "application/problem+json")
        assert sentence in answer.json["detail"]
        assert len(shop.runs()) == fired
    assert order_of("W-1").note == "as it was"


@pytest.mark.parametrize("subject", ["order", "event", "customer"])
def test_a_deleted_record_is_noted_once_and_for_every_kind(service: Service, subject: str) -> None:
    body = body_of(type=f"{subject}.deleted")
    first = service.tell(body)
    before = all_rows()
    again = service.tell(body)
    assert (first.status_code, again.status_code, first.json) == (202, 202, again.json)
    assert again.headers["Idempotency-Replayed"] == "true" and all_rows() == before
    row = db.session.query(Audit).order_by(Audit.id.desc()).first()
    assert (row.action, row.about) == ("did not take a message about", f"{subject} W-1")
    assert row.after == {"from": "Web shop", "type": f"{subject}.deleted"}
    assert service.tell(body_of(type=f"{subject}.restored")).status_code == 409


@pytest.mark.parametrize(
    "data", [None, [], "gone", {"id": 7}, {"number": 7}, {"number": "W\0" * 90}, {"status": "?"}]
)
def test_what_is_not_taken_may_have_any_data(service: Service, data: object) -> None:
    body = json.dumps({"type": "order.deleted", "data": data}).encode()
    assert service.tell(body).status_code == 202


def test_a_type_that_only_contains_the_word_event_makes_no_event(service: Service) -> None:
    for type in ("webhook.event.test", "billing.event.received"):
        assert service.tell(body_of(type=type), id=type).status_code == 202
    assert shop.occurrences() == []


@pytest.mark.parametrize(
    "more", [{"description": "tracker.deleted"}, {"description": "tracker.merged"}, {"mode": "test"}]
)
def test_a_carriers_test_or_unknown_event_changes_no_order(
    client: FlaskClient, address: str, more: dict[str, str]
) -> None:
    shop.place_order(tracking_number="JD0002")
    assert call(client, address, event(status="delivered", **more)).status_code == 202
    assert order_of().delivery_status is None
    created = event("evt_2", status="delivered", description="tracker.created", mode="production")
    assert call(client, address, created).status_code == 200
    assert order_of().delivery_status == "delivered"
