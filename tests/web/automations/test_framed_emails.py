"""Emails with the store's look in a backtest, a review and a shadow: framed, and allowed by the policy."""

from __future__ import annotations

import base64
import hashlib
import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.db.base import db, write
from automations.models.settings.email_looks import NEW
from automations.models.tables.run import Message, Run
from automations.models.tables.store import Store
from automations.web.kit.frame_styles import allow_frame_styles, frame_styles
from tests.features.backtest import story
from tests.features.backtest.story import DELIVERY, over
from tests.kit import shop
from tests.web.pages import text_of


@pytest.fixture
def automation_id(bloom: Store) -> int:
    customer = shop.place_customer("C-9", first_name="Bram", last_name="Hollis", email="bram@mail.example")
    story.pay_the_orders(customer.id)
    return story.live_and_draft(DELIVERY, over("40"))


@pytest.fixture
def looked(bloom: Store) -> None:
    """Give the store's emails a look."""
    with write() as session:
        session.get_one(Store, bloom.id).email_look = {**NEW, "colour": "#7a1f5c", "address": "1 Wild St"}


def framed(page: TestResponse) -> list[str]:
    """Return the documents that a page frames, each allowed by the policy of the page and without scripts."""
    frames = re.findall(r"<iframe([^>]*)>", page.text)
    assert all(" sandbox " in frame for frame in frames)
    documents = [html.unescape(found) for found in re.findall(r'srcdoc="([^"]*)"', page.text)]
    policy = page.headers["Content-Security-Policy"]
    for document in documents:
        for sheet in re.findall(r"<style>(.*?)</style>", document, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
    return documents


def begin(client: FlaskClient, automation_id: int) -> str:
    answer = client.post(f"/automations/{automation_id}/backtests", data={"period": "90"})
    return str(answer.headers["Location"])


@pytest.mark.usefixtures("looked")
def test_a_backtest_shows_what_the_chosen_record_would_have_got_as_it_looks(
    as_rosa: FlaskClient, automation_id: int
) -> None:
    page = as_rosa.get(begin(as_rosa, automation_id))
    light, dark = framed(page)
    assert "Hello Anna." in light and "1 Wild St" in light and "#7a1f5c" in light.lower() and light != dark
    assert "Email 1 in light colours" in page.text and "Your order #1049 is confirmed" in text_of(page)
    assert db.session.query(Run).count() == db.session.query(Message).count() == 0


@pytest.mark.usefixtures("looked")
def test_the_page_allows_emails_that_are_put_into_it_later(as_rosa: FlaskClient, automation_id: int) -> None:
    address = begin(as_rosa, automation_id)
    whole = as_rosa.get(f"{address}?tab=same&row=1")
    empty = as_rosa.get(f"{address}?tab=lost")
    assert framed(empty) == [] and len(framed(whole)) >= 2
    policy = "Content-Security-Policy"
    assert empty.headers[policy] == whole.headers[policy]


def test_plain_emails_stay_text_and_the_policy_stays_closed(as_rosa: FlaskClient, automation_id: int) -> None:
    page = as_rosa.get(begin(as_rosa, automation_id))
    assert framed(page) == [] and "Hello Anna." in text_of(page)
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
    review = as_rosa.get(f"/automations/{automation_id}/publish")
    assert framed(review) == [] and "How it looks" not in text_of(review)


@pytest.mark.usefixtures("looked")
def test_the_review_shows_the_email_as_the_newest_of_them_would_get_it(
    as_rosa: FlaskClient, automation_id: int
) -> None:
    page = as_rosa.get(f"/automations/{automation_id}/publish")
    assert "As Order 1049, the newest of them, would get it. Nothing is sent." in text_of(page)
    light, _ = framed(page)
    assert "Hello Anna." in light
    assert db.session.query(Message).count() == 0


@pytest.mark.usefixtures("looked")
def test_a_review_of_a_rule_that_never_fitted_shows_no_email(as_rosa: FlaskClient, bloom: Store) -> None:
    id = shop.draft_automation("Thanks", "created", over("4000000"))
    page = as_rosa.get(f"/automations/{id}/publish")
    assert page.status_code == 200 and framed(page) == []


def test_several_frames_on_a_page_are_all_allowed(app: Flask) -> None:
    with app.test_request_context():
        allow_frame_styles(("'sha256-a'", "'sha256-b'"))
        allow_frame_styles(("'sha256-b'", "'sha256-c'"))
        assert frame_styles() == ("'sha256-a'", "'sha256-b'", "'sha256-c'")
