"""“External triggers: triggers that involve external interactions with customers.”"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from automations.features.audience import campaign_sending
from automations.features.scheduling import scan
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from tests.kit.pages.by_hand import Action, Automation
from tests.kit.time import london
from tests.seeds.examples import (
    AT_THE_DEPOT,
    BOOK_THE_COURIER,
    DEPOT,
    STORAGE_EXPIRED,
    THANK_BY_SMS,
    THANKS,
    TOLD,
)
from tests.seeds.store import ANNA, BOB, OpenStore

NUMBER = "+442079460958"
TODAY = dt.datetime.now(dt.UTC).date()
#: Marketing waits for the day.
NOON = london(TODAY + dt.timedelta(days=1), "12:00")


def test_after_a_customer_places_a_new_order_an_sms_is_sent(store: OpenStore) -> None:
    store.use_text_gateway()
    store.publish(THANK_BY_SMS)
    assert "contacts the customer" in store.rosa.words
    store.order(customer=ANNA)
    store.work()
    assert store.texts == [(NUMBER, THANKS)]
    assert f"Text the customer sent to {NUMBER}" in store.log()


def test_an_order_sent_by_royal_mail_arrives_at_the_depot(store: OpenStore) -> None:
    store.use_text_gateway()
    store.publish(AT_THE_DEPOT)
    for number, carrier in (("10482", "Royal Mail"), ("10483", "Own van")):
        tracked = {"delivery_type": carrier, "tracking_number": "AB123456789GB"}
        store.order(number, customer=ANNA, **tracked, delivery_status="In transit")
        store.order(number, delivery_status="At the depot")
        store.order(number, delivery_status="Delivered")
    store.work()
    assert store.texts == [(NUMBER, f"{DEPOT} AB123456789GB. Best regards, Bloom & Wild St")]
    assert "Delivery type is Own van, needs Royal Mail" in store.log("10483")


def test_the_storage_period_for_the_parcel_has_expired(store: OpenStore) -> None:
    store.publish(STORAGE_EXPIRED)
    ends = TODAY + dt.timedelta(days=3)
    store.order("10482", customer=ANNA, status="Ready for Fulfilment", storage_until=ends.isoformat())
    store.order("10483", customer=ANNA, status="Fulfilled", storage_until=ends.isoformat())
    due = london(ends + dt.timedelta(days=1), "09:00")
    scan.scan(dt.datetime.now(dt.UTC))
    scan.scan(due - dt.timedelta(minutes=1))
    store.work(due)
    assert store.emails == []
    scan.scan(due + dt.timedelta(minutes=1))
    store.work(due + dt.timedelta(minutes=1))
    (email,) = store.emails
    assert email["Subject"] == "Your order 10482 has been returned"
    assert "Your order from Bloom & Wild St has been returned." in email.get_content()


def test_the_delivery_type_has_changed_to_courier_delivery(store: OpenStore) -> None:
    store.web.expect_request("/deliveries", method="POST").respond_with_json({"job": "J7"}, status=201)
    store.keep_secret("courier", "token of the courier")
    url = {"URL": store.web.url_for("/deliveries")}
    (request,) = BOOK_THE_COURIER.actions
    by_courier = Action(request.kind, {**request.fields, **url})
    store.publish(replace(BOOK_THE_COURIER, actions=[by_courier]))
    store.order(customer=ANNA, delivery_type="Own van")
    assert store.order(delivery_type="Courier delivery")["fired"] == 1
    assert store.order(delivery_type="Royal Mail")["fired"] == 0
    store.work()
    (asked,) = store.calls("/deliveries")
    assert asked.json == {"reference": "10482", "name": "Anna Petrova"}
    assert asked.headers["Authorization"] == "Bearer token of the courier"
    log = store.log()
    assert "Send a request to localhost done: localhost answered 201" in log
    assert 'What localhost answered 201 { "job": "J7" }' in log
    assert "token of the courier" not in log


@pytest.mark.parametrize("channel", ["Email", "Text message"])
def test_marketing_emails_and_sms_to_different_customer_segments(
    store: OpenStore, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store.app.config, "PUBLIC_URL", "https://bloom.example")
    store.use_text_gateway()
    for number, tag in (("1", "vip"), ("2", "vip"), ("3", "new")):
        reached = {"email": f"c{number}@people.example", "phone": f"+44 7400 12345{number}"}
        store.customer(f"C-1{number}", **reached, tags=[tag], marketing_consent=number != "2")
    store.segment("Best customers", "Tags", "contains", "vip")
    store.campaign("Spring", "Best customers", channel, "Peonies are in", "Hello {{ customer.name }}")
    assert "1 has not agreed to marketing" in store.rosa.words
    store.rosa.press("Send to 1 customer")
    campaign_sending.send_all(lambda: NOON, lambda: True)
    store.work(NOON)
    if channel == "Email":
        (email,) = store.emails
        assert (email["To"], email["Subject"]) == ("c1@people.example", "Peonies are in")
        assert email["List-Unsubscribe"].strip().startswith("<https://bloom.example/unsubscribe/")
    else:
        ((number, text),) = store.texts
        assert number == "+447400123451" and "https://bloom.example/unsubscribe/" in text


def test_a_trigger_sends_marketing_to_a_segment(store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(store.app.config, "PUBLIC_URL", "https://bloom.example")
    store.segment("Best customers", "Tags", "contains", "vip")
    news = Action("Send marketing", {"Subject": "Welcome among the best", "Message": "A rose is yours."})
    entered = Automation(
        "Welcome", "Enters a segment", [], [news], model="Customer", when={"Segment": "Best customers"}
    )
    store.publish(entered)
    store.customer("C-11", email="c1@people.example", marketing_consent=True)
    assert store.customer("C-11", tags=["vip"])["record"]["tags"] == ["vip"]
    store.work(NOON)
    assert [email["Subject"] for email in store.emails] == ["Welcome among the best"]


def test_with_invalid_contact_information_no_email_and_no_sms_is_sent(store: OpenStore) -> None:
    store.use_text_gateway()
    store.publish(Automation("Both", "Created", actions=[TOLD, *THANK_BY_SMS.actions]))
    store.customer("C-2", phone="12")
    store.order("10482", customer=BOB)
    store.order("10483", customer={"first_name": "Nobody"})
    store.work()
    assert (store.emails, store.texts) == ([], [])
    assert {run.state for run in store.runs} == {"skipped"}
    log = store.log()
    assert "“bob(at)nowhere” is not a valid email address." in log
    assert "“12” is not a valid phone number." in log
    log = store.log("10483")
    assert "The customer has no email address." in log and "The customer has no phone number." in log
    assert db.session.query(Customer).filter_by(number="C-2").one().email == "bob(at)nowhere"
