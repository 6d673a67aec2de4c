"""What an action did, in full: also of those that succeeded."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import write
from automations.models.tables.run import Attempt
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.web.pages import assert_fragment, text_of
from tests.world import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sent() -> int:
    """The id of a run that sent an email."""
    shop.publish_automation("Thanks", "created")
    person = shop.place_customer("C-50", first_name="Ann", email="ann@example.org").id
    shop.place_order("1", customer_id=person)
    perform_due()
    return shop.runs()[0].id


def test_a_success_says_what_was_sent_to_whom_and_when(as_finn: FlaskClient, sent: int) -> None:
    page = as_finn.get(f"/runs/{sent}")
    words = text_of(page)
    assert "For Order 1 , by Thanks , version 1" in words
    assert "To ann@example.org Subject Thank you Text We have it." in words
    part = as_finn.get(f"/runs/{sent}", headers=HTMX)
    assert "<html" not in part.text and "We have it." in part.text and "HX-Request" in part.headers["Vary"]


def test_every_log_leads_to_it(as_finn: FlaskClient, sent: int) -> None:
    for address in ("/activity", "/automations/1/runs", "/automations/1/overview", "/orders/1"):
        assert f'hx-get="/runs/{sent}"' in as_finn.get(address).text, address


def test_a_task_was_done_and_not_sent(as_finn: FlaskClient) -> None:
    task = {"kind": "create_task", "settings": {"title": "Call", "assignee": "manager", "priority": "high"}}
    shop.publish_automation("Calls", "created", actions=[task])
    shop.place_order("1")
    perform_due()
    log = text_of(as_finn.get("/orders/1"))
    assert "What was done" in log and "What was sent" not in log


def test_bodies_and_answers_of_requests_are_for_those_who_edit(
    as_finn: FlaskClient, as_rosa: FlaskClient
) -> None:
    shop.publish_automation("Book", "created", actions=[shop.request_to("https://courier.example/book")])
    shop.place_order("1")
    run_id = shop.runs()[0].id
    prepared = {"kind": "http_request", "to": "courier.example", "to_name": "", "channel": "http"}
    prepared |= {"subject": "POST https://courier.example/book", "body": '{"ring": "twice"}'}
    with write() as session:
        attempt = Attempt(run_id=run_id, number=1, result="sent", prepared=prepared, started_at=NOW)
        attempt.answer = {"status": 201, "body": '{"id": 7}', "cut": False}
        session.add(attempt)
    shop.set_run(run_id, state="succeeded", finished_at=NOW)
    seen, hidden = text_of(as_rosa.get(f"/runs/{run_id}")), text_of(as_finn.get(f"/runs/{run_id}"))
    assert '{"ring": "twice"}' in seen and '201 {"id": 7}' in seen
    assert "ring" not in hidden and '"id"' not in hidden and "courier.example" in hidden


def test_one_that_has_not_begun_says_when_it_is_due(as_finn: FlaskClient) -> None:
    later = {"when": "after", "amount": "2", "unit": "days"}
    shop.publish_automation("Later", "created", actions=[shop.email_to() | {"timing": later}])
    shop.place_order("1")
    assert "It has not begun: it is due 24 Nov 10:00" in text_of(as_finn.get("/runs/1"))


def test_those_that_listened_and_did_not_apply_unfold(as_finn: FlaskClient) -> None:
    for name in ("Large", "Larger"):
        shop.publish_automation(name, "created", shop.condition("total", "greater_than", "40.00"))
    order = shop.place_order("1", total=10)
    words = text_of(as_finn.get("/activity"))
    assert "2 automations did not apply" in words
    address = f"/orders/1/occurrences/{shop.occurrences()[-1].id}?part=others"
    part = as_finn.get(address, headers=HTMX)
    assert "<html" not in part.text and order.id
    assert "Large : Total is £10.00, needs over £40.00" in text_of(part)
    assert_fragment(as_finn.get(address.partition("?")[0], headers=HTMX), "#occurrence-1")
