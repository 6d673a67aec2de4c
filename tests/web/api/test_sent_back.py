"""Reading and sending back changes nothing: what the API answers may be sent again, whole or in part."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.models.db.base import write
from automations.models.tables.custom_field import CustomField
from automations.models.tables.store import Choice, Store
from automations.pipeline.intake.record_schema import FIELDS
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.web.api.conftest import Till, count, problems, till_of
from tests.world import NOW

PLURALS = {"order": "orders", "event": "events", "customer": "customers"}


@pytest.fixture
def till(app: Flask) -> Till:
    return till_of(app)


def texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    """Texts as programs send them: line breaks, spaces at the ends, commas, quotation marks."""
    odd = st.sampled_from([" ", "\n", "\r\n", "\t", ",", '"', "·", "é", "a", "<b>", "&amp;"])
    return st.lists(odd | st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).map(
        lambda parts: "".join(parts)[:most] + "x" * least
    )


names = st.text("abcdeé &,·“”", min_size=1, max_size=20).map(lambda text: text.strip() or "n")
money = st.decimals(-10_000, 10_000, places=2).map(str)
person = st.fixed_dictionaries(
    {"first_name": texts(40, 1)}, optional={"last_name": texts(40), "email": texts(40), "phone": texts(20)}
)
quantities = st.integers(-100_000, 100_000) | st.decimals(-100, 100, places=3).map(float)
line = st.fixed_dictionaries(
    {"name": texts(150, 1), "unit_price": money},
    optional={"sku": texts(150), "category": texts(150), "quantity": quantities},
)
parcel = st.fixed_dictionaries(
    {"carrier": texts(40, 1)},
    optional={
        "tracking_number": texts(40),
        "status": st.sampled_from(["Booked", "delivered", None]),
        "said_at": st.just("2026-11-24T09:30:00Z"),
    },
)
days = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)).map(dt.date.isoformat)
every: dict[str, st.SearchStrategy[Any]] = {
    "note": texts(200),
    "tags": st.lists(names, max_size=4),
    "account": names,
    "total": money,
    "amount_paid": money,
}
OWN = {
    "colour": texts(50),
    "size": st.sampled_from(["Small", "Large"]),
    "weight": money,
    "wrapped": st.booleans(),
}
SENT: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "order": every
    | {
        "placed_at": st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)).map(
            lambda moment: f"{moment.isoformat(timespec='microseconds')}Z"
        ),
        "delivery_date": days,
        "storage_until": days,
        "lines": st.lists(line, max_size=3),
        "customer": person,
        "tracking_number": texts(40),
        "currency": st.sampled_from(["GBP", "eur"]),
        **dict.fromkeys(("shipping", "discount", "tax", "amount_refunded"), money),
        "delivery_from": st.sampled_from(["00:00", "09:30", None]),
        "delivery_until": st.sampled_from(["09:30", "23:59", None]),
        "recipient": texts(40),
        "card_message": texts(200),
        "delivery_address": st.fixed_dictionaries({}, optional={"street": texts(40), "city": texts(40)}),
        "parcels": st.lists(parcel, max_size=3),
        "status": st.sampled_from(["Picked", "cancelled"]),
        "source": st.sampled_from(["Web", None]),
        "custom": st.fixed_dictionaries({}, optional=OWN),
    },
    "event": every
    | {
        "name": texts(60),
        "event_date": days,
        "guests": st.integers(0, 1000),
        "budget": money,
        "customer": person,
    },
    "customer": {
        "note": every["note"],
        "tags": every["tags"],
        "account": names,
        "marketing_consent": st.booleans(),
        "language": st.sampled_from(["de", "fr_CH", "German", ""]),
    }
    | {"first_name": texts(40, 1), "last_name": texts(40), "email": texts(40), "phone": texts(20)},
}


def own_fields() -> None:
    own_field("Colour")
    own_field("Size", "choice", choices="Small\nLarge")
    own_field("Weight", "number")
    own_field("Wrapped", "bool")


@pytest.mark.parametrize("subject", SENT)
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_was_sent_can_be_read_and_sent_back(till: Till, subject: str, data: st.DataObject) -> None:
    if count("custom_field") == 0:
        own_fields()
    sent = data.draw(st.fixed_dictionaries({}, optional=SENT[subject]))
    number, plural = f"S-{count(subject)}", PLURALS[subject]
    made = till.post(f"/api/{plural}", sent | {"number": number})
    assert made.status_code == 201, made.text
    record = till.get(f"/api/{plural}/{number}").json["record"]
    before = (count("occurrence"), count("customer"), count("account"))
    for again in (record, *({name: record[name]} for name in record if name != "number")):
        answer = till.patch(f"/api/{plural}/{number}", again)
        assert answer.status_code == 200, (again, answer.text)
        assert answer.json["triggers"] == [] and answer.json["record"] == record, again
    assert till.post(f"/api/{plural}", record).json["triggers"] == []
    batch = till.post(f"/api/{plural}/batch", till.get(f"/api/{plural}?limit=100").json["items"][-3:])
    assert [result["triggers"] for result in batch.json["results"]] == [[]] * len(batch.json["results"])
    assert (count("occurrence"), count("customer"), count("account")) == before


def test_every_field_that_is_taken_is_among_those_that_were_sent_back() -> None:
    for subject, fields in FIELDS.items():
        assert fields.keys() - SENT[subject].keys() <= {
            "number",
            "payment_status",
            "order_type",
            "event_type",
            "fulfilment_method",
            "delivery_type",
            "delivery_status",
            "custom",
            "status",
        }


def test_a_moment_with_a_fraction_of_a_second_can_be_sent_back(till: Till) -> None:
    shop.publish_automation("Moved", "field_changed", field="placed_at")
    till.post("/api/orders", {"number": "1"})
    placed = till.get("/api/orders/1").json["record"]["placed_at"]
    assert till.patch("/api/orders/1", {"placed_at": placed}).json["triggers"] == []
    assert till.patch("/api/orders/1", {"placed_at": "2026-11-22T10:00:00Z"}).json["fired"] == 1


def test_a_choice_that_left_its_list_stays_where_it_is_and_goes_nowhere_else(
    till: Till, bloom: Store
) -> None:
    for number, status in (("1", "picked"), ("2", "confirmed")):
        till.post("/api/orders", {"number": number, "status": status})
    with write() as session:
        session.query(Choice).filter_by(store_id=bloom.id, list_key="order_status", key="picked").delete()
        session.get_one(Store, bloom.id).ruleset += 1
    assert till.patch("/api/orders/1", {"status": "picked", "note": "x"}).json["triggers"] == ["changed"]
    assert problems(till.patch("/api/orders/2", {"status": "picked"})).keys() == {"status"}


def test_an_amount_from_before_the_currency_changed_can_be_sent_back(till: Till, bloom: Store) -> None:
    with write() as session:
        session.get_one(Store, bloom.id).currency = "KWD"
        session.get_one(Store, bloom.id).ruleset += 1
    lines = [{"name": "Roses", "unit_price": "1.234"}]
    till.post("/api/orders", {"number": "1", "total": "1.234", "lines": lines})
    with write() as session:
        session.get_one(Store, bloom.id).currency = "GBP"
        session.get_one(Store, bloom.id).ruleset += 1
    record = till.get("/api/orders/1").json["record"]
    assert till.patch("/api/orders/1", record).json["triggers"] == []
    assert problems(till.patch("/api/orders/1", {"total": "1.235"})).keys() == {"total"}


def test_values_of_a_field_that_was_removed_can_be_sent_back(till: Till) -> None:
    own_fields()
    till.post("/api/orders", {"number": "1", "custom": {"colour": "Red", "size": "Large"}})
    with write() as session:
        session.query(CustomField).filter_by(key="colour").one().removed_at = NOW
        session.query(Store).filter_by(name="Bloom & Wild St").one().ruleset += 1
    custom = till.get("/api/orders/1").json["record"]["custom"]
    assert custom == {"colour": "Red", "size": "large"}
    answer = till.patch("/api/orders/1", {"custom": custom | {"size": "Small"}})
    assert answer.json["record"]["custom"] == {"colour": "Red", "size": "small"}


def test_a_key_means_its_own_field_though_another_is_called_so_now(till: Till) -> None:
    own_field("Colour")
    with write() as session:
        session.query(CustomField).filter_by(key="colour").one().label = "Shade"
    own_field("Colour")
    till.post("/api/orders", {"number": "1", "custom": {"Shade": "Red"}})
    record = till.get("/api/orders/1").json["record"]
    assert record["custom"] == {"colour": "Red"}
    assert till.patch("/api/orders/1", {"custom": record["custom"]}).json["triggers"] == []


def test_what_only_we_set_is_refused_if_it_differs(till: Till) -> None:
    till.post("/api/orders", {"number": "1", "customer": {"number": "C-1"}})
    record = till.get("/api/orders/1").json["record"]
    other = {
        "balance_due": "1.00",
        "revision": 7,
        "store": {"id": "9"},
        "customer": record["customer"] | {"id": 9},
    }
    found = problems(till.patch("/api/orders/1", record | other))
    assert found.keys() == {"balance_due", "revision", "store", "customer.id"}
    assert set(found.values()) == {"Cannot be changed. Leave it out, or send it back as it was answered."}


def test_one_changed_field_of_a_whole_record_is_the_only_change(till: Till) -> None:
    shop.publish_automation("Moved", "field_changed", field="note")
    till.post("/api/orders", {"number": "1", "customer": {"number": "C-1"}, "account": "Grand Hotel"})
    record = till.get("/api/orders/1").json["record"]
    answer = till.patch("/api/orders/1", record | {"note": "Ring twice."}).json
    assert (answer["triggers"], answer["fired"]) == (["changed"], 1)
    phone = record["customer"] | {"phone": "1"}
    after = till.patch("/api/orders/1", {"customer": phone}).json["record"]["customer"]
    assert {name for name in after if after[name] != record["customer"][name]} == {"phone"}


def test_the_record_of_another_number_excuses_nothing(till: Till) -> None:
    till.post("/api/orders", {"number": "1"})
    record = till.get("/api/orders/1").json["record"]
    assert "id" in problems(till.post("/api/orders", record | {"number": "2"}))
    assert count("order") == 1
