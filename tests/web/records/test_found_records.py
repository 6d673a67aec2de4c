"""Records are found by any part of a name, a phone in any spelling, tracking numbers, tags and products."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from automations.features.scheduling import manual_run
from automations.features.search import finding, text_matches
from automations.features.search.catching_up import CatchingUp
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.search_word import SearchEnding, SearchEntry, SearchProgress, SearchWord
from automations.models.tables.store import Store
from automations.web.records import record_list
from tests.kit.shop import place_customer, place_event, place_order, publish_automation
from tests.kit.words_caught_up import words_caught_up
from tests.web.pages import sign_in, text_of

LATER = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def _line(name: str, sku: str = "") -> dict[str, Any]:
    return {"sku": sku, "name": name, "category": "", "quantity": 1, "unit_price": "5.00"}


@pytest.fixture
def found(client: FlaskClient) -> FlaskClient:
    """Rosa, in a shop whose records' words are kept."""
    place_customer("C-9", first_name="Käthe", last_name="Oberländer", phone="020 7946 0123", tags=["Club"])
    customer = place_customer("C-10", first_name="Ida", email="ida.holm@blossom.example").id
    parcels = [{"carrier": "DHL", "tracking_number": "JD01 4600", "status": None}]
    parcels.append({"carrier": "UPS", "tracking_number": "1Z999AA10123456784", "status": None})
    place_order("W-1", lines=[_line("Peonies, pink", "PEO-50")], parcels=parcels, tags=["Überraschung"])
    place_order("W-2", customer_id=customer, recipient="Grete Sandberg", lines=[_line("Roses")])
    place_event("E-1", name="Midsummer gala")
    words_caught_up()
    return sign_in(client, "rosa")


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("/orders?q=%23W-1", "W-1"),
        ("/orders?q=%23w-2", "W-2"),
        ("/customers?q=lander", "C-9"),
        ("/customers?q=OBERL", "C-9"),
        ("/customers?q=kathe+ober", "C-9"),
        ("/customers?q=ober+käthe", "C-9"),
        ("/customers?q=%2B44+20+7946+0123", "C-9"),
        ("/customers?q=02079460123", "C-9"),
        ("/customers?q=7946+0123", "C-9"),
        ("/customers?q=club", "C-9"),
        ("/customers?q=blossom", "C-10"),
        ("/customers?q=olm", "C-10"),
        ("/orders?q=peon", "W-1"),
        ("/orders?q=eonies+pink", "W-1"),
        ("/orders?q=peo-50", "W-1"),
        ("/orders?q=1z+999+aa10123456784", "W-1"),
        ("/orders?q=1Z999AA1", "W-1"),
        ("/orders?q=456784", "W-1"),
        ("/orders?q=jd014600", "W-1"),
        ("/orders?q=uberrasch", "W-1"),
        ("/orders?q=sandberg", "W-2"),
        ("/orders?q=holm", "W-2"),
        ("/orders?sort=-total&q=andber", "W-2"),
        ("/events?q=summer", "E-1"),
        ("/search?q=andberg", "W-2"),
        ("/search?q=7946+0123", "C-9"),
        ("/options/customers?customer=lander", "C-9"),
    ],
)
def test_what_is_typed_finds_the_one_record(found: FlaskClient, address: str, number: str) -> None:
    page = found.get(address).text
    others = {"C-9", "C-10", "W-1", "W-2", "E-1", "C-1", "C-2"} - {number}
    if not address.startswith("/search"):
        assert f">{number}<" in page or f'"{number} · ' in page
        assert not [other for other in others if f'/{other}"' in page]
    assert number in page


@pytest.mark.parametrize("text", ["xyz", "peonies roses", "kathe holm", "lander marsh", "%", "*", "[zz", "'"])
def test_what_no_record_has_finds_nothing(found: FlaskClient, text: str) -> None:
    for plural in ("orders", "customers", "events"):
        page = text_of(found.get(f"/{plural}", query_string={"q": text}))
        assert "Nothing matches" in page, (plural, page)


def test_a_change_is_found_by_its_new_words_and_no_longer_by_the_old(found: FlaskClient) -> None:
    place_customer("C-9", last_name="Zabel", phone="")
    assert CatchingUp().once(LATER) >= 1
    assert "C-9" in found.get("/customers?q=abel").text
    assert "Nothing matches" in text_of(found.get("/customers?q=lander"))
    assert "Nothing matches" in text_of(found.get("/customers?q=7946+0123"))
    words = set(db.session.scalars(sa.select(SearchWord.word)))
    assert "zabel" in words and not {"oberlander", "442079460123"} & words
    assert not db.session.scalars(sa.select(SearchEnding.ending).where(SearchEnding.ending == "lander")).all()


