from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db, write
from automations.models.tables.customer import Account, Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Choice, Store
from automations.pipeline.intake import take_records
from automations.pipeline.intake.record_schema import FIELDS
from tests.kit.shop import condition, publish_automation
from tests.web.api.conftest import Till, count, problems, till_of

ORDER = {
    "number": "1042",
    "status": "Ready for Fulfilment",
    "payment_status": "unpaid",
    "order_type": "GIFT",
    "fulfilment_method": "Delivery",
    "total": "86.50",
    "delivery_date": "2026-11-24",
    "placed_at": "2026-11-22T11:00:00+01:00",
    "customer": {"email": "Anna@GrandHotel.example", "phone": "+44 20 7946 0000"},
    "account": "Grand Hotel",
    "tags": ["vip", "vip"],
}


def test_a_new_order_is_answered_with_its_record_and_its_trigger(till: Till) -> None:
    answer = till.post("/api/orders", ORDER)
    assert answer.status_code == 201
    assert {name: answer.json[name] for name in ("created", "revision", "triggers", "fired")} == {
        "created": True,
        "revision": 1,
        "triggers": ["created"],
        "fired": 0,
    }
    record = answer.json["record"]
    assert record["status"] == "ready_for_fulfilment" and record["order_type"] == "gift"
    assert (record["total"], record["balance_due"], record["source"]) == ("86.50", "86.50", "api")
    assert record["placed_at"] == "2026-11-22T10:00:00Z" and record["tags"] == ["vip"]
    assert record["customer"]["number"] == "C-1" and record["account"]["name"] == "Grand Hotel"


def test_the_same_number_again_is_an_update_of_the_given_fields_only(till: Till) -> None:
    till.post("/api/orders", ORDER)
    answer = till.post("/api/orders", {"number": "1042", "payment_status": "Paid", "status": "Confirmed"})
    assert answer.status_code == 200
    assert answer.json["triggers"] == ["status_changed", "payment_status_changed"]
    assert answer.json["revision"] == 2 and answer.json["record"]["total"] == "86.50"
    again = till.post("/api/orders", {"number": "1042", "payment_status": "Paid"})
    assert again.json["triggers"] == [] and again.json["revision"] == 2


def test_the_cause_in_the_log_is_the_name_of_the_key(till: Till) -> None:
    till.post("/api/orders", {"number": "1"})
    found = db.session.scalars(sa.select(Occurrence)).one()
    assert (found.cause_kind, found.cause) == ("api", "Front desk till")


def test_the_customer_of_an_order_is_found_by_email_in_any_case_and_updated(till: Till) -> None:
    till.post("/api/orders", ORDER)
    anna = db.session.scalars(sa.select(Customer).where(Customer.number == "C-1")).one()
    assert (anna.phone, anna.email) == ("+44 20 7946 0000", "anna@grandhotel.example")
    subjects = db.session.scalars(sa.select(Occurrence.subject).order_by(Occurrence.id)).all()
    assert subjects == ["customer", "order"]


def test_an_unknown_customer_and_account_are_made_with_the_order(till: Till) -> None:
    sent = {"customer": {"email": "zoe@new.example", "first_name": "Zoe"}, "account": "Town Hall"}
    record = till.post("/api/orders", sent).json["record"]
    assert record["customer"]["name"] == "Zoe" and record["customer"]["number"] == "C-3"
    names = db.session.scalars(sa.select(Account.name).order_by(Account.id)).all()
    assert names == ["Grand Hotel", "Town Hall"]


def test_a_customer_without_number_or_email_is_the_one_the_order_has(till: Till) -> None:
    till.post("/api/orders", {"number": "1", "customer": {"first_name": "Zoe"}})
    record = till.patch("/api/orders/1", {"customer": {"last_name": "Fern"}}).json["record"]
    assert record["customer"]["name"] == "Zoe Fern"
    assert count("customer") == 3
    assert till.patch("/api/orders/1", {"customer": None}).json["record"]["customer"] is None


def test_one_new_email_in_many_orders_is_one_customer(till: Till) -> None:
    orders = [{"customer": {"email": email}} for email in ("Zoe@new.example", "zoe@NEW.example")]
    assert till.post("/api/orders/batch", orders).status_code == 200
    assert count("customer") == 3


def test_without_a_number_the_next_free_one_is_given(till: Till) -> None:
    till.post("/api/orders", {"number": "O-2"})
    numbers = [till.post("/api/orders", {}).json["record"]["number"] for _ in range(2)]
    assert numbers == ["O-3", "O-4"]
    till.post("/api/orders", {"number": "O-5"})
    assert till.post("/api/orders", {}).json["record"]["number"] == "O-6"


def test_the_total_follows_from_the_lines_unless_it_is_given(till: Till) -> None:
    lines = [{"name": "Roses", "unit_price": "4.5", "quantity": 3}, {"name": "Card", "unit_price": "2.00"}]
    record = till.post("/api/orders", {"number": "1", "lines": lines}).json["record"]
    assert (record["total"], record["item_count"]) == ("15.50", 4)
    assert record["lines"][0] == {
        "sku": "",
        "name": "Roses",
        "category": "",
        "quantity": 3,
        "unit_price": "4.50",
    }
    given = till.patch("/api/orders/1", {"lines": lines[:1], "total": "12.00"}).json["record"]
    assert (given["total"], given["item_count"]) == ("12.00", 3)


