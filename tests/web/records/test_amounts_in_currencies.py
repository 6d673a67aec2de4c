"""The page, the log and the message show an amount alike, in every currency a store can have."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.run import Message
from automations.models.tables.store import Store
from automations.web.settings.store_settings import CURRENCIES
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.own_fields import own_field
from tests.web.api.conftest import problems, till_of
from tests.web.pages import signed_in, text_of

_WRITTEN = {"GBP": "£37.00", "EUR": "€37.00", "USD": "$37.00", "JPY": "¥37", "KWD": "37.000 KWD"}


@pytest.fixture
def rosas(client: FlaskClient) -> FlaskClient:
    return signed_in(client, "rosa")


def in_currency(currency: str) -> None:
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").one().currency = currency


@pytest.mark.parametrize("currency", CURRENCIES)
def test_pages_and_messages_write_an_amount_alike(rosas: FlaskClient, currency: str) -> None:
    in_currency(currency)
    shown = _WRITTEN.get(currency, f"37.00 {currency}")
    message = shop.email_to("manager", "{{ order.total | money }}", "{{ order.total }}")
    shop.publish_automation(
        "Big", "created", shop.condition("total", "greater_than", "20.00"), actions=[message]
    )
    shop.place_order("1", total=Decimal(37))
    shop.place_order("2", total=Decimal(0))
    perform_all()
    (sent,) = db.session.query(Message)
    assert (sent.subject, sent.body) == (shown, shown.strip("£€$¥").partition(" ")[0])
    assert shown in text_of(rosas.get("/orders"))
    assert shown in text_of(rosas.get("/orders/1"))
    nothing, needed = shown.replace("37", "0"), shown.replace("37", "20")
    assert f"Total is {nothing}, needs over {needed}" in text_of(rosas.get("/orders/2"))


def test_the_amounts_of_a_form_and_of_the_builder_are_those_of_the_currency(rosas: FlaskClient) -> None:
    in_currency("JPY")
    form = {"status": "unconfirmed", "payment_status": "unpaid", "total": "1000000000"}
    assert "Enter an amount from 0 to 999,999,999." in text_of(rosas.post("/orders", data=form))
    automation = shop.draft_automation("Big", "created", shop.condition("total", "greater_than"))
    page = rosas.get(f"/automations/{automation}").text
    assert 'placeholder="40"' in page and 'placeholder="40.00"' not in page


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "¥87"), ("KWD", "86.500 KWD"), ("GBP", "£86.50")])
def test_a_sample_record_has_amounts_of_the_currency(rosas: FlaskClient, currency: str, amount: str) -> None:
    in_currency(currency)
    actions = [shop.email_to(message="{{ order.total | money }} / {{ order.lines[0].unit_price | money }}")]
    automation = shop.draft_automation("Thanks", "created", actions=actions)
    page = text_of(rosas.get(f"/automations/{automation}"))
    assert f"{amount} / " in page


@pytest.mark.parametrize(("currency", "good", "bad"), [("GBP", "1.25", "1.255"), ("JPY", "125", "12.5")])
def test_the_stores_own_amounts_have_the_decimals_of_its_currency(
    rosas: FlaskClient, currency: str, good: str, bad: str
) -> None:
    in_currency(currency)
    own_field("Deposit", "money")
    form = {"number": "1", "status": "unconfirmed", "payment_status": "unpaid"}
    refused = rosas.post("/orders", data=form | {"own_deposit": bad})
    assert refused.status_code == 422 and f"decimals in {currency}, not “{bad}”." in text_of(refused)
    assert f'value="{bad}"' in refused.text
    assert rosas.post("/orders", data=form | {"own_deposit": good}).status_code == 303
    till = till_of(rosas.application)
    answer = till.patch("/api/orders/1", {"custom": {"deposit": bad}})
    assert list(problems(answer)) == ["custom.deposit"]
    assert till.patch("/api/orders/1", {"custom": {"deposit": good}}).status_code == 200
