"""The page of a campaign: what the first receiver would read, that nobody is left, and what became of it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.features.audience import campaign_sending
from automations.models.db.base import db, write
from automations.models.tables.customer import ERASED
from automations.models.tables.run import FAILED, SUCCEEDED, Message, Run
from automations.models.tables.segment import Segment
from automations.pipeline.evaluation import consent
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.web.audience.test_marketing import agreed, vip
from tests.web.pages import text_of
from tests.world import NOW


def written(client: FlaskClient, **typed: str) -> str:
    """Write a campaign to the customers with the tag VIP; return its address."""
    form = {"segment_id": str(vip(client).id)} if "segment_id" not in typed else {}
    form |= {"channel": "email", "once_in_days": "7", "name": "Spring"}
    form |= {"subject": "Peonies, {{ customer.first_name }}", "message": "They are in.", **typed}
    return client.post("/campaigns", data=form).location


def test_the_page_shows_what_the_first_receiver_would_read(
    app: Flask, as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://shop.example")
    shop.place_customer("C-8", tags=["vip"], email="no@example.com", first_name="Nina")
    shop.place_customer(
        "C-9", tags=["vip"], email="mia@example.com", marketing_consent=True, first_name="Mia"
    )
    page = as_rosa.get(written(as_rosa))
    assert "What Mia would read" in text_of(page) and "Peonies, Mia" in text_of(page)
    assert "{{ customer.first_name }}" not in text_of(page)
    assert "Send to 1 customer" in text_of(page)


def test_nobody_is_sent_to_when_nobody_would_get_it(as_rosa: FlaskClient) -> None:
    shop.place_customer("C-10", tags=["vip"], email="no@example.com")
    page = as_rosa.get(written(as_rosa))
    assert "Nobody would get it now." in text_of(page) and "Send to" not in text_of(page)


def test_a_message_that_nobody_would_get_is_shown_as_a_sample_customer_would_read_it(
    app: Flask, as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://shop.example")
    page = text_of(as_rosa.get(written(as_rosa)))
    assert "What a sample customer would read" in page and "Peonies, Sam" in page
    assert "{{" not in page


def test_a_campaign_that_was_sent_shows_the_message_that_its_first_receiver_got(
    app: Flask, as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://shop.example")
    shop.place_customer(
        "C-9", tags=["vip"], email="mia@example.com", marketing_consent=True, first_name="Mia"
    )
    address = written(as_rosa)
    as_rosa.post(f"{address}/sending")
    campaign_sending.send_all(lambda: NOW, lambda: True)
    assert "What a sample customer would read" in text_of(as_rosa.get(address))
    perform_due()
    page = text_of(as_rosa.get(address))
    assert "Kept here for Mia" in page and "was sent" not in page and "Peonies, Mia" in page
    assert "{{" not in page and "as it was written" not in page
    with write() as session:
        session.query(Message).one().connector = "smtp"
    assert "What Mia was sent" in text_of(as_rosa.get(address))
    with write() as session:
        session.query(Message).one().to = ERASED
    assert "What a sample customer would read" in text_of(as_rosa.get(address))


def test_a_message_that_could_not_leave_says_why_before_it_is_sent(
    as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "url_for", lambda store_id, customer_id: "")
    agreed()
    page = text_of(as_rosa.get(written(as_rosa)))
    assert "would be first, and would get nothing: There is no web address for unsubscribing." in page


def test_whose_recent_marketing_was_only_kept_here_is_counted(
    app: Flask, as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://shop.example")
    for number in ("C-8", "C-9"):
        shop.place_customer(number, tags=["vip"], email=f"{number}@example.com", marketing_consent=True)
    first = written(as_rosa)
    again = {"once_in_days": "30", "segment_id": str(db.session.query(Segment).one().id)}
    as_rosa.post(f"{first}/sending")
    campaign_sending.send_all(lambda: NOW, lambda: True)
    waiting = text_of(as_rosa.get(written(as_rosa, **again)))
    assert "2 had marketing recently 0 will get it" in waiting
    perform_due()
    kept = text_of(as_rosa.get(written(as_rosa, **again)))
    assert "2 had marketing recently, only kept here 0 will get it" in kept
    ahead = text_of(as_rosa.get("/customers/C-8"))
    assert "they had marketing too recently for it, though it was only kept here" in ahead
    with write() as session:
        session.query(Message).order_by(Message.id).first().connector = "smtp"
    address = written(as_rosa, **again)
    assert "2 had marketing recently, 1 of them only kept here 0 will get it" in text_of(as_rosa.get(address))
    as_rosa.post(f"{address}/sending")
    campaign_sending.send_all(lambda: NOW, lambda: True)
    assert "2 had marketing recently, 1 of them only kept here 0 chosen" in text_of(as_rosa.get(address))


def test_the_results_count_each_message_by_its_state(as_rosa: FlaskClient) -> None:
    agreed()
    agreed("C-11")
    address = written(as_rosa)
    as_rosa.post(f"{address}/sending")
    assert "Nothing has been sent yet." in text_of(as_rosa.get(address))
    campaign_sending.send_all(lambda: NOW, lambda: True)
    assert "2 Waiting" in text_of(as_rosa.get(address))
    with write() as session:
        one, other = session.query(Run).order_by(Run.id)
        one.state, other.state = SUCCEEDED, FAILED
    assert "1 Sent 1 Failed" in text_of(as_rosa.get(address))


def test_segments_and_campaigns_are_tabs_of_customers(as_rosa: FlaskClient) -> None:
    for path in ("/customers", "/accounts", "/segments", "/campaigns"):
        page = as_rosa.get(path).text
        tabs = page.split('aria-label="Customers and their groups"')[1].split("</nav>")[0]
        assert tabs.count("<a ") == 4
        assert f'<a href="{path}" class="active" aria-current="page">' in tabs
