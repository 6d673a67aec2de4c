"""Opening a form and pressing Save changes nothing, whatever the API has put there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.models.db.base import write
from automations.models.tables.custom_field import CustomField
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.web.api.conftest import Till, count, till_of
from tests.web.api.test_sent_back import PLURALS, SENT, own_fields
from tests.web.pages import signed_in, text_of
from tests.web.records.forms import form_values

#: The controls that hold several lines.
TEXTS = {"note", "card_message", "delivery_address-street"}
NOTHING = "There were no changes to save."


@pytest.fixture
def till(app: Flask) -> Till:
    return till_of(app)


@pytest.fixture
def rosas(client: FlaskClient) -> FlaskClient:
    return signed_in(client, "rosa")


def opened(client: FlaskClient, address: str, scripts: bool = False) -> dict[str, str]:
    """Return what a browser sends: lines lose their breaks, those of a text depend on who sends it."""
    values = form_values(client.get(f"{address}/edit").text)
    end = "\n" if scripts else "\r\n"
    breaks = {name: end if name in TEXTS else "" for name in values}
    return {name: re.sub(r"\r\n?|\n", breaks[name], value) for name, value in values.items()}


def saved(client: FlaskClient, address: str, sent: dict[str, str]) -> str:
    answer = client.post(address, data=sent, follow_redirects=True)
    return text_of(answer) if answer.status_code == 200 else f"{answer.status_code} {text_of(answer)}"


@pytest.mark.parametrize("scripts", [False, True])
@pytest.mark.parametrize("subject", SENT)
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_form_that_was_only_opened_changes_nothing(
    till: Till, rosas: FlaskClient, subject: str, scripts: bool, data: st.DataObject
) -> None:
    if count("custom_field") == 0:
        own_fields()
    sent = data.draw(st.fixed_dictionaries({}, optional=SENT[subject]))
    number, plural = f"S-{count(subject)}", PLURALS[subject]
    assert till.post(f"/api/{plural}", sent | {"number": number}).status_code == 201
    before = till.get(f"/api/{plural}/{number}").json["record"]
    assert NOTHING in saved(rosas, f"/{plural}/{number}", opened(rosas, f"/{plural}/{number}", scripts))
    assert till.get(f"/api/{plural}/{number}").json["record"] == before


@pytest.mark.parametrize("subject", SENT)
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_one_field_that_was_touched_is_all_that_changes(
    till: Till, rosas: FlaskClient, subject: str, data: st.DataObject
) -> None:
    sent = data.draw(st.fixed_dictionaries({}, optional={**SENT[subject], "custom": st.just({})}))
    number, plural = f"S-{count(subject)}", PLURALS[subject]
    till.post(f"/api/{plural}", sent | {"number": number})
    before = till.get(f"/api/{plural}/{number}").json["record"]
    saved(rosas, f"/{plural}/{number}", opened(rosas, f"/{plural}/{number}") | {"note": "Touched.\r\nTwice."})
    after = till.get(f"/api/{plural}/{number}").json["record"]
    assert after["note"] == "Touched.\nTwice."
    assert {name for name in after if after[name] != before[name]} <= {"note", "revision", "updated_at"}


NASTY: dict[str, dict[str, Any]] = {
    "a comma in a tag": {"tags": ["Smith, Jones & Co", '5" pot', "vip", "VIP"]},
    "a break in a line": {"tracking_number": "JD\n0002", "customer": {"first_name": "Anna\nMaria"}},
    "breaks and spaces in a text": {"note": "\n Ring twice.\r\nThen wait.\r"},
    "a long stock number": {
        "lines": [{"sku": "R" * 190, "category": "C" * 190, "name": " ", "unit_price": "1"}]
    },
    "a line that looks empty": {"lines": [{"name": "\n", "quantity": 0, "unit_price": "0"}]},
    "an amount below nothing": {"total": "-5.00", "amount_paid": "999999999999.99"},
    "a line below nothing": {"lines": [{"name": "Voucher", "unit_price": "-10.00"}]},
    "a customer whose number looks like two": {"customer": {"number": "C-1 · Anna", "first_name": "Eva"}},
    "two customers of one name": {"customer": {"number": "C-77 · ", "first_name": "Bob"}},
}


@pytest.mark.parametrize("sent", NASTY.values(), ids=NASTY.keys())
def test_what_a_form_cannot_hold_stays(till: Till, rosas: FlaskClient, sent: dict[str, Any]) -> None:
    assert till.post("/api/orders", sent | {"number": "1"}).status_code == 201
    before = till.get("/api/orders/1").json["record"]
    assert NOTHING in saved(rosas, "/orders/1", opened(rosas, "/orders/1"))
    assert till.get("/api/orders/1").json["record"] == before


def test_what_automations_wrote_beyond_the_form_stays(till: Till, rosas: FlaskClient) -> None:
    shop.place_order("1", note="x" * 15_000, tags=[f"tag {n}" for n in range(90)])
    assert NOTHING in saved(rosas, "/orders/1", opened(rosas, "/orders/1"))


def test_a_customer_known_by_number_only_can_be_saved_as_they_are(till: Till, rosas: FlaskClient) -> None:
    till.post("/api/customers", {"number": "C-9", "tags": ["a, b"]})
    assert NOTHING in saved(rosas, "/customers/C-9", opened(rosas, "/customers/C-9"))
    sent = opened(rosas, "/customers/C-9")
    assert "is saved" in saved(rosas, "/customers/C-9", sent | {"note": "Knocks."})
    assert till.get("/api/customers/C-9").json["record"]["tags"] == ["a, b"]
    till.patch("/api/customers/C-9", {"first_name": "Zoe"})
    emptied = opened(rosas, "/customers/C-9") | {"first_name": ""}
    assert "Enter a name, an email or a phone number." in saved(rosas, "/customers/C-9", emptied)


def test_tags_with_commas_are_written_in_quotation_marks(till: Till, rosas: FlaskClient) -> None:
    till.post("/api/orders", {"number": "1", "tags": ["Smith, Jones & Co", "vip"]})
    sent = opened(rosas, "/orders/1")
    assert sent["tags"] == '"Smith, Jones & Co", vip'
    saved(rosas, "/orders/1", sent | {"tags": '"Smith, Jones & Co", vip, "5"" pot", "a""b, c", plain'})
    tags = ["Smith, Jones & Co", "vip", '5" pot', 'a"b, c', "plain"]
    assert till.get("/api/orders/1").json["record"]["tags"] == tags
    assert "“" not in sent["tags"] and NOTHING in saved(rosas, "/orders/1", opened(rosas, "/orders/1"))
    assert "Smith, Jones &amp; Co" in rosas.get("/orders/1").text


@pytest.mark.parametrize("text", ['"', '"a', 'a"', '"a" b', ",,", '""', ' , "', '"a,b'])
def test_marks_that_do_not_pair_are_taken_as_they_are(till: Till, rosas: FlaskClient, text: str) -> None:
    till.post("/api/orders", {"number": "1"})
    assert "is saved" in saved(rosas, "/orders/1", opened(rosas, "/orders/1") | {"tags": text}) or text in (
        ",,",
        '""',
    )
    before = till.get("/api/orders/1").json["record"]["tags"]
    assert NOTHING in saved(rosas, "/orders/1", opened(rosas, "/orders/1"))
    assert till.get("/api/orders/1").json["record"]["tags"] == before


def test_an_entry_that_left_a_field_of_the_stores_own_stays(till: Till, rosas: FlaskClient) -> None:
    own_field("Size", "choice", choices="Small\nLarge")
    till.post("/api/orders", {"number": "1", "custom": {"size": "Large"}})
    with write() as session:
        session.query(CustomField).one().labels = {"small": "Small"}
        session.query(Store).filter_by(name="Bloom & Wild St").one().ruleset += 1
    assert NOTHING in saved(rosas, "/orders/1", opened(rosas, "/orders/1"))
    sent = opened(rosas, "/orders/1")
    saved(rosas, "/orders/1", sent | {"own_size": "small"})
    assert till.get("/api/orders/1").json["record"]["custom"] == {"size": "small"}


def test_a_line_keeps_what_was_not_touched_in_it(till: Till, rosas: FlaskClient) -> None:
    lines = [{"name": "Red\nroses", "sku": " R ", "quantity": 1, "unit_price": "-2.50"}]
    till.post("/api/orders", {"number": "1", "lines": lines})
    saved(rosas, "/orders/1", opened(rosas, "/orders/1") | {"lines-0-quantity": "3"})
    record = till.get("/api/orders/1").json["record"]
    assert record["lines"] == [lines[0] | {"category": "", "quantity": 3}]
    assert record["total"] == "-7.50"


def test_an_account_with_a_long_name_or_two_spaces_keeps_it(till: Till, rosas: FlaskClient) -> None:
    for name in ("Grand  Hotel", "H" * 190):
        account = till.post("/api/orders", {"number": "1", "account": name}).json["record"]["account"]
        address = f"/accounts/{account['id']}"
        token = re.search(r'name="name"[^>]* value="([^"]+)"', rosas.get(f"{address}/edit").text)
        assert token and NOTHING in saved(rosas, address, {"name": token[1]})
        assert till.get("/api/orders/1").json["record"]["account"]["name"] == name


def test_a_control_nobody_touched_is_not_refused_and_a_touched_one_is(till: Till, rosas: FlaskClient) -> None:
    till.post("/api/orders", {"number": "1", "total": "-5.00", "tags": ["a"]})
    sent = opened(rosas, "/orders/1")
    assert "is saved" in saved(rosas, "/orders/1", sent | {"note": "x"})
    again = opened(rosas, "/orders/1")
    assert saved(rosas, "/orders/1", again | {"total": "-6.00"}).startswith("422")
