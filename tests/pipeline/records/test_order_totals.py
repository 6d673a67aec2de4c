"""The total of an order: given, it stays until it is changed; added up, it follows the lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.models.db import schema
from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit import shop
from tests.kit.downgrading import downgrade
from tests.web.api.conftest import Till, till_of
from tests.web.pages import signed_in, text_of
from tests.web.records.forms import form_values

ONE, THREE = ([{"name": "Roses", "quantity": n, "unit_price": "2.50"}] for n in (1, 3))


@pytest.fixture
def till(app: Flask) -> Till:
    return till_of(app)


@pytest.fixture
def rosas(client: FlaskClient) -> FlaskClient:
    return signed_in(client, "rosa")


def order(number: str = "1") -> tuple[str, bool, int]:
    db.session.rollback()
    row = db.session.query(Order).filter_by(number=number).one()
    return str(row.total), row.total_given, row.item_count


def edit(client: FlaskClient, **changes: str) -> str:
    """Open the form of order 1 as a browser does, change these fields, save; return the page after it."""
    sent = form_values(client.get("/orders/1/edit").text) | changes
    return text_of(client.post("/orders/1", data=sent, follow_redirects=True))


def test_a_total_that_was_sent_stays_when_other_lines_are_sent(till: Till) -> None:
    till.post("/api/orders", {"number": "1", "total": "598.94", "lines": ONE})
    record = till.patch("/api/orders/1", {"lines": THREE}).json["record"]
    assert (record["total"], record["total_given"], record["item_count"]) == ("598.94", True, 3)


def test_a_total_that_happens_to_be_the_sum_stays_too_if_it_was_sent(till: Till) -> None:
    till.post("/api/orders", {"number": "1", "total": "2.50", "lines": ONE})
    assert till.patch("/api/orders/1", {"lines": THREE}).json["record"]["total"] == "2.50"


def test_a_total_that_nobody_sent_follows_the_lines(till: Till) -> None:
    till.post("/api/orders", {"number": "1", "lines": ONE})
    record = till.patch("/api/orders/1", {"lines": THREE}).json["record"]
    assert (record["total"], record["total_given"]) == ("7.50", False)


def test_null_returns_to_adding_up(till: Till) -> None:
    till.post("/api/orders", {"number": "1", "total": "9.00", "lines": THREE})
    assert till.patch("/api/orders/1", {"total": None}).json["record"]["total"] == "7.50"
    assert till.patch("/api/orders/1", {"lines": ONE}).json["record"]["total"] == "2.50"


def test_the_present_total_sent_again_does_not_become_a_given_one(till: Till) -> None:
    till.post("/api/orders", {"number": "1", "lines": ONE})
    for again in ({"total": "2.50"}, {"total": "2.5", "lines": ONE}):
        assert till.patch("/api/orders/1", again).json["triggers"] == []
    assert till.patch("/api/orders/1", {"total": "2.50", "lines": THREE}).json["record"]["total"] == "2.50"
    assert order() == ("2.50", True, 3)


def test_the_form_adds_up_more_items_after_an_empty_total(rosas: FlaskClient) -> None:
    lines = {"lines-0-name": "Roses", "lines-0-quantity": "1", "lines-0-unit_price": "2.50"}
    sent = form_values(rosas.get("/orders/new").text) | lines | {"number": "1", "total": ""}
    rosas.post("/orders", data=sent)
    page = rosas.get("/orders/1/edit").text
    assert "Added up from the items: £2.50." in page and form_values(page)["total"] == ""
    edit(rosas, **{"lines-0-quantity": "3"})
    assert order() == ("7.50", False, 3)


def test_the_form_keeps_a_written_total_and_says_so(rosas: FlaskClient, till: Till) -> None:
    till.post("/api/orders", {"number": "1", "lines": ONE})
    edit(rosas, total="9.00")
    assert "Given: it stays when the items change." in rosas.get("/orders/1/edit").text
    edit(rosas, **{"lines-0-quantity": "3"})
    assert order() == ("9.00", True, 3)
    edit(rosas, total="")
    assert order() == ("7.50", False, 3)


def test_a_conflict_says_that_the_other_total_is_added_up(rosas: FlaskClient, till: Till) -> None:
    till.post("/api/orders", {"number": "1", "lines": ONE})
    sent = form_values(rosas.get("/orders/1/edit").text) | {"total": "30.00"}
    till.patch("/api/orders/1", {"lines": THREE})
    words = text_of(rosas.post("/orders/1", data=sent))
    assert "It is now “£7.50, added up from the items”." in words


def test_an_order_that_an_automation_or_a_carrier_changes_keeps_its_total(till: Till) -> None:
    till.post("/api/orders", {"number": "1", "total": "598.94", "lines": ONE})
    shop.place_order("1", delivery_status="delivered", tags=["vip"])
    assert order() == ("598.94", True, 1)


STEPS = st.fixed_dictionaries(
    {},
    optional={
        "total": st.sampled_from(["0.00", "2.50", "7.50", "9.99", None]),
        "lines": st.sampled_from([[], ONE, THREE, ONE + THREE]),
        "note": st.sampled_from(["a", "b"]),
    },
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=1, max_size=6))
def test_whatever_comes_in_whatever_order_the_rule_is_one(till: Till, steps: list[dict[str, Any]]) -> None:
    number = f"P-{db.session.query(Order).count()}"
    total, is_given, lines = Decimal(0), False, []
    for place, step in enumerate(steps):
        record = till.post("/api/orders", step | {"number": number}).json["record"]
        other_lines = "lines" in step and step["lines"] != lines
        lines = step.get("lines", lines)
        if step.get("total") is not None:
            is_given = is_given or place == 0 or Decimal(step["total"]) != total or other_lines
        elif "total" in step:
            is_given = False
        if not is_given:
            total = sum((line["quantity"] * Decimal(line["unit_price"]) for line in lines), Decimal(0))
        elif step.get("total") is not None:
            total = Decimal(step["total"])
        assert (Decimal(record["total"]), record["total_given"]) == (total, is_given)
        assert record["item_count"] == sum(line["quantity"] for line in lines)


def test_orders_from_before_count_as_given_unless_they_are_the_sum(app: Flask, till: Till) -> None:
    for number, total in (("1", "2.50"), ("2", "598.94")):
        till.post("/api/orders", {"number": number, "total": total, "lines": ONE})
    till.post("/api/orders", {"number": "3"})
    till.post("/api/orders", {"number": "4", "total": "5.00"})
    db.session.remove()
    downgrade("0018")
    schema.upgrade()
    assert [order(number)[1] for number in "1234"] == [False, True, False, True]


def test_lines_that_add_up_to_too_much_are_refused_beside_any_total(till: Till) -> None:
    lines = [{"name": "Gold", "quantity": 100_000, "unit_price": "999999999999"}]
    for sent in ({"lines": lines}, {"lines": lines, "total": "1.00"}):
        answer = till.post("/api/orders", sent)
        assert answer.status_code == 422 and answer.json["errors"][0]["path"] == "lines"


def test_the_form_refuses_items_that_add_up_to_too_much(rosas: FlaskClient) -> None:
    lines = {"lines-0-name": "Gold", "lines-0-quantity": "100000", "lines-0-unit_price": "999999999"}
    sent = form_values(rosas.get("/orders/new").text) | lines
    answer = rosas.post("/orders", data=sent)
    assert answer.status_code == 422 and "add up to more than can be kept" in text_of(answer)
