"""A store moves to another country: its customers are found by their phones before, while and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from automations.features.merging import customer_merging, parting
from automations.features.search import finding, phone_renewal
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.people import User
from automations.models.tables.search_word import SearchProgress
from automations.models.tables.store import Store
from automations.pipeline.intake import phone_matching
from automations.pipeline.records.phone_keys import key_of
from automations.pipeline.records.record_kinds import KINDS
from tests.kit import shop
from tests.kit.statements import recorded_statements
from tests.kit.words_caught_up import words_caught_up
from tests.web.pages import signed_in

LATER = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
#: Numbers of both countries with their codes, one that both can read, and one that only Germany can.
PHONES = ("+44 20 7946 0321", "+49 30 901820", "030 23125 123", "0171 5550123", "07911 123456", "call me")


def move(client: FlaskClient, region: str) -> None:
    """Choose another country of phone numbers, as a manager does."""
    form = {"name": "Bloom & Wild St", "currency": "GBP", "timezone": "Europe/London", "language": "en-GB"}
    answer = client.post("/settings/store", data=form | {"region": region, "sender_email": ""})
    assert answer.status_code == 303, answer.text
    db.session.expire_all()


def found(phone: str, **person: Any) -> str | None:
    """Return the number of the customer that an order with this phone would be given to."""
    session, store = db.session(), db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    asked = {"phone": phone, **person}
    (number,) = phone_matching.by_phone(session, store, [asked], [phone_matching.phone_of(store, asked)])
    session.rollback()
    return number


def keys() -> dict[str, str]:
    db.session.rollback()
    return {row.number: row.phone_key for row in db.session.query(Customer) if row.number[0] == "P"}


def renewed() -> None:
    for _ in range(100):
        if not phone_renewal.renew_some(LATER):
            break
    db.session.expire_all()


@pytest.fixture
def as_ada(app: Flask) -> FlaskClient:
    return signed_in(app.test_client(), "ada")


@pytest.fixture
def customers(bloom: Store) -> dict[str, str]:
    """The phones of the customers of a British store, by number."""
    phones = {f"P-{place}": text for place, text in enumerate(PHONES)}
    for number, text in phones.items():
        shop.place_customer(number, first_name=f"Nora{number[2:]}", last_name="Holm", phone=text)
    shop.place_order("9", delivery_address={"street": "Ring 1", "phone": "030 23125 456"})
    words_caught_up()
    return phones


def test_all_is_as_if_the_store_had_always_been_there(
    as_ada: FlaskClient, customers: dict[str, str], bloom: Store
) -> None:
    move(as_ada, "DE")
    renewed()
    assert keys() == {number: key_of(text, "DE") for number, text in customers.items()}
    assert keys()["P-2"] == "493023125123"
    assert found("+49 (0)30 23125-123") == "P-2" and found("004930901820") == "P-1"
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    assert store.phone_regions is None and store.region_changed_at is None
    assert db.session.query(SearchProgress).one().phones is None
    assert _looked_for("customer", "+49 30 23125 123") == ["P-2"]
    assert _looked_for("order", "+49 30 23125 456") == ["9"]


def test_nobody_is_lost_or_mistaken_between_two_pieces(
    as_ada: FlaskClient, customers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_renewal, "PIECE", 1)
    before = {number: key_of(text, "GB") for number, text in customers.items()}
    after = {number: key_of(text, "DE") for number, text in customers.items()}
    move(as_ada, "DE")
    pieces = 0
    for _ in range(100):
        for number, text in customers.items():
            if before[number] and after[number]:
                assert found(text) == number, f"{text} after {pieces} pieces"
            assert found(text) in (number, None)
        # What was this number in Britain is nobody's in Germany.
        assert found("+44 7911 123456") is None or key_of("07911 123456", "DE") == "447911123456"
        if not phone_renewal.renew_some(LATER):
            break
        pieces += 1
        db.session.expire_all()
    assert pieces > len(customers) and keys() == after


def test_a_second_move_on_the_way_starts_again(
    as_ada: FlaskClient, customers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_renewal, "PIECE", 2)
    move(as_ada, "DE")
    phone_renewal.renew_some(LATER)
    move(as_ada, "FR")
    assert db.session.query(Store).filter_by(name="Bloom & Wild St").one().phone_regions == ["DE", "GB"]
    assert found("+44 20 7946 0321") == "P-0"
    renewed()
    assert keys() == {number: key_of(text, "FR") for number, text in customers.items()}


def test_who_began_before_the_move_is_waited_for(as_ada: FlaskClient, customers: dict[str, str]) -> None:
    move(as_ada, "DE")
    early = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    waits = db.engine.dialect.name != "sqlite"
    assert phone_renewal.renew_some(early) == (0 if waits else 1)


def test_a_phone_that_is_changed_meanwhile_keeps_what_it_became(
    as_ada: FlaskClient, customers: dict[str, str], bloom: Store
) -> None:
    move(as_ada, "DE")
    shop.place_customer("P-0", phone="040 428280")
    renewed()
    assert keys()["P-0"] == "4940428280"


def test_a_merge_and_its_undo_go_by_the_new_country(
    as_ada: FlaskClient, customers: dict[str, str], bloom: Store, rosa: User
) -> None:
    ids = {row.number: row.id for row in db.session.query(Customer) if row.number[0] == "P"}
    user = rosa.id

    def merged(change: Callable[..., Any], *arguments: int) -> None:
        with write() as session:
            change(session, session.get_one(Store, bloom.id), *arguments, user, dt.datetime.now(dt.UTC))

    merged(customer_merging.merge, ids["P-0"], ids["P-2"])
    move(as_ada, "DE")
    renewed()
    assert found("+49 30 23125 123") == "P-0"
    merged(parting.part, db.session.query(CustomerMerge).one().id)
    assert keys()["P-2"] == "493023125123" and found("030 23125123") == "P-2"


def test_a_phone_of_many_says_nothing_and_is_not_read_to_the_end(bloom: Store) -> None:
    for place in range(phone_matching.MOST + 10):
        shop.place_customer(f"H-{place}", first_name="Guest", last_name=f"No {place}", phone="020 7946 0123")
    shop.place_customer("H-x", first_name="Ida", last_name="Own", phone="020 7946 0456")
    assert found("020 7946 0123", first_name="Guest", last_name="No 7") is None
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    people = [{"phone": phone} for phone in ("020 7946 0123", "020 7946 0456")]
    phones = [phone_matching.phone_of(store, person) for person in people]
    with recorded_statements() as statements:
        assert phone_matching.by_phone(db.session(), store, people, phones) == [None, "H-x"]
    assert len(statements) <= 3
    assert db.session.scalar(sa.select(sa.func.count(Customer.id))) > phone_matching.MOST


def test_up_to_so_many_are_told_apart_by_name(bloom: Store) -> None:
    for place in range(phone_matching.MOST):
        shop.place_customer(f"H-{place}", first_name="Guest", last_name=f"No {place}", phone="020 7946 0123")
    assert found("020 7946 0123", first_name="Guest", last_name="No 7") == "H-7"


def _looked_for(subject: str, text: str) -> list[str]:
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    ids = finding.find(db.session(), subject, finding.ways(db.session(), store, text)).ids
    return sorted(
        db.session.scalars(sa.select(KINDS[subject].table.c.number).where(KINDS[subject].table.c.id.in_(ids)))
    )
