"""Lists are sorted by a heading, page by page, with every row once and those without a value last."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from html import unescape

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.features.search import finding
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from automations.web.kit import sorting
from tests.kit.shop import place_customer, place_event, place_order
from tests.kit.words_caught_up import words_caught_up
from tests.web.pages import sign_in, text_of
from tests.world import NOW

TOTALS = st.lists(st.integers(0, 5), min_size=1, max_size=25)


def _numbers(client: FlaskClient, address: str) -> list[str]:
    """Return the numbers that the list shows, over all its pages."""
    numbers: list[str] = []
    while address:
        page = client.get(address).text
        numbers += re.findall(r'aria-label="Tick Order ([^"]+)"', page.partition("record-cards")[0])
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(older[1]) if older else ""
    return numbers


@pytest.mark.parametrize("key", ["number", "placed", "delivery", "total"])
@pytest.mark.parametrize("filtered", ["", "&status=confirmed", "&q=S-"])
def test_every_order_comes_once_in_its_order(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, key: str, filtered: str
) -> None:
    monkeypatch.setattr(sorting, "LENGTH", 3)
    sign_in(client, "rosa")
    for place in range(10):
        day = dt.date(2026, 12, 1 + place % 3) if place % 4 else None
        total = Decimal(place % 3)
        place_order(f"S-{place}", status="confirmed", delivery_date=day, total=total, placed_at=NOW)
    rows = {order.number: order for order in db.session.query(Order)}
    column = {"number": "id", "placed": "placed_at", "delivery": "delivery_date", "total": "total"}[key]
    for sign in ("", "-"):
        shown = _numbers(client, f"/orders?sort={sign}{key}{filtered}")
        assert sorted(shown) == sorted(rows)
        keys = [(getattr(rows[number], column), rows[number].id) for number in shown]
        valued = [pair for pair in keys if pair[0] is not None]
        assert valued == sorted(valued, reverse=bool(sign))
        assert keys[: len(valued)] == valued


@pytest.mark.parametrize("few", [0, 2_000])
@pytest.mark.parametrize("filtered", ["", "&payment_status=unpaid", "&q=S-"])
def test_orders_come_by_the_order_of_the_statuses_or_by_the_names_of_their_customers(
    client: FlaskClient, bloom: Store, monkeypatch: pytest.MonkeyPatch, filtered: str, few: int
) -> None:
    monkeypatch.setattr(sorting, "LENGTH", 3)
    monkeypatch.setattr(sorting, "FEW", few)
    sign_in(client, "rosa")
    people = [place_customer(f"C-{name}", last_name=name).id for name in ("abel", "Zorn", "Bär", "abel")]
    statuses = ("picked", "confirmed", "fulfilled", "gone", "cancelled")
    for place in range(12):
        customer = people[place % 5] if place % 5 < 4 else None
        place_order(f"S-{place}", status="confirmed", payment_status="unpaid", customer_id=customer)
    with write() as session:
        for place, order in enumerate(session.query(Order).order_by(Order.id)):
            order.status = statuses[place % 5]
    places = {key: place for place, key in enumerate(StoreWords(db.session(), bloom).choices("order_status"))}
    rows = list(db.session.query(Order))
    for sign in ("", "-"):
        turned = -1 if sign else 1
        by_status = sorted(rows, key=lambda row: (turned * places.get(row.status, turned * 99), -row.id))
        shown = _numbers(client, f"/orders?sort={sign}status{filtered}")
        assert shown == [order.number for order in by_status]
        named = [order for order in rows if order.customer]
        named.sort(key=lambda row: -row.id)
        named.sort(key=lambda row: (row.customer.last_name.lower(), row.customer_id), reverse=bool(sign))
        nobody = sorted((order for order in rows if not order.customer), key=lambda row: -row.id)
        shown = _numbers(client, f"/orders?sort={sign}customer{filtered}")
        assert shown == [order.number for order in [*named, *nobody]]


def test_a_sorted_search_has_all_matches_not_only_the_newest(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(sorting, "FEW", 2)
    for place in range(5):
        place_order(f"W-{place}", status="confirmed", tags=["Gift"], total=Decimal(place))
    words_caught_up()
    sign_in(client, "rosa")
    for key in ("total", "status", "customer"):
        assert len(_numbers(client, f"/orders?q=gift&sort={key}")) == 5


def test_a_heading_says_how_the_list_is_sorted_and_turns_it_round(client: FlaskClient) -> None:
    place_order("10482", total=Decimal("5.00"), status="confirmed")
    page = sign_in(client, "rosa").get("/orders?status=confirmed").text
    assert "aria-sort" not in page
    assert 'href="/orders?status=confirmed&amp;sort=-total"' in page
    page = client.get("/orders?sort=-total").text
    assert page.count('aria-sort="descending"') == 1
    assert 'href="/orders?sort=total"' in page
    assert '<option value="-total" selected>Total, highest first</option>' in page


@pytest.mark.parametrize(
    "query",
    [
        "sort=nothing",
        "sort=-total&after=1&value=abc",
        "sort=-total&after=1&value=NaN",
        "sort=total&after=x&value=1",
        "sort=delivery&after=99999999999999999999&value=2026-13-40",
        "sort=placed&after=1&value=9999-12-31T23:59:59-23:00",
        "sort=number&after=1&value=²",
        "sort=status&after=²&value=nothing",
        "sort=-customer&after=x&value=1+petrova",
        "sort=customer&after=99999999999999999999&value=99999999999999999999+",
    ],
)
def test_an_address_that_makes_no_sense_shows_a_list(client: FlaskClient, query: str) -> None:
    place_order("10482")
    assert "10482" in text_of(sign_in(client, "rosa").get(f"/orders?{query}"))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/customers?sort=name", ("Bob Marsh", "Anna Petrova")),
        ("/customers?sort=-email", ("Bob Marsh", "Anna Petrova")),
        ("/accounts?sort=name", ("Alder Ltd", "Grand Hotel")),
        ("/accounts?sort=-created", ("Alder Ltd", "Grand Hotel")),
        ("/events?sort=type", ("Fair", "Vows")),
        ("/events?sort=-date", ("Vows", "Fair")),
        ("/events?sort=status", ("Vows", "Fair")),
        ("/events?sort=-status", ("Fair", "Vows")),
        ("/events?sort=customer", ("Vows", "Fair")),
        ("/tasks?sort=title", ("Call", "water")),
        ("/tasks?sort=due", ("water", "Call")),
    ],
)
def test_the_other_lists_are_sorted_too(
    client: FlaskClient, address: str, words: Sequence[str], bloom: object
) -> None:
    ada = sign_in(client, "ada")
    ada.post("/accounts", data={"name": "Alder Ltd"})
    place_event("E-1", name="Vows", event_type="wedding", event_date=dt.date(2026, 12, 24), customer_id=1)
    place_event("E-2", name="Fair", event_type="corporate", status="completed")
    with write() as session:
        for title, due in (("water", NOW), ("Call", None)):
            session.add(Task(store_id=1, title=title, created_at=NOW, due_at=due))
    page = client.get(address).text
    assert 0 < page.index(f">{words[0]}<") < page.index(f">{words[1]}<")
    assert "aria-sort" in page


def test_a_person_adds_columns_to_the_list_of_orders_and_keeps_them(client: FlaskClient) -> None:
    place_customer("C-9", first_name="Ida")
    address = {"street": "Marktplatz 1\nHof", "city": "Königswinter"}
    place_order("10482", shipping=Decimal("4.90"), delivery_address=address, delivery_from="09:30")
    rosa = sign_in(client, "rosa")
    assert "Königswinter" not in text_of(rosa.get("/orders"))
    form = {"column": ["city", "shipping", "slot", "nonsense"], "next": "/orders?q=10482"}
    answer = rosa.post("/list-columns/orders", data=form)
    assert answer.headers["Location"] == "/orders?q=10482"
    words = text_of(rosa.get("/orders"))
    assert "Shipping City Delivery time Total" in words
    assert "£4.90 Königswinter from 09:30" in words
    assert "Königswinter" not in text_of(sign_in(client.application.test_client(), "ada").get("/orders"))
    rosa.post("/list-columns/orders", data={})
    assert "Königswinter" not in text_of(rosa.get("/orders"))


@given(totals=TOTALS)
@settings(max_examples=20, deadline=None)
def test_the_words_of_an_order_and_its_address_agree(totals: list[int]) -> None:
    heading = sorting.Heading("Total", Order.total, "money")
    read = sorting._READ["money"]
    assert [read(sorting._written(Decimal(total))) for total in totals] == [Decimal(t) for t in totals]
    assert heading.begins_descending
