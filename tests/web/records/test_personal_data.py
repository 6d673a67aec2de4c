"""Exporting and erasing one customer's personal data."""

from __future__ import annotations

import json

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.people import Audit
from tests.kit.shop import place_customer, place_order
from tests.web.pages import text_of

PAGE = "/customers/C-1/personal-data"


def test_only_an_admin_is_offered_the_page(as_ada: FlaskClient, as_rosa: FlaskClient) -> None:
    assert PAGE in as_ada.get("/customers/C-1").text
    assert PAGE not in as_rosa.get("/customers/C-1").text
    assert as_rosa.get(PAGE).status_code == 403
    assert as_rosa.post("/customers/C-1/erasure").status_code == 403


def test_the_export_holds_everything_about_the_customer(as_ada: FlaskClient) -> None:
    place_order("1042", customer_id=_anna().id, note="Ring twice")
    answer = as_ada.get(f"{PAGE}.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    data = json.loads(answer.data)
    assert data["customer"]["email"] == "anna@grandhotel.example"
    assert [order["number"] for order in data["orders"]] == ["1042"]
    assert data["log"][0]["snapshot"]["note"] == "Ring twice"


def test_opening_the_page_changes_nothing_and_one_click_erases(as_ada: FlaskClient) -> None:
    assert "Erase Anna Petrova" in text_of(as_ada.get(PAGE))
    assert as_ada.get("/customers/C-1/erasure").status_code == 405
    answer = as_ada.post("/customers/C-1/erasure", follow_redirects=True)
    assert "The customer is erased" in text_of(answer) and "Petrova" not in answer.text
    assert "Nothing here identifies them any more" in text_of(as_ada.get(PAGE))
    noted = [(row.action, row.about) for row in db.session.query(Audit).order_by(Audit.id.desc()).limit(1)]
    assert noted == [("erased", "personal data of customer C-1")]


def test_a_customer_whose_number_is_unfit_for_an_address_can_be_erased(as_ada: FlaskClient) -> None:
    place_customer("Nº 7 & co", first_name="Zoe")
    page = as_ada.get("/customers?q=Zoe").text
    address = page.partition('href="/customers/~')[2].partition('"')[0]
    assert as_ada.get(f"/customers/~{address}/personal-data").status_code == 200
    assert as_ada.post(f"/customers/~{address}/erasure").status_code == 303


def _anna() -> Customer:
    return db.session.query(Customer).filter_by(number="C-1").one()
