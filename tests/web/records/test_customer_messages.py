"""The messages on a customer's page."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient

from automations.features.audience import campaign_edits, segment_edits
from automations.features.authoring import publish
from automations.models.db.base import write
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.kit.time import reached, timed
from tests.web.automations.test_archive_pages import LATER
from tests.web.pages import assert_fragment, text_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def now() -> dt.datetime:
    """The time of the pages, which have no other clock."""
    return dt.datetime.now(dt.UTC)


def _order(number: str, now: dt.datetime) -> None:
    shop.place_order(number, customer_id=_ann(now), now=now)


def _ann(now: dt.datetime) -> int:
    return shop.place_customer("C-50", first_name="Ann", email="ann@example.org", now=now).id


def test_it_shows_what_was_sent_with_links_to_all_of_it(as_finn: FlaskClient, now: dt.datetime) -> None:
    automation_id = shop.publish_automation("Thanks", "created", now=now)
    _order("1", now)
    perform_due(now)
    answer = as_finn.get("/customers/C-50")
    assert "Kept here “Thank you” for ann@example.org" in text_of(answer)
    messages = answer.text.partition('id="messages"')[2].partition('id="log"')[0]
    for address in ("/orders/1", f"/automations/{automation_id}/overview", "/mailbox/1", "/runs/1"):
        assert f'"{address}"' in messages
    assert "We have it." in text_of(as_finn.get("/runs/1"))


def test_it_says_what_went_to_others_than_the_customer(as_finn: FlaskClient, now: dt.datetime) -> None:
    settings = {
        "to": "address",
        "address": "rosa@bloom.example, shop@x.example",
        "subject": "Pick",
        "message": "-",
    }
    team = {"kind": "send_email", "settings": settings}
    task = {"kind": "create_task", "settings": {"title": "Wrap", "assignee": "manager", "priority": "normal"}}
    shop.publish_automation("Thanks", "created", actions=[shop.email_to(), team, task], now=now)
    _order("1", now)
    perform_due(now)
    words = text_of(as_finn.get("/customers/C-50/messages"))
    assert "“Pick” for Rosa Lind (your team), shop@x.example (not to the customer)" in words
    assert words.count("(not to the customer)") == 2
    assert "“Thank you” for ann@example.org" in words
    assert "ann@example.org (not" not in words


def test_what_is_coming_stands_above_it(as_finn: FlaskClient, now: dt.datetime) -> None:
    settings = {"channel": "email", "subject": "New", "message": "Tulips"}
    marketing = {"kind": "send_marketing", "settings": settings}
    timed("Tulips", "date_reached", reached("delivery_date", "before", 1), actions=[marketing])
    day = (now + dt.timedelta(days=5)).date()
    shop.place_order("1", customer_id=_ann(now), delivery_date=day, now=now)
    words = text_of(as_finn.get("/customers/C-50"))
    assert "Coming up Planned email the customer, if they agreed to marketing (ann@example.org)." in words
    assert "It will be skipped: they have not agreed to marketing." in words
    assert "Nothing has been sent to them yet." in words


def test_what_is_coming_says_to_whom_it_goes(as_finn: FlaskClient, now: dt.datetime) -> None:
    timing = LATER["timing"]
    florist = {"to": "address", "address": "florist@x.example", "subject": "Pick", "message": "-"}
    text = {"kind": "send_sms", "settings": {"to": "customer", "number": "", "message": "Hi"}}
    actions = [shop.email_to(), text, {"kind": "send_email", "settings": florist}]
    shop.publish_automation(
        "Thanks", "created", actions=[one | {"timing": timing} for one in actions], now=now
    )
    schedule = reached("delivery_date", "before", 1)
    timed("How was it?", "date_reached", schedule)
    day = (now + dt.timedelta(days=3)).date()
    shop.place_order("1", customer_id=_ann(now), delivery_date=day, now=now)
    words = text_of(as_finn.get("/customers/C-50"))
    assert "Email the customer (ann@example.org)" in words
    assert "Text the customer (they have no valid phone number)" in words
    assert "Email florist@x.example (not to the customer)" in words
    assert "Planned email the customer (ann@example.org)" in words
    with write() as session:
        ann = session.query(Customer).filter_by(number="C-50").one()
        ann.email, ann.phone = "", "+447911123456"
    words = text_of(as_finn.get("/customers/C-50"))
    assert "Email the customer (they have no valid email address)" in words
    assert "Text the customer (+447911123456)" in words


def test_it_says_what_stands_in_the_way_of_the_next_message(as_finn: FlaskClient, now: dt.datetime) -> None:
    shop.place_customer("C-50", first_name="Ann", email="not an address", marketing_consent=True, now=now)
    words = text_of(as_finn.get("/customers/C-50/messages"))
    assert "The email address is not valid: emails are skipped." in words
    assert "No phone number: text messages are skipped." in words
    assert "Agreed to marketing since" in words and "0 marketing messages in the last 7 days" in words
    assert (
        "quiet hours" in words.lower() and "No automation has a limit of its own for each customer." in words
    )


def test_it_says_which_limits_are_used_up_and_what_is_left(as_finn: FlaskClient, now: dt.datetime) -> None:
    _ann(now)
    for name, days in (("Thanks", 7), ("Care", 30)):
        automation_id = shop.draft_automation(name, "created" if name == "Thanks" else "status_changed")
        with write() as session:
            automation = session.get_one(Automation, automation_id)
            caps = {"once_per_record": False, "once_per_customer_days": days, "per_hour": None}
            automation.draft = automation.draft | {"caps": caps}
            publish.publish(session, automation, session.query(User).first(), now - dt.timedelta(days=1))
    assert "2 automations with such a limit may still run for them now." in text_of(
        as_finn.get("/customers/C-50")
    )
    _order("1", now)
    words = text_of(as_finn.get("/customers/C-50"))
    assert "Thanks : ran today" in words and "may run once in 7 days: none is left. Next possible" in words
    assert "1 other automation with such a limit may still run for them now." in words
    assert "There is no limit over all automations together." in words


def test_campaigns_they_are_in_line_for_are_named(
    as_finn: FlaskClient, now: dt.datetime, bloom: Store, rosa: User
) -> None:
    _ann(now)
    with write() as session:
        store, user = session.get_one(Store, bloom.id), session.get_one(User, rosa.id)
        segment = segment_edits.save(session, store, user, None, "Everyone", [], now)
        text = {"channel": "email", "subject": "Hello", "message": "Hello"}
        campaign_edits.create(session, store, user, segment, "Spring", text, None, now)
    words = text_of(as_finn.get("/customers/C-50"))
    why = "they would not get it, as they have not agreed to marketing."
    assert f"Campaign Spring to Everyone, not sent yet: {why}" in words
    shop.place_customer("C-50", marketing_consent=True, now=now)
    assert "not sent yet: they will get it." in text_of(as_finn.get("/customers/C-50"))


def test_older_messages_are_on_pages_of_their_own(as_finn: FlaskClient, now: dt.datetime) -> None:
    shop.publish_automation("Thanks", "created", now=now)
    for number in range(30):
        _order(str(number), now - dt.timedelta(minutes=number))
    perform_due(now)
    address, seen = "/customers/C-50", []
    for _ in range(4):
        answer = as_finn.get(address)
        page = answer.text.partition('id="messages"')[2].partition('id="log"')[0]
        seen += re.findall(r'id="message-run-(\d+)"', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1] if older else ""
        if not address:
            break
    assert sorted(map(int, seen)) == list(range(1, 31))
    assert_fragment(as_finn.get("/customers/C-50/messages", headers=HTMX), "#messages")


@pytest.mark.parametrize(
    "key", ["x", "r-1", "r-x-1", "r-9999999999999999999-1", "z-1-1", "r-²-1", "r-250000000000000001-1"]
)
def test_an_address_that_names_no_place_shows_the_newest(as_finn: FlaskClient, key: str) -> None:
    answer = as_finn.get("/customers/C-1/messages", query_string={"before": key})
    assert answer.status_code == 200 and "No messages yet" in answer.text


def test_an_erased_customer_has_no_messages(as_ada: FlaskClient, now: dt.datetime, bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", now=now)
    _order("1", now)
    perform_due(now)
    assert "Kept here" in text_of(as_ada.get("/customers/C-50/messages"))
    as_ada.post("/customers/C-50/erasure", data={"confirmed": "C-50"})
    words = text_of(as_ada.get("/customers/C-50/messages"))
    assert "This customer was erased" in words and "Thank you" not in words and "Thanks" not in words


def test_marketing_that_was_kept_here_counts_and_is_said_to_have_reached_nobody(
    as_finn: FlaskClient, bloom: Store, now: dt.datetime
) -> None:
    # The clock is the real one, and at night marketing waits.
    with write() as session:
        session.get_one(Store, bloom.id).quiet_hours = []
    shop.place_customer("C-50", email="ann@example.org", marketing_consent=True, now=now)
    settings = {"channel": "email", "subject": "New", "message": "Tulips"}
    shop.publish_automation(
        "News", "created", actions=[{"kind": "send_marketing", "settings": settings}], now=now
    )
    _order("1", now)
    before = text_of(as_finn.get("/customers/C-50/messages"))
    assert "marketing message in the last 7 days" in before and "which nobody got" not in before
    perform_due(now)
    words = text_of(as_finn.get("/customers/C-50/messages"))
    assert "1 marketing message in the last 7 days, counting 1 kept here, which nobody got" in words
