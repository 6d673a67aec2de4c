"""A store in Berlin: its pages, logs and explanations have its amounts, dates and times."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from tests.features.backtest import story
from tests.features.backtest.story import over
from tests.kit import shop
from tests.kit.time import timed
from tests.web.automations.test_archive_pages import LATER
from tests.web.automations.test_backtest_pages import begin
from tests.web.building import automation, opened, send
from tests.web.pages import signed_in, text_of

#: What is written in no other country.
BRITISH = re.compile(
    r"£|\d\.\d\d\b|\d,\d{3}\b|\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"
    r"|\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
)

#: The days of the week as a store in Berlin writes them.
GERMAN = re.compile("Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag")


@pytest.fixture
def berlin(bloom: Store) -> Store:
    in_country("de-DE", "EUR", "Europe/Berlin")
    return bloom


def in_country(language: str, currency: str, timezone: str) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        store.language, store.currency, store.timezone = language, currency, timezone


def test_the_log_of_an_order_says_why_in_euros_and_german_dates(as_rosa: FlaskClient, berlin: Store) -> None:
    shop.publish_automation(
        "Big",
        "created",
        shop.condition("total", "greater_than", "3703.68"),
        shop.condition("delivery_date", "less_than", "2026-12-01"),
    )
    shop.place_order("1", total=Decimal("1200.5"), delivery_date=dt.date(2026, 12, 24))
    page = text_of(as_rosa.get("/orders/1"))
    assert "Total is 1.200,50 €, needs over 3.703,68 €" in page
    assert "Delivery date is 24. Dez. 2026, needs before 1. Dez. 2026" in page
    assert not BRITISH.search(page)
    # Programs get what they always got.
    row = db.session.query(Order).one()
    assert (row.total, row.delivery_date) == (Decimal("1200.5"), dt.date(2026, 12, 24))


def test_what_the_log_keeps_is_told_in_the_words_of_today_and_the_currency_of_its_time(
    as_rosa: FlaskClient, bloom: Store
) -> None:
    shop.publish_automation("Big", "created", shop.condition("total", "greater_than", "40.00"))
    shop.place_order("1", total=Decimal("1200.5"))
    assert "Total £1,200.50 is over £40.00" in text_of(as_rosa.get("/orders/1"))
    in_country("fr-FR", "EUR", "Europe/Paris")
    # The test has one context for all of its requests.
    g.pop("words")
    assert "Total 1 200,50 £GB is over 40,00 £GB" in text_of(as_rosa.get("/orders/1"))


def test_a_rule_names_its_weekday_in_english_and_amounts_as_the_store_does(
    as_rosa: FlaskClient, berlin: Store
) -> None:
    schedule = {"every": "week", "weekday": "tuesday", "day": None, "time": "09:00"}
    big = shop.condition("total", "greater_than", "3703.68")
    id = timed("Weekly", "scheduled", schedule, big)
    page = text_of(as_rosa.get(f"/automations/{id}/overview"))
    assert "Every Tuesday at 09:00" in page and "total is over 3.703,68 €" in page
    builder = as_rosa.get(f"/automations/{id}").text
    assert ">Tuesday</option>" in builder and ">Dienstag</option>" not in builder


def test_whatever_names_a_weekday_by_itself_names_it_in_english(
    app: Flask, as_rosa: FlaskClient, berlin: Store
) -> None:
    nth = {"every": "month", "nth": "second", "weekday": "tuesday", "day": None, "time": "09:00"}
    id = timed("Monthly", "scheduled", nth, shop.condition("now.weekday", "equals", "friday"))
    page = text_of(as_rosa.get(f"/automations/{id}/overview"))
    assert "Every month on the second Tuesday at 09:00" in page and "the weekday is Friday" in page
    builder = as_rosa.get(f"/automations/{id}")
    assert ">Friday</option>" in builder.text and not GERMAN.search(text_of(builder))
    as_ada = signed_in(app.test_client(), "ada")
    assert "Thursday" in text_of(as_ada.get("/settings/hours"))
    assert as_ada.post("/settings/hours", data={"opens-3": "09:00", "closes-3": "17:00"}).status_code == 303
    for address in ("/settings/hours", "/settings/audit"):
        assert not GERMAN.search(text_of(as_ada.get(address)))
    assert "Thursday" in text_of(as_ada.get("/settings/audit"))


def test_a_backtest_is_told_in_euros(as_rosa: FlaskClient, berlin: Store) -> None:
    story.pay_the_orders(shop.place_customer("C-9", first_name="Bram", email="bram@mail.example").id)
    address = begin(as_rosa, story.live_and_draft(over("40")))
    page = text_of(as_rosa.get(address))
    assert "total 52,80 € is over 40,00 €, was not over 60,00 €" in page
    assert "Total is over 40,00 € was 60,00 €" in page
    assert not BRITISH.search(page)


def test_what_is_coming_up_has_the_stores_day(as_rosa: FlaskClient, berlin: Store) -> None:
    id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order("1", now=dt.datetime.now(dt.UTC))
    page = as_rosa.get(f"/automations/{id}/upcoming")
    # Berlin's day begins before that of UTC.
    due = shop.runs()[0].due_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{due.day}. " in text_of(page) and not BRITISH.search(text_of(page))
    assert re.search(r'title="\w+, \d{1,2}\. \w+ \d{4}, \d\d:\d\d:\d\d \(Europe/Berlin\)"', page.text)


def test_amounts_are_typed_with_a_comma_in_the_form_of_an_order(as_rosa: FlaskClient, berlin: Store) -> None:
    form = {"number": "7", "status": "unconfirmed", "payment_status": "unpaid", "total": "1.200,50"}
    assert as_rosa.post("/orders", data=form).status_code == 303
    assert db.session.query(Order).one().total == Decimal("1200.50")
    edited = as_rosa.get("/orders/7/edit").text
    assert 'value="1200,50"' in edited
    refused = as_rosa.post("/orders", data=form | {"number": "8", "total": "much"})
    assert "Enter an amount such as 86,00." in text_of(refused) and 'value="much"' in refused.text


def test_amounts_are_typed_with_a_comma_in_the_builder(as_rosa: FlaskClient, berlin: Store) -> None:
    id = shop.draft_automation("Big", "created", shop.condition("total", "greater_than", "40.00"))
    form = opened(as_rosa, id)
    (name,) = [name for name, value in form.values.items(multi=True) if value == "40,00"]
    send(as_rosa, f"/automations/{id}", form, **{name: "1.200,50"})
    assert automation(id).draft["conditions"][0]["value"] == "1200.50"