def test_running_by_hand_reads_no_record_again(found: FlaskClient) -> None:
    automation_id = publish_automation("By hand", "created")
    with write() as session:
        version = session.get_one(Automation, automation_id).active_version
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        order = session.query(Order).filter_by(number="W-1").one()
        store = session.get_one(Store, order.store_id)
        assert version is not None
        assert manual_run.run(session, store, version, [order.id], rosa, LATER) == 1
        session.execute(sa.delete(SearchEntry).where(SearchEntry.record_id == order.id))
    CatchingUp().once(LATER)
    assert "W-1" not in found.get("/orders?q=eonies").text
    place_order("W-1", note="changed")
    CatchingUp().once(LATER)
    assert "W-1" in found.get("/orders?q=eonies").text


def test_an_erased_customer_leaves_no_word_behind(found: FlaskClient) -> None:
    place_order("W-3", customer_id=db.session.scalar(_id_of("C-9")), recipient="Käthe Oberländer")
    CatchingUp().once(LATER)
    ada = sign_in(found.application.test_client(), "ada")
    assert ada.post("/customers/C-9/erasure").status_code == 303
    words = set(db.session.scalars(sa.select(SearchWord.word)))
    assert not {"kathe", "oberlander", "442079460123", "club"} & words
    CatchingUp().once(LATER)
    assert words == set(db.session.scalars(sa.select(SearchWord.word)))


def test_records_from_before_are_taken_in_too_the_newest_first(found: FlaskClient) -> None:
    with write() as session:
        for table in (SearchEntry, SearchEnding, SearchWord, SearchProgress):
            session.execute(sa.delete(table))
    words_caught_up()
    assert "W-1" in found.get("/orders?q=eonies").text
    assert "C-9" in found.get("/customers?q=lander").text
    assert CatchingUp().once(LATER) == 0


def test_pages_of_a_common_word_go_on_where_the_last_ended(
    found: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        place_order(f"R-{number}", lines=[_line("Tulips")], status="confirmed" if number == 1 else "picked")
    words_caught_up()
    monkeypatch.setattr(text_matches, "LISTED", 2)
    monkeypatch.setattr(record_list, "LOOKS", 1)
    first = found.get("/orders?q=ulip&status=confirmed").text
    assert "R-1" not in first and "None among the newest" in first and "Look at older orders" in first
    monkeypatch.setattr(record_list, "LOOKS", 4)
    assert "R-1" in found.get("/orders?q=ulip&status=confirmed").text
    assert _pages(found, "/orders?q=ulip&status=confirmed") == ["R-1"]
    assert _pages(found, "/orders?q=ulip") == [f"R-{number}" for number in range(6, -1, -1)]


@pytest.mark.parametrize("before_the_first", [0, 30])
def test_pages_of_people_who_ordered_often_go_on_where_the_last_ended(
    found: FlaskClient, monkeypatch: pytest.MonkeyPatch, before_the_first: int
) -> None:
    customer = db.session.query(Customer).filter_by(number="C-10").one().id
    for number in range(before_the_first):
        place_order(f"A-{number}")
    for number in range(7):
        place_order(f"R-{number}", customer_id=customer)
        place_order(f"B-{number}")
    words_caught_up()
    monkeypatch.setattr(text_matches, "LISTED", 2)
    monkeypatch.setattr(text_matches, "STEP", 1)
    wanted = [*(f"R-{number}" for number in range(6, -1, -1)), "W-2"]
    assert _pages(found, "/orders?q=ida.holm") == wanted
    monkeypatch.setattr(text_matches, "LISTED", 5)
    assert _pages(found, "/orders?q=ida.holm") == wanted


def test_a_record_that_alone_has_two_common_words_is_found_behind_many_others(
    found: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_order("R-0", lines=[_line("Tulips"), _line("Vases")])
    for number in range(1, 9):
        place_order(f"R-{number}", lines=[_line("Tulips" if number % 2 else "Vases")])
    words_caught_up()
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(finding, "COMPARED", (1, 1))
    monkeypatch.setattr(text_matches, "LOOKS", 3)
    everything = found.get("/search?q=ulip+vase").text
    # Not found in three looks, and told where to go on.
    assert "R-0" not in everything and "All orders with “ulip vase”" in everything
    assert _pages(found, "/orders?q=ulip+vase") == ["R-0"]
    monkeypatch.setattr(text_matches, "LOOKS", 9)
    assert "R-0" in found.get("/orders?q=ulip+vase").text
    assert "R-0" in found.get("/search?q=ulip+vase").text


def test_another_store_finds_nothing_of_it(found: FlaskClient, app: Flask) -> None:
    mallory = sign_in(app.test_client(), "mallory")
    assert "Nothing matches" in text_of(mallory.get("/customers?q=lander"))
    assert "Nothing matches" in text_of(mallory.get("/orders?q=peonies"))


def _id_of(number: str) -> sa.Select[int]:
    return sa.select(Customer.id).where(Customer.number == number)


def _pages(client: FlaskClient, address: str) -> list[str]:
    numbers: list[str] = []
    while address:
        page = client.get(address).text
        numbers += re.findall(r'value="(\d+)" aria-label="Tick', page.partition("record-cards")[0])
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(older[1]) if older else ""
    return [db.session.get_one(Order, int(id)).number for id in numbers]
