"""The currency of an order is chosen in its form; nothing is converted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.models.tables.people import Audit
from automations.models.tables.run import Run
from tests.kit.own_fields import own_field
from tests.kit.shop import condition, email_to, place_order, publish_automation
from tests.web.pages import signed_in, text_of
from tests.web.records.forms import form_values
from tests.web.undo.test_undo import undo_in

_NEW = {"number": "1", "status": "unconfirmed", "payment_status": "unpaid"}
_LINES = [{"sku": "", "name": "Roses", "category": "", "quantity": 2, "unit_price": "12.50"}]


@pytest.fixture
def rosas(client: FlaskClient) -> FlaskClient:
    return signed_in(client, "rosa")


def order() -> Order:
    db.session.expire_all()
    return db.session.query(Order).one()


def edited(client: FlaskClient, **typed: str) -> tuple[int, str]:
    values = form_values(client.get("/orders/1/edit").text) | typed
    answer = client.post("/orders/1", data=values, follow_redirects=True)
    return answer.status_code, answer.text


def test_a_new_order_is_in_the_stores_currency_unless_another_is_chosen(rosas: FlaskClient) -> None:
    page = rosas.get("/orders/new").text
    assert form_values(page)["currency"] == "GBP"
    assert '<option value="JPY">JPY · Japanese Yen</option>' in page
    assert rosas.post("/orders", data=_NEW | {"currency": "JPY", "total": "5400"}).status_code == 303
    assert (order().currency, order().total) == ("JPY", Decimal(5400))
    page = text_of(rosas.get("/orders/1"))
    assert "¥5,400" in page and "Currency JPY · Japanese Yen" in page
    assert "JPY" in rosas.get("/orders.csv").text
    rosas.post("/orders", data=_NEW | {"number": "2", "total": "5.40"})
    assert db.session.query(Order.currency).filter_by(number="2").scalar() == "GBP"
    assert "Pound" not in text_of(rosas.get("/orders/2"))


def test_amounts_have_the_decimals_of_the_chosen_currency_and_stay_as_typed(rosas: FlaskClient) -> None:
    own_field("Deposit", "money")
    wrong = {"total": "54.50", "own_deposit": "9.75", "lines-0-name": "Roses", "lines-0-unit_price": "1.25"}
    refused = rosas.post("/orders", data=_NEW | wrong | {"currency": "JPY"})
    assert refused.status_code == 422
    for typed in ("54.50", "9.75", "1.25"):
        assert f'value="{typed}"' in refused.text and f"JPY, not “{typed}”" in text_of(refused)
    assert '<option selected value="JPY">' in refused.text
    assert rosas.post("/orders", data=_NEW | wrong | {"currency": "EUR"}).status_code == 303
    assert (order().currency, order().total, order().custom) == ("EUR", Decimal("54.50"), {"deposit": "9.75"})


def test_what_is_no_currency_is_refused_and_says_so(rosas: FlaskClient) -> None:
    for odd in ("ZZZ", "gbp", "£"):
        refused = rosas.post("/orders", data=_NEW | {"currency": odd, "note": "Ring twice"})
        assert refused.status_code == 422 and "Choose a currency from the list." in text_of(refused)
        assert "Ring twice" in refused.text
    assert db.session.query(Order).count() == 0


def test_another_currency_changes_no_amount_and_the_audit_says_both(rosas: FlaskClient) -> None:
    place_order("1", lines=_LINES, total=Decimal("30.00"), shipping=Decimal("5.00"))
    assert edited(rosas, currency="USD", shipping="6")[0] == 200
    now = order()
    assert (now.currency, now.total, now.shipping, now.lines) == ("USD", 30, 6, _LINES)
    noted = db.session.query(Audit).order_by(Audit.number.desc()).first()
    assert noted is not None
    assert noted.before == {"currency": "GBP", "shipping": "£5.00"}
    assert noted.after == {"currency": "USD", "shipping": "$6.00"}


def test_amounts_that_the_new_currency_does_not_have_are_refused_even_if_left_alone(
    rosas: FlaskClient,
) -> None:
    place_order("1", lines=_LINES, amount_paid=Decimal("12.00"))
    status, page = edited(rosas, currency="JPY")
    assert status == 422 and "JPY, not “12.50”" in page and "JPY, not “12.00”" not in page
    assert order().currency == "GBP"
    status, _ = edited(rosas, currency="JPY", **{"lines-0-unit_price": "1250"})
    assert (status, order().currency, order().total, order().amount_paid) == (200, "JPY", 2500, 12)


def test_an_added_up_total_is_added_up_anew_in_the_decimals_of_the_currency(rosas: FlaskClient) -> None:
    place_order("1", lines=[{**_LINES[0], "quantity": 0.5, "unit_price": "25.00"}])
    assert order().total == Decimal("12.50")
    address = undo_in(edited(rosas, currency="JPY")[1])
    assert (order().currency, order().total) == ("JPY", 13)
    told = text_of(rosas.get(address.removesuffix("/undo")))
    rosas.post(address)
    assert (order().currency, order().total, order().total_given) == ("GBP", Decimal("12.50"), False)
    assert "JPY" in told and "GBP" in told


def test_a_form_without_the_control_and_one_only_opened_leave_the_currency(rosas: FlaskClient) -> None:
    place_order("1", currency="JPY", total=Decimal(5000))
    values = form_values(rosas.get("/orders/1/edit").text)
    assert values["currency"] == "JPY"
    answer = rosas.post("/orders/1", data=values, follow_redirects=True)
    assert "There were no changes to save." in text_of(answer)
    del values["currency"]
    rosas.post("/orders/1", data=values | {"note": "Ring twice"})
    assert (order().currency, order().note) == ("JPY", "Ring twice")


def test_a_condition_compares_the_amounts_of_an_order_from_the_form_only_in_the_stores_currency(
    rosas: FlaskClient,
) -> None:
    publish_automation(
        "Big", "created", condition("total", "greater_than", "20.00"), actions=[email_to("manager")]
    )
    rosas.post("/orders", data=_NEW | {"currency": "EUR", "total": "30"})
    assert db.session.query(Run).count() == 0
    rosas.post("/orders", data=_NEW | {"number": "2", "currency": "GBP", "total": "30"})
    assert db.session.query(Run).count() == 1


def test_whoever_saved_another_currency_meanwhile_is_told_to_the_other(rosas: FlaskClient) -> None:
    place_order("1", total=Decimal(5000))
    values = form_values(rosas.get("/orders/1/edit").text)
    assert edited(rosas, currency="JPY")[0] == 200
    answer = rosas.post("/orders/1", data=values | {"note": "Ring twice"})
    assert answer.status_code == 409 and "It is now “JPY · Japanese Yen”." in text_of(answer)
