"""Forms read amounts and quantities as the store writes them, and say how they read what may be two."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from tests.kit.own_fields import own_field
from tests.web.api.conftest import problems, till_of
from tests.web.pages import signed_in, text_of
from tests.web.records.forms import form_values

BARE = {"number": "1", "status": "unconfirmed", "payment_status": "unpaid"}


@pytest.fixture
def rosas(client: FlaskClient) -> FlaskClient:
    return signed_in(client, "rosa")


def store_is(language: str, currency: str) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        store.language, store.currency = language, currency


def saved(rosas: FlaskClient, **typed: str) -> Order:
    answer = rosas.post("/orders", data=BARE | typed)
    assert answer.status_code == 303, text_of(answer)
    return db.session.query(Order).filter_by(number="1").one()


@pytest.mark.parametrize(
    ("language", "currency", "typed"),
    [
        ("de-DE", "EUR", "1.234,50"),
        ("de-DE", "EUR", "1234.50"),
        ("de-DE", "EUR", "1.234,50 €"),
        ("de-DE", "EUR", "EUR 1234,5"),
        ("de-CH", "CHF", "CHF 1’234.50"),
        ("fr-FR", "EUR", "1\u202f234,50\u00a0€"),
        ("pl-PL", "PLN", "1\u00a0234,50\u00a0zł"),
        ("sv-SE", "SEK", "1\u00a0234,50\u00a0kr"),
        ("en-GB", "GBP", "£1,234.50"),
    ],
)
def test_amounts_are_read_everywhere_in_the_form(
    rosas: FlaskClient, language: str, currency: str, typed: str
) -> None:
    store_is(language, currency)
    own_field("Deposit", "money")
    line = {"lines-0-name": "Silk", "lines-0-quantity": "1", "lines-0-unit_price": typed}
    order = saved(rosas, total=typed, amount_refunded=typed, own_deposit=typed, **line)
    amounts = (order.total, order.amount_refunded, order.lines[0]["unit_price"], order.custom["deposit"])
    assert [Decimal(str(amount)) for amount in amounts] == [Decimal("1234.5")] * 4
    form = form_values(rosas.get("/orders/1/edit").text)
    same = rosas.post("/orders/1", data=form, follow_redirects=True)
    assert "There were no changes to save." in text_of(same)


def test_an_amount_that_may_be_two_is_told_as_it_was_read(rosas: FlaskClient) -> None:
    store_is("de-DE", "EUR")
    own_field("Deposit", "money")
    assert "1.234,5 and 1234.5 are the same here, and 1.234 is 1234." in text_of(rosas.get("/orders/new"))
    line = {"lines-0-name": "Silk", "lines-0-quantity": "1,250", "lines-0-unit_price": "12"}
    answer = rosas.post("/orders", data=BARE | line | {"total": "1.234", "own_deposit": "2.000"})
    page = text_of(rosas.get(answer.location))
    assert "“1.234” was read as 1234. “2.000” was read as 2000." in page
    assert "“1,250” was read as 1 and 250 thousandths." in page
    order = db.session.query(Order).filter_by(number="1").one()
    assert (order.total, order.lines[0]["quantity"]) == (Decimal(1234), 1.25)
    assert "1,25 ×" in page
    form = form_values(rosas.get("/orders/1/edit").text) | {"note": "Ring"}
    again = text_of(rosas.post("/orders/1", data=form, follow_redirects=True))
    assert "is saved" in again and "was read as" not in again


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("12,345", "Needs at most 2 decimals in EUR, not “12,345”."),
        ("0,005", "Needs at most 2 decimals in EUR, not “0,005”."),
        ("0,0000000000005", "Needs at most 2 decimals in EUR, not “0,0000000000005”."),
        ("99999999999999,00", "Enter an amount from 0 to 999.999.999,99."),
        ("$12", "Enter an amount in EUR such as 86,00."),
        ("viel", "Enter an amount such as 86,00."),
        ("1.23.4", "Enter an amount such as 86,00."),
    ],
)
def test_what_is_refused_stays_as_it_was_typed(rosas: FlaskClient, typed: str, sentence: str) -> None:
    store_is("de-DE", "EUR")
    refused = rosas.post("/orders", data=BARE | {"total": typed})
    assert refused.status_code == 422 and sentence in text_of(refused)
    assert f'value="{typed}"' in refused.text


@pytest.mark.parametrize(("typed", "kept"), [("1.234,5", 1234.5), ("1234.5", 1234.5), ("-3", -3.0)])
def test_a_number_of_the_stores_own_is_read_the_same_way(rosas: FlaskClient, typed: str, kept: float) -> None:
    store_is("de-DE", "EUR")
    own_field("Metres", "number")
    order = saved(rosas, own_metres=typed)
    assert float(order.custom["metres"]) == kept
    shown = form_values(rosas.get("/orders/1/edit").text)["own_metres"]
    assert shown == str(order.custom["metres"]).replace(".", ",")
    refused = rosas.post("/orders", data=BARE | {"number": "2", "own_metres": "viel"})
    assert refused.status_code == 422 and 'value="viel"' in refused.text


@pytest.mark.parametrize(
    ("type", "typed", "sentence"),
    [
        ("money", "12,345", "Needs at most 2 decimals in EUR, not “12,345”."),
        ("number", "viel", "Needs a number such as 40,00, not “viel”."),
        ("number", "99999999999999999,5", "a usual size such as 40,00, not “99999999999999999,5”."),
    ],
)
def test_a_field_of_the_stores_own_is_refused_in_its_notation(
    rosas: FlaskClient, type: str, typed: str, sentence: str
) -> None:
    store_is("de-DE", "EUR")
    own_field("Deposit", type)
    refused = rosas.post("/orders", data=BARE | {"own_deposit": typed})
    assert refused.status_code == 422 and sentence in text_of(refused)


def test_the_api_of_a_german_store_answers_in_plain_notation(app: Flask, rosas: FlaskClient) -> None:
    store_is("de-DE", "EUR")
    own_field("Deposit", "number")
    rosas.get("/orders/new")
    answer = till_of(app).post("/api/orders", {"total": "12.345", "custom": {"deposit": "many"}})
    told = problems(answer)
    assert told["total"] == "Needs at most 2 decimals in EUR, not “12.345”."
    assert told["custom.deposit"] == "Needs a number such as 40.00, not “many”."
