"""Paused automations and closed endpoints say why and can be reopened; loops are shown before publishing."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.called_host import CalledHost, ClosedEndpoint
from automations.models.tables.people import Audit
from automations.models.tables.store import Store
from automations.pipeline.delivery import circuit_breaker
from tests.kit.doing import perform_all
from tests.kit.shop import draft_automation, place_order, publish_automation, request_to
from tests.web.pages import text_of
from tests.world import NOW

URL = "https://api.courier.example/jobs/{{ order.number }}"
HOST = "api.courier.example"


def sets(name: str, after: str, value: str, draft: bool = False, trigger: str = "status_changed") -> int:
    field = "payment_status" if value in ("Paid", "Void") else "status"
    action: dict[str, Any] = {"kind": "change_data", "settings": {"field": field, "value": value}}
    make = draft_automation if draft else publish_automation
    return make(name, trigger, after=after, actions=[action])


@pytest.fixture
def paused(app: object) -> int:
    """Return the id of an automation that was paused because it went round in circles."""
    sets("Confirm", "picked", "confirmed")
    id = sets("Pick", "confirmed", "picked")
    place_order()
    place_order(status="confirmed")
    perform_all()
    return id


def test_the_page_and_the_list_say_that_an_automation_is_paused_and_why(
    as_finn: FlaskClient, paused: int
) -> None:
    words = text_of(as_finn.get(f"/automations/{paused}"))
    assert "Paused" in words and "The chain: “Pick” → “Confirm” → “Pick”." in words
    assert "Switch it on again" not in words
    assert "Paused Pick" in text_of(as_finn.get("/automations"))


def test_a_manager_can_switch_a_paused_automation_on_again(as_rosa: FlaskClient, paused: int) -> None:
    page = as_rosa.get(f"/automations/{paused}")
    assert "Switch it on again" in text_of(page)
    answer = as_rosa.post(f"/automations/{paused}/activation", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/")
    assert db.session.get_one(Automation, paused).active_version_id
    assert "Paused" not in text_of(as_rosa.get(f"/automations/{paused}"))


def test_managers_are_notified_of_a_pause(as_rosa: FlaskClient, paused: int) -> None:
    words = text_of(as_rosa.get("/notifications"))
    assert "“Pick” was paused" in words and "The chain: “Pick” → “Confirm” → “Pick”." in words


def test_a_loop_is_shown_before_publishing(as_rosa: FlaskClient) -> None:
    sets("Pay", "picked", "Paid")
    sets("Confirm", "paid", "confirmed", trigger="payment_status_changed")
    words = text_of(as_rosa.get(f"/automations/{sets('Pick', 'confirmed', 'Picked', draft=True)}"))
    assert "This automation may start itself again through “Pay”, “Confirm”." in words
    steps = [
        "Pick status becomes Picked",
        "Pay payment status becomes Paid",
        "Confirm status becomes confirmed",
    ]
    assert " ".join([*steps, "Pick again, and is then paused"]) in words


def test_an_automation_without_a_loop_says_so(as_rosa: FlaskClient) -> None:
    sets("Confirm", "with_courier", "confirmed")
    words = text_of(as_rosa.get(f"/automations/{sets('Pick', 'confirmed', 'Picked', draft=True)}"))
    assert "No loop: no action here starts this automation again." in words


def close(store: Store) -> int:
    with write() as session:
        endpoint = ClosedEndpoint(store_id=store.id, url=URL, host=HOST, closed_at=NOW)
        session.add(endpoint)
        session.flush()
        return endpoint.id


def test_a_closed_endpoint_is_shown_on_the_automations_page(as_rosa: FlaskClient, bloom: Store) -> None:
    id = close(bloom)
    automation = publish_automation("Book", "created", actions=[request_to(URL)])
    words = text_of(as_rosa.get(f"/automations/{automation}"))
    assert f"Requests to {HOST} are switched off." in words and "gone for good (410)" in words
    assert as_rosa.post(f"/endpoints/{id}/reopening").status_code == 303
    assert db.session.query(ClosedEndpoint).count() == 0
    assert db.session.query(Audit).filter_by(action="switched on").one().about == f"requests to {URL}"
    assert "are switched off" not in text_of(as_rosa.get(f"/automations/{automation}"))


def test_closed_endpoints_of_another_store_are_not_found(as_mallory: FlaskClient, bloom: Store) -> None:
    assert as_mallory.post(f"/endpoints/{close(bloom)}/reopening").status_code == 404
    assert db.session.query(ClosedEndpoint).count() == 1


def test_the_connections_page_shows_failing_hosts_and_closed_endpoints(
    as_ada: FlaskClient, bloom: Store
) -> None:
    assert "Hosts that fail" not in text_of(as_ada.get("/settings/connections"))
    close(bloom)
    with write() as session:
        for _ in range(circuit_breaker.FAILURES):
            circuit_breaker.failed(session, bloom.id, "down.example", "down.example cannot be reached.", NOW)
        circuit_breaker.failed(session, bloom.id, "once.example", "once.example answered 503", NOW)
    words = text_of(as_ada.get("/settings/connections"))
    assert "down.example failed 5 times in a row." in words and "cannot be reached." in words
    assert "once.example failed 1 time in a row, and is still called as usual." in words
    assert f"{HOST} is gone for good at {URL}, so nothing is sent there." in words
    assert db.session.query(CalledHost).count() == 2
