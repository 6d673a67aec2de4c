"""The lists of records: what a row and, on a phone, a card says, and addresses nobody can write to."""

from __future__ import annotations

import datetime as dt

from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from tests.kit.shop import place_customer, place_event, place_order
from tests.web.pages import sign_in, text_of


def test_an_address_that_cannot_be_written_to_is_marked(client: FlaskClient) -> None:
    place_customer("C-1", email="petra@@oakes.example", phone="0207")
    place_customer("C-2", email="anna@oakes.example", phone="+44 20 7946 0029")
    place_customer("C-3", email="", phone="")
    page = sign_in(client, "rosa").get("/customers").text
    assert page.count("contact-bad") == 4  # address and phone, in the row and in the card
    words = text_of(client.get("/customers?q=C-1"))
    assert "petra@@oakes.example : not valid" in words and "0207: not valid" in words
    assert "not valid" not in text_of(client.get("/customers?q=C-2"))
    assert "no email address" in text_of(client.get("/customers?q=C-3"))


def test_an_order_of_nobody_is_a_walk_in(client: FlaskClient) -> None:
    place_order("A-1")
    assert "Walk-in" in text_of(sign_in(client, "rosa").get("/orders"))
    place_event("E-1", name="Autumn fair")
    words = text_of(client.get("/events"))
    assert "Autumn fair" in words and "No customer" in words


def test_a_filter_that_is_set_is_counted_on_its_button(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    place_order("A-1")
    assert "Filter 2" in text_of(client.get("/orders?status=confirmed&payment_status=paid"))
    assert "Filter 2" not in text_of(client.get("/orders"))


def test_consent_is_a_checkbox_that_says_since_when(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    place_customer("C-1", marketing_consent=True)
    place_customer("C-2")
    with write() as session:
        row = session.query(Customer).filter_by(number="C-1").one()
        row.marketing_consent_since = dt.datetime(2025, 11, 7, 12, 50, tzinfo=dt.UTC)
    page = client.get("/customers/C-1/edit")
    assert 'class="form-check-input" id="marketing_consent"' in page.text
    assert "Given 7 Nov 2025 12:50" in text_of(page)
    assert "Given" not in text_of(client.get("/customers/C-2/edit"))
    db.session.rollback()


def test_the_audit_says_from_what_to_what_and_keeps_nothing_personal(
    as_ada: FlaskClient, client: FlaskClient
) -> None:
    sign_in(client, "rosa")
    place_order("A-1", payment_status="unpaid")
    client.post("/orders/A-1/status", data={"revision": "1", "payment_status": "paid"})
    place_customer("C-1", email="anna@oakes.example")
    seen = str(db.session.query(Customer).filter_by(number="C-1").one().revision)
    changed = {"revision": seen, "email": "anna@petrova.example", "marketing_consent": "y"}
    assert client.post("/customers/C-1", data=changed).status_code == 303
    words = text_of(as_ada.get("/settings/audit"))
    assert "Rosa Lind changed the payment status of order A-1 from Unpaid to Paid" in words
    assert "the email" in words and "petrova" not in words
    assert "from no to yes" in words
