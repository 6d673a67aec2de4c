"""The gallery of starters: searched, counted in the past, and looked at before it is used."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient

from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.kit.shop import place_order
from tests.web.building import HTMX
from tests.web.pages import sign_in, text_of

THANKS, WEDDING = STARTERS["thank_for_order"], STARTERS["wedding_events"]
NEW = "/automations/new"


def test_starters_are_searched_by_every_word_of_what_they_say(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    assert WEDDING.title in text_of(client.get(f"{NEW}?q=WEDDING"))
    both = text_of(client.get(f"{NEW}?q=funeral+managers"))
    assert STARTERS["funeral_orders"].title in both and WEDDING.title not in both
    assert "payment status" not in THANKS.title.lower()
    by_sentence = text_of(client.get(f"{NEW}?q=event+type"))
    assert WEDDING.title in by_sentence and THANKS.title not in by_sentence
    nothing = text_of(client.get(f"{NEW}?q=zebra"))
    assert "No starter matches" in nothing and "Start from scratch" in nothing


def test_a_starter_says_how_often_it_would_have_run_here(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    now = dt.datetime.now(dt.UTC)
    for number in ("A-1", "A-2", "A-3"):
        place_order(number, now=now, order_type="gift")
    place_order("A-4", now=now, order_type="funeral")
    plain = text_of(client.get(NEW))
    assert "in 30 days" not in plain
    counted = text_of(client.get(f"{NEW}?counted=1"))
    assert "4 times in 30 days" in counted
    assert "1 time in 30 days" in counted
    assert "Not once in 30 days" in counted
    assert "Counted once an account is chosen" in counted


def test_the_counts_come_without_replacing_a_card(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    place_order("A-1")
    answer = client.get(f"{NEW}?counted=1", headers=HTMX)
    assert answer.status_code == 200 and "<html" not in answer.text
    assert answer.text.count('hx-swap-oob="true"') == len(STARTERS)
    assert "<button" not in answer.text and 'id="would-thank_for_order"' in answer.text


@pytest.mark.parametrize("key", list(STARTERS))
def test_a_preview_shows_the_rule_and_what_each_action_would_do(client: FlaskClient, key: str) -> None:
    page = text_of(sign_in(client, "rosa").get(f"{NEW}/{key}"))
    starter = STARTERS[key]
    assert starter.title in page and "Use this starter" in page
    assert page.count("What it would do with a sample") == 1
    assert "Viewing this sends nothing" in page
    assert db.session.query(Automation).count() == 0


def test_a_preview_is_the_message_of_the_sample(client: FlaskClient) -> None:
    page = text_of(sign_in(client, "rosa").get(f"{NEW}/thank_for_order"))
    assert "Thank you for your order SAMPLE-1" in page and "{{" not in page


def test_a_preview_never_shows_one_of_the_stores_own_records(client: FlaskClient) -> None:
    place_order("10482", status="confirmed", payment_status="paid")
    for key in ("thank_for_order", "order_confirmed", "funeral_orders"):
        page = text_of(sign_in(client, "rosa").get(f"{NEW}/{key}"))
        assert "SAMPLE-1" in page and "10482" not in page


def test_where_no_sample_fits_a_preview_is_of_one_made_up_to_fit(client: FlaskClient) -> None:
    page = text_of(sign_in(client, "rosa").get(f"{NEW}/order_refunded"))
    assert "Refund for order SAMPLE-1" in page
    assert re.search("The payment status is now (Partially )?Refunded", page)


def test_an_unknown_starter_is_not_found(client: FlaskClient) -> None:
    assert sign_in(client, "rosa").get(f"{NEW}/gone").status_code == 404
