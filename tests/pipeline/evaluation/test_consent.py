"""Marketing asks for consent when it leaves: what was agreed when it was decided does not count."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from automations.actions.send_marketing import NO_ADDRESS, NO_CONSENT
from automations.features.audience import campaign_edits, campaign_sending, segment_edits
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.people import User
from automations.models.tables.run import SKIPPED, SUCCEEDED, Run
from automations.models.tables.segment import Campaign
from automations.models.tables.store import Store
from automations.pipeline.evaluation import consent
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.world import NOW

HOUR = dt.timedelta(hours=1)
LATER = {"when": "after", "amount": "1", "unit": "hours", "recheck": True}


@pytest.fixture
def site(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The program at an address of its own, which the links to unsubscribe need."""
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://shop.example/MAX/")
    return app


def marketing(channel: str = "email", **timing: Any) -> dict[str, Any]:
    settings = {"channel": channel, "subject": "Peonies", "message": "They are in."}
    return {"kind": "send_marketing", "settings": settings} | timing


def place_mia(agreed: bool, **values: Any) -> Customer:
    """Receive a customer who can be reached, and who has agreed to marketing or not."""
    contact = {"email": "mia@example.com", "phone": "+44 20 7946 0958"}
    shop.place_customer("C-9", marketing_consent=agreed, **contact, **values)
    return db.session.query(Customer).filter_by(number="C-9").one()


def press_unsubscribe(site: Flask, customer: Customer) -> None:
    path = f"/unsubscribe/{consent.token_for(customer.store_id, customer.id)}"
    assert site.test_client().post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    db.session.rollback()


def the_run() -> Run:
    db.session.rollback()
    (run,) = shop.runs()
    return run


@pytest.mark.parametrize("subject", ["customer", "order"])
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_who_unsubscribes_while_it_waits_gets_nothing(site: Flask, channel: str, subject: str) -> None:
    shop.publish_automation("News", "created", subject=subject, actions=[marketing(channel)])
    mia = place_mia(agreed=True)
    if subject == "order":
        shop.place_order(customer_id=mia.id)
    press_unsubscribe(site, mia)
    perform_due()
    assert (the_run().state, the_run().reason, the_run().messages) == (SKIPPED, NO_CONSENT, [])


def test_who_unsubscribes_while_it_is_delayed_gets_nothing(site: Flask) -> None:
    shop.publish_automation("News", "created", subject="customer", actions=[marketing(timing=LATER)])
    press_unsubscribe(site, place_mia(agreed=True))
    perform_due(NOW + HOUR)
    assert (the_run().state, the_run().reason) == (SKIPPED, NO_CONSENT)


def test_who_unsubscribes_before_their_part_of_a_campaign_leaves_gets_nothing(site: Flask) -> None:
    mia = place_mia(agreed=True, tags=["vip"])
    with write() as session:
        store, rosa = (
            session.get_one(Store, mia.store_id),
            session.query(User).filter_by(name="Rosa Lind").one(),
        )
        vip = [shop.condition("tags", "contains", "vip")]
        segment = segment_edits.save(session, store, rosa, None, "Best", vip, NOW)
        settings = marketing()["settings"]
        campaign = campaign_edits.create(session, store, rosa, segment, "Spring", settings, None, NOW)
        campaign_edits.start(session, session.get_one(Campaign, campaign.id), rosa)
    campaign_sending.send_all(lambda: NOW, lambda: True)
    press_unsubscribe(site, mia)
    perform_due()
    assert (the_run().state, the_run().reason) == (SKIPPED, NO_CONSENT)


def test_who_agrees_while_it_waits_gets_it_with_the_link_to_stop_it(site: Flask) -> None:
    shop.publish_automation("News", "created", subject="customer", actions=[marketing()])
    mia = place_mia(agreed=False)
    shop.place_customer("C-9", marketing_consent=True)
    perform_due()
    (message,) = the_run().messages
    link = f"https://shop.example/MAX/unsubscribe/{consent.token_for(mia.store_id, mia.id)}"
    assert the_run().state == SUCCEEDED
    assert message.body == f"They are in.\n\n--\nYou agreed to hear from us. To stop it: {link}"


def test_a_text_message_says_in_one_word_how_to_stop_it(site: Flask) -> None:
    shop.publish_automation("News", "created", subject="customer", actions=[marketing("sms")])
    mia = place_mia(agreed=True)
    perform_due()
    (message,) = the_run().messages
    link = f"https://shop.example/MAX/unsubscribe/{consent.token_for(mia.store_id, mia.id)}"
    assert (the_run().state, message.to) == (SUCCEEDED, "+442079460958")
    assert message.body == f"They are in.\nStop: {link}"


def test_without_an_address_of_the_program_no_marketing_leaves(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(site.config, "PUBLIC_URL", "")
    shop.publish_automation("News", "created", subject="customer", actions=[marketing()])
    place_mia(agreed=True)
    perform_due()
    assert (the_run().state, the_run().reason) == (SKIPPED, NO_ADDRESS)


def test_a_record_without_a_customer_has_agreed_to_nothing(site: Flask) -> None:
    place_mia(agreed=True)
    shop.publish_automation("News", "created", actions=[marketing()])
    shop.place_order()
    perform_due()
    assert (the_run().state, the_run().reason) == (SKIPPED, NO_CONSENT)


@pytest.mark.parametrize("position", [0, 1])
def test_a_link_to_unsubscribe_names_one_customer_of_one_store(site: Flask, position: int) -> None:
    mia = place_mia(agreed=True)
    assert consent.customer_named(db.session(), consent.token_for(mia.store_id, mia.id)) is mia
    named = [mia.store_id, mia.id]
    named[position] += 1
    other = consent.customer_named(db.session(), consent.token_for(*named))
    assert other is None


def test_a_link_signed_with_an_earlier_key_still_unsubscribes(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia = place_mia(agreed=True)
    old_link = consent.token_for(mia.store_id, mia.id)
    monkeypatch.setitem(site.config, "SECRET_KEY_FALLBACKS", [site.config["SECRET_KEY"]])
    monkeypatch.setitem(site.config, "SECRET_KEY", "a new key, only for tests")
    assert consent.token_for(mia.store_id, mia.id) != old_link
    assert consent.customer_named(db.session(), old_link) is mia
    monkeypatch.setitem(site.config, "SECRET_KEY_FALLBACKS", [])
    assert consent.customer_named(db.session(), old_link) is None
