"""Messages of other programs: forms, names that stand twice, and several orders at once."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from automations.connectors.sources.other_bodies import apart, value_of
from automations.connectors.sources.payload import NotUnderstood
from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.models.tables.shop_connection import ShopDelivery
from tests.web.shops.test_other_sources import Other

Json = dict[str, Any]


@pytest.fixture
def other(app: Flask, as_ada: FlaskClient) -> Other:
    return Other(app, as_ada)


def orders() -> dict[str, str]:
    db.session.expire_all()
    return {order.number: str(order.total) for order in db.session.query(Order).order_by(Order.number)}


def sentence_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json["detail"])


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("a=1&b=two+words", {"a": "1", "b": "two words"}),
        ("a=1&a=2&b=x&b=x", {"a": ["1", "2"], "b": "x"}),
        (
            "o[no]=7&o[lines][0][sku]=R&o[lines][1][sku]=V",
            {"o": {"no": "7", "lines": [{"sku": "R"}, {"sku": "V"}]}},
        ),
        (
            "o%5Bno%5D=7&tags%5B%5D=a&tags%5B%5D=b&one[]=c",
            {"o": {"no": "7"}, "tags": ["a", "b"], "one": ["c"]},
        ),
        (
            'payload={"id":9007199254740993,"x":1.50}&v=2',
            {"payload": {"id": 9007199254740993, "x": 1.5}, "v": "2"},
        ),
        ("note={not+json&empty=", {"note": "{not json", "empty": ""}),
        ("a%5B=1&c%5Dd=3", {"a[": "1", "c]d": "3"}),
        ("Stra%C3%9Fe=M%C3%BCller+%26+Co", {"Straße": "Müller & Co"}),
    ],
)
def test_a_form_is_read_as_what_it_says(form: str, data: Json) -> None:
    assert json.loads(json.dumps(value_of(form.encode()), default=float)) == data


def test_a_name_that_stands_twice_has_all_it_says() -> None:
    assert value_of(b'{"item": {"n": 1}, "item": {"n": 2}, "same": 1, "same": 1}') == {
        "item": [{"n": 1}, {"n": 2}],
        "same": 1,
    }


@given(st.binary(max_size=200) | st.text(alphabet='ab=&[]{}"0%+', max_size=60).map(str.encode))
def test_any_body_is_read_or_refused_with_a_sentence(body: bytes) -> None:
    try:
        value_of(body)
    except NotUnderstood as error:
        assert str(error)


def test_an_order_that_comes_as_a_form_is_mapped_and_taken(other: Other) -> None:
    form = {
        "order[no]": "F/7",
        "order[sum]": "84.50",
        "order[lines][0][sku]": "R",
        "order[lines][1][sku]": "V",
    }
    body = urlencode(form).encode()
    other.send(body, **{"Content-Type": "application/x-www-form-urlencoded"})
    other.pick(number=["order", "no"], total=["order", "sum"], lines=["order", "lines"])
    other.pick(line__sku=["order", "lines", 0, "sku"])
    assert "F/7" in other.mapping()
    other.admin.post(f"{other.page}/retakes")
    assert orders() == {"F/7": "84.50"}
    assert [line["sku"] for line in db.session.query(Order).one().lines] == ["R", "V"]


def test_what_was_made_of_xml_keeps_all_its_items(other: Other) -> None:
    many = b'{"order": {"no": "X-1", "item": {"sku": "R"}, "item": {"sku": "V"}, "sum": 5, "sum": 6}}'
    other.send(many)
    other.pick(number=["order", "no"], lines=["order", "item"], line__sku=["order", "item", 0, "sku"])
    other.send(many + b" ")
    assert [line["sku"] for line in db.session.query(Order).one().lines] == ["R", "V"]
    other.send(b'{"order": {"no": "X-2", "item": {"sku": "R"}}}')
    assert [len(order.lines) for order in db.session.query(Order).order_by(Order.number)] == [2, 1]
    # Which of two amounts counts is not for us to say.
    other.pick(total=["order", "sum"])
    assert "Total: there is not a single value." in sentence_of(other.send(many + b"  "))


def several(*numbers: str, **more: Any) -> Json:
    entries = [
        {"no": number, "sum": f"{place}.50", "lines": [{"t": number}]}
        for place, number in enumerate(numbers, 1)
    ]
    return {"shop": "north", "orders": entries, **more}


def test_each_order_of_a_message_is_an_order_and_the_order_among_them_does_not_matter(other: Other) -> None:
    other.send(several("S-1", "S-2", "S-3"))
    first = ["orders", 0]
    other.pick(number=[*first, "no"], id=[*first, "no"], total=[*first, "sum"], note=["shop"])
    other.pick(lines=[*first, "lines"], line__name=[*first, "lines", 0, "t"])
    assert "3 entries of “orders”" in other.mapping()
    other.admin.post(f"{other.page}/retakes")
    assert orders() == {"S-1": "1.50", "S-2": "2.50", "S-3": "3.50"}
    for order in db.session.query(Order):
        assert [line["name"] for line in order.lines] == [order.number]
    assert {order.note for order in db.session.query(Order)} == {"north"}
    told = sentence_of(other.send(several("S-3", "S-1")))
    assert told.startswith("It has 2 records.") and orders() == {"S-1": "2.50", "S-2": "2.50", "S-3": "1.50"}
    other.send(several("S-9"))
    assert orders()["S-9"] == "1.50" and len(orders()) == 4


def test_one_that_cannot_be_read_keeps_the_others_from_nothing_and_is_named(other: Other) -> None:
    other.send(several("S-1", "S-2"))
    first = ["orders", 0]
    other.pick(number=[*first, "no"], total=[*first, "sum"])
    message = several("S-5", "S-6")
    message["orders"][1]["sum"] = "a lot"
    answer = other.send(message)
    assert answer.json["outcome"] == "not understood" and "Total: “a lot” cannot be read" in sentence_of(
        answer
    )
    assert orders() == {"S-5": "1.50"}
    assert db.session.query(ShopDelivery).filter_by(outcome="not understood").count() == 2
    too_many = sentence_of(other.send(several(*map(str, range(251)))))
    assert "At most 250 are taken" in too_many and len(orders()) == 1


def test_a_message_that_is_a_list_is_one_too(other: Other) -> None:
    other.send(several("L-1", "L-2")["orders"])
    other.pick(number=[0, "no"], total=[0, "sum"])
    other.admin.post(f"{other.page}/retakes")
    assert orders() == {"L-1": "1.50", "L-2": "2.50"}


def test_the_fields_of_a_form_builder_are_no_orders() -> None:
    data = {"fields": [{"name": "no", "value": "5"}, {"name": "sum", "value": "7"}]}
    picked = {"number": ("fields", 0, "value"), "total": ("fields", 1, "value")}
    assert apart(data, picked) == [data] == apart(data, {"number": ("fields", 0, "value")})


@pytest.mark.parametrize(
    ("written", "total"),
    [
        ("84,50 €", "84.50"),
        ("1.234,50", "1234.50"),
        ("£1,234.50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("69.8400", "69.84"),
    ],
)
def test_an_amount_that_is_written_for_people_is_read(other: Other, written: str, total: str) -> None:
    other.send({"no": "1", "sum": written})
    other.pick(number=["no"], total=["sum"])
    other.admin.post(f"{other.page}/retakes")
    assert orders() == {"1": total}


def test_one_that_may_be_two_amounts_is_not_guessed(other: Other) -> None:
    other.send({"no": "1"})
    other.pick(number=["no"], total=["sum"])
    assert sentence_of(other.send({"no": "2", "sum": "1,234"})) == "Total: “1,234” may be 1.234 or 1234."
    assert orders() == {}