def test_a_former_name_of_a_choice_is_understood_as_soon_as_it_is_renamed(till: Till, bloom: Store) -> None:
    till.post("/api/orders", {"number": "1"})
    with write() as session:
        row = session.scalars(sa.select(Choice).filter_by(store_id=bloom.id, key="picked")).one()
        row.label, row.former_labels = "Bunched", ["Picked"]
        session.get(Store, bloom.id).ruleset += 1
    for word in ("Bunched", "Picked", "PICKED"):
        assert till.patch("/api/orders/1", {"status": word}).json["record"]["status"] == "picked"


def test_an_event_and_a_customer_go_the_same_way(till: Till) -> None:
    event = {"name": "Wedding", "event_type": "wedding", "event_date": "2026-12-19", "guests": 80}
    answer = till.post("/api/events", event | {"budget": "5000", "customer": {"number": "C-2"}})
    assert answer.status_code == 201 and answer.json["record"]["budget"] == "5000.00"
    assert answer.json["record"]["customer"]["first_name"] == "Bob"
    same = till.post("/api/customers", {"email": "ANNA@grandhotel.example", "first_name": "Ann"})
    assert same.status_code == 200 and same.json["record"]["first_name"] == "Ann"
    assert same.json["record"]["email"] == "anna@grandhotel.example"
    assert till.post("/api/customers", {"number": "C-9"}).status_code == 201


def test_a_change_needs_a_record_and_cannot_rename_it(till: Till) -> None:
    assert till.patch("/api/orders/77", {"note": "x"}).status_code == 404
    till.post("/api/orders", {"number": "1"})
    assert till.patch("/api/orders/1", {"number": "1", "note": "x"}).status_code == 200
    assert "number" in problems(till.patch("/api/orders/1", {"number": "2"}))


def test_a_number_with_unusual_characters_can_be_asked_for(till: Till) -> None:
    for number in ("#1042 ü", "batch", "50%", "a?b"):
        till.post("/api/orders", {"number": number})
    assert till.get("/api/orders/%231042%20%C3%BC").json["record"]["number"] == "#1042 ü"
    assert till.get("/api/orders/batch").json["record"]["number"] == "batch"
    assert till.patch("/api/orders/a%3Fb", {"note": "x"}).status_code == 200


def test_a_list_is_read_page_by_page(till: Till) -> None:
    till.post("/api/orders/batch", [{"number": str(number)} for number in range(5)])
    seen, address = [], "/api/orders?limit=2"
    while address:
        page = till.get(address).json
        assert 0 < len(page["items"]) <= 2
        seen += [record["number"] for record in page["items"]]
        address = page["next"]
    assert seen == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "after=-1", "after=99999999999999999999"]
)
def test_an_impossible_page_is_refused(till: Till, query: str) -> None:
    assert till.get(f"/api/orders?{query}").status_code == 422


def test_another_stores_records_are_out_of_reach(app: Flask, till: Till) -> None:
    till.post("/api/orders", {"number": "1", "customer": {"number": "C-1"}})
    mallory = till_of(app, "Thorn & Co")
    assert mallory.get("/api/orders/1").status_code == 404
    assert mallory.patch("/api/orders/1", {"note": "mine"}).status_code == 404
    assert mallory.get("/api/orders").json["items"] == []
    theirs = mallory.post("/api/orders", {"number": "1", "customer": {"number": "C-1", "phone": "1"}})
    assert theirs.status_code == 201 and theirs.json["record"]["customer"]["first_name"] == ""
    assert till.get("/api/orders/1").json["record"]["customer"]["first_name"] == "Anna"


def test_the_answer_counts_the_automations_that_fired(till: Till) -> None:
    publish_automation("Thank them", "status_changed", condition("total", "greater_than", "40.00"))
    till.post("/api/orders", {"number": "1", "total": "86.50"})
    assert till.patch("/api/orders/1", {"status": "Confirmed"}).json["fired"] == 1
    assert count("run") == 1
    orders = [{"number": str(number), "total": "50.00"} for number in (1, 2)]
    results = till.post("/api/orders/batch", [*orders, {"number": "2", "status": "Picked"}]).json["results"]
    assert [result["fired"] for result in results] == [0, 0, 1]


def test_a_database_that_is_too_busy_is_503_and_changes_nothing(till: Till, monkeypatch: Any) -> None:
    def busy(*_: Any) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(take_records, "take", busy)
    answer = till.post("/api/orders", {"number": "1"})
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert answer.mimetype == "application/problem+json" and count("order") == 0


@pytest.mark.parametrize("plural", ["orders", "events", "customers"])
def test_what_is_answered_to_a_change_is_what_is_found_later(till: Till, plural: str) -> None:
    sent = {name: value for name, value in ORDER.items() if name in FIELDS[plural[:-1]]}
    sent.pop("status", None)
    for change in (sent, sent, {"note": "Ring twice.", "account": None}, {"tags": None}):
        answer = till.post(f"/api/{plural}", {**change, "number": "1042"})
        assert till.get(f"/api/{plural}/1042").json["record"] == answer.json["record"]
