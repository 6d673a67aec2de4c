"""Customers are told by their phone where nothing stronger does, and nobody is taken for someone else."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from tests.kit.shop import place_customer
from tests.web.api.conftest import till_of

PHONE = "020 7946 0777"
OTHER_SPELLING = "+44 (20) 7946-0777"


@pytest.fixture
def till(client: FlaskClient) -> Any:
    place_customer("C-9", first_name="Ida", last_name="Holm", phone=PHONE)
    return till_of(client.application)


def _buyer(till: Any, number: str = "T-1", **customer: str) -> Customer:
    answer = till.post("/api/orders", {"number": number, "customer": customer})
    assert answer.status_code in (200, 201), answer.text
    db.session.expire_all()
    buyer = db.session.query(Order).filter_by(number=number).one().customer
    assert buyer is not None
    return buyer


@pytest.mark.parametrize(
    "said",
    [
        {"phone": OTHER_SPELLING},
        {"phone": "0044 20 7946 0777", "first_name": "IDA", "last_name": "holm"},
        {"phone": PHONE, "last_name": "Holm"},
        {"phone": PHONE, "email": "ida@holm.example", "last_name": "Holm"},
    ],
)
def test_the_same_phone_is_the_same_customer(till: Any, said: dict[str, str]) -> None:
    assert _buyer(till, **said).number == "C-9"


@pytest.mark.parametrize(
    "said",
    [
        {"phone": PHONE, "first_name": "Bo", "last_name": "Marsh"},
        {"phone": PHONE, "first_name": "Ole", "last_name": "Holm"},
        {"phone": "020 7946 0778", "last_name": "Holm"},
        {"phone": "0777", "last_name": "Holm"},
        {"phone": f"{PHONE} ext. 12", "last_name": "Holm"},
    ],
)
def test_another_name_or_number_is_another_customer(till: Any, said: dict[str, str]) -> None:
    assert _buyer(till, **said).number != "C-9"
    assert db.session.query(Customer).filter_by(number="C-9").one().last_name == "Holm"


def test_an_email_is_stronger_than_a_phone(till: Any) -> None:
    place_customer("C-8", first_name="Ida", last_name="Holm", email="ida@work.example", phone=PHONE)
    assert _buyer(till, phone=PHONE, email="IDA@work.example").number == "C-8"
    # Both have an email, and not the same: two people behind one phone.
    place_customer("C-9", email="ida@home.example")
    assert _buyer(till, "T-2", phone=PHONE, email="third@x.example").number not in ("C-8", "C-9")


def test_a_shared_phone_says_nothing_without_a_name(till: Any) -> None:
    place_customer("C-8", first_name="Ole", last_name="Berg", phone=OTHER_SPELLING)
    assert _buyer(till, phone=PHONE).number not in ("C-8", "C-9")
    assert _buyer(till, "T-2", phone=PHONE, first_name="Ole", last_name="Berg").number == "C-8"


def test_the_same_new_person_twice_in_one_batch_is_one_customer(till: Any) -> None:
    person = {"first_name": "Una", "last_name": "Reed", "phone": "020 7946 0999"}
    orders = [{"number": f"N-{place}", "customer": person} for place in range(2)]
    assert till.post("/api/orders/batch", orders).status_code == 200
    assert db.session.query(Customer).filter_by(last_name="Reed").count() == 1


def test_an_order_keeps_its_customer_when_only_a_phone_is_sent_again(till: Any) -> None:
    assert _buyer(till, email="bo@x.example", first_name="Bo").number != "C-9"
    assert _buyer(till, phone=PHONE).first_name == "Bo"


def test_the_email_that_comes_with_a_known_phone_is_kept_and_tells_people_apart(till: Any) -> None:
    buyer = _buyer(till, phone=PHONE, email="Ida@holm.example", last_name="Holm")
    assert (buyer.number, buyer.email) == ("C-9", "Ida@holm.example")
    other = _buyer(till, "T-2", phone=PHONE, email="other@x.example", last_name="Holm")
    assert other.number != "C-9"
    again = _buyer(till, "T-3", phone=PHONE, email="ida@HOLM.example", last_name="Holm")
    assert (again.number, again.email) == ("C-9", "Ida@holm.example")
