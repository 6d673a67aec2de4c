"""The pages of events."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.event import Event
from tests.kit import shop
from tests.kit.words_caught_up import words_caught_up
from tests.web.pages import assert_fragment, text_of

HTMX = {"HX-Request": "true"}
LONG = "Grand Hotel & Conference Centre Königswinter am Rhein"


def test_an_empty_list_explains_what_an_event_is(as_rosa: FlaskClient) -> None:
    assert "A wedding, a funeral, a corporate job" in text_of(as_rosa.get("/events"))


def test_an_event_is_created_by_hand_and_shown_with_its_facts(as_rosa: FlaskClient) -> None:
    sent = {
        "name": LONG,
        "status": "draft",
        "payment_status": "unpaid",
        "event_type": "wedding",
        "guests": "120",
    }
    sent |= {"event_date": "2027-05-01", "budget": "5000", "customer": "C-1"}
    answer = as_rosa.post("/events", data=sent, follow_redirects=True)
    words = text_of(answer)
    assert "Event E-1001" in words and LONG in words and "1 May 2027" in words and "£5,000.00" in words
    event = db.session.query(Event).one()
    assert (event.event_date, event.guests, event.budget) == (dt.date(2027, 5, 1), 120, Decimal("5000.00"))


def test_an_empty_budget_stays_empty_and_an_empty_total_is_zero(as_rosa: FlaskClient) -> None:
    as_rosa.post(
        "/events", data={"number": "E-1", "status": "draft", "payment_status": "unpaid", "guests": ""}
    )
    event = db.session.query(Event).one()
    assert (event.budget, event.guests, event.total) == (None, None, Decimal("0.00"))


def test_every_change_of_status_is_evaluated(as_rosa: FlaskClient) -> None:
    shop.publish_automation("Follow up", "status_changed", subject="event", after="follow_up")
    shop.place_event(status="quote_sent")
    for place, status in enumerate(("follow_up", "quote_sent", "follow_up"), start=1):
        sent = {"status": status, "payment_status": "unpaid", "revision": str(place)}
        as_rosa.post("/events/E-7/status", data=sent)
    assert len(shop.runs()) == 2


def test_events_are_filtered_by_type(as_rosa: FlaskClient) -> None:
    shop.place_event("E-1", event_type="wedding")
    shop.place_event("E-2", event_type="funeral")
    answer = as_rosa.get("/events?event_type=funeral", headers=HTMX)
    assert_fragment(answer, "#records")
    assert "/events/E-2" in answer.text and "/events/E-1" not in answer.text


def test_events_are_found_by_name(as_rosa: FlaskClient) -> None:
    shop.place_event("E-1", name="Petrova wedding")
    shop.place_event("E-2", name="Board meeting")
    words_caught_up()
    assert "/events/E-1" in as_rosa.get("/events?q=wedding").text
    assert "/events/E-2" not in as_rosa.get("/events?q=wedding").text


def test_an_event_of_another_store_is_not_found(as_mallory: FlaskClient) -> None:
    shop.place_event()
    assert as_mallory.get("/events/E-7").status_code == 404


def test_an_invalid_number_of_guests_gets_one_error(as_rosa: FlaskClient) -> None:
    sent = {"status": "draft", "payment_status": "unpaid", "guests": "a dozen"}
    answer = as_rosa.post("/events", data=sent)
    assert answer.status_code == 422 and 'value="a dozen"' in answer.text
    assert text_of(answer).count("Enter a whole number from 0 to 1,000,000.") == 1
    assert "valid integer" not in answer.text
