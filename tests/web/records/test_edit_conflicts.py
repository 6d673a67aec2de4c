"""A record that somebody changed while its form was open: nothing is lost or taken back unseen."""

from __future__ import annotations

from decimal import Decimal

from flask.testing import FlaskClient

from tests.kit import shop
from tests.web.pages import text_of
from tests.web.records.forms import form_values
from tests.web.records.test_order_pages import form_of, order


def test_a_conflicting_edit_shows_both_values_and_saves_nothing(as_rosa: FlaskClient) -> None:
    shop.place_order(total=Decimal("10.00"))
    shop.place_order(total=Decimal("20.00"), status="picked")
    answer = as_rosa.post("/orders/10482", data=form_of(revision="1", total="30"))
    assert answer.status_code == 409
    words = text_of(answer)
    assert "Someone else changed this record" in words
    assert "It is now “20.00”." in words and "It is now “Picked”." in words
    assert 'value="30"' in answer.text
    assert order().total == Decimal("20.00")
    as_rosa.post("/orders/10482", data=form_of(revision="2", total="30"))
    assert order().total == Decimal("30.00")


def test_a_conflict_leaves_alone_what_was_not_touched_here(as_rosa: FlaskClient) -> None:
    line = {"lines-0-name": "Roses", "lines-0-quantity": "2", "lines-0-unit_price": "5.00"}
    shop.place_order(total=Decimal("10.00"))
    as_rosa.post("/orders/10482", data=form_of(revision="1", note="Ring\r\ntwice") | line)
    address = "/orders/10482"
    opened = form_values(as_rosa.get(f"{address}/edit").text)
    theirs = {"status": "picked", "lines-0-quantity": "3", "delivery_address-city": "Bath"}
    as_rosa.post(address, data=opened | theirs)
    refused = as_rosa.post(address, data=opened | {"total": "30"})
    assert refused.status_code == 409
    again = form_values(refused.text)
    assert {name: again[name] for name in theirs} == theirs and again["total"] == "30"
    assert "It is now “Picked”" not in text_of(refused)
    as_rosa.post(address, data=again)
    assert (order().status, order().total) == ("picked", Decimal("30.00"))
    assert order().note == "Ring\ntwice" and order().lines[0]["quantity"] == 3


def test_a_conflict_names_the_person_or_says_that_it_was_oneself(
    as_rosa: FlaskClient, as_ada: FlaskClient
) -> None:
    shop.place_order()
    as_rosa.post("/orders/10482", data=form_of(revision="1", note="Ring once"))
    own = as_rosa.post("/orders/10482", data=form_of(revision="1", note="Ring twice"))
    assert own.status_code == 409
    assert "You changed this record yourself after this page was opened. Your changes" in text_of(own)
    adas = as_ada.post("/orders/10482", data=form_of(revision="1", note="Knock"))
    assert "Rosa Lind changed this record after this page was opened. Your changes" in text_of(adas)
