"""Why one automation did not run for one record: an answer for every automation there is."""

from __future__ import annotations

import datetime as dt

import pytest

from automations.models.automation import Automation
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.models.store import Store
from automations.pipeline.why_not import Answer, why_not
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
HOUR = dt.timedelta(hours=1)
OVER_40 = shop.condition("total", "greater_than", "40.00")


def ask(store: Store, record_id: int, automation_id: int) -> Answer:
    automation = db.session.get_one(Automation, automation_id)
    words = StoreWords(db.session(), store)
    return why_not(db.session(), store, words, "order", record_id, "Order 10482", automation)


def test_conditions_that_failed_are_named(bloom: Store) -> None:
    automation = shop.publish_automation("Big ones", "created", OVER_40)
    answer = ask(bloom, shop.place_order().id, automation)
    assert answer.sentence == "Order 10482 · Big ones did not run: total is £0.00, needs over £40.00."
    assert [chip.holds for chip in answer.chips] == [False]


def test_one_that_did_run_says_so(bloom: Store) -> None:
    automation = shop.publish_automation("All", "created")
    answer = ask(bloom, shop.place_order().id, automation)
    assert (answer.sentence, answer.ran) == ("All did run for Order 10482.", True)


def test_a_draft_has_never_listened(bloom: Store) -> None:
    automation = shop.draft_automation("Later", "created")
    answer = ask(bloom, shop.place_order().id, automation)
    assert "has never been published" in answer.sentence


def test_one_that_watches_events_has_nothing_to_do_with_an_order(bloom: Store) -> None:
    automation = shop.publish_automation("Weddings", "created", subject="event")
    answer = ask(bloom, shop.place_order().id, automation)
    assert answer.sentence == "Weddings watches events, and this is an order."


def test_one_whose_trigger_has_not_happened_names_its_trigger(bloom: Store) -> None:
    automation = shop.publish_automation("Paid", "payment_status_changed")
    order = shop.place_order()
    sentence = ask(bloom, order.id, automation).sentence
    assert sentence == (
        "Paid starts when an order’s payment status changes, and that has not happened to Order 10482."
    )
    shop.switch_off(automation)
    assert "also switched off" in ask(bloom, order.id, automation).sentence


def test_one_published_later_than_the_change_says_when(bloom: Store) -> None:
    order = shop.place_order()
    automation = shop.publish_automation("Late", "created", now=NOW + HOUR)
    answer = ask(bloom, order.id, automation)
    assert answer.sentence == "Late was published later than the latest “Created” of this record: on {since}."
    assert answer.since == NOW + HOUR


def test_one_that_was_off_says_since_when_and_whether_it_is_on_again(bloom: Store) -> None:
    automation = shop.publish_automation("Paused", "created")
    shop.switch_off(automation, NOW + HOUR)
    order = shop.place_order()
    answer = ask(bloom, order.id, automation)
    assert (
        answer.sentence == "Paused was off since {since} when the latest “Created” of this record happened."
    )
    assert answer.since == NOW + HOUR
    shop.switch_on(automation)
    assert answer.sentence[:-1] + "; it is on again now." == ask(bloom, order.id, automation).sentence


def test_the_version_of_that_time_is_asked_and_not_todays(bloom: Store) -> None:
    automation = shop.publish_automation("Big ones", "created", OVER_40)
    order = shop.place_order()
    shop.publish_again(automation, "created", shop.condition("total", "greater_than", "99.00"))
    assert "needs over £40.00" in ask(bloom, order.id, automation).sentence


def test_one_that_listens_to_any_change_was_listening_to_a_status_too(bloom: Store) -> None:
    automation = shop.publish_automation("Any change", "field_changed", OVER_40)
    shop.place_order(status="new")
    order = shop.place_order(status="ready")
    assert "needs over £40.00" in ask(bloom, order.id, automation).sentence


def test_one_that_started_from_something_else_then_says_so(bloom: Store) -> None:
    automation = shop.publish_automation("Changed mind", "status_changed")
    shop.place_order(payment_status="unpaid")
    order = shop.place_order(payment_status="paid")
    shop.publish_again(automation, "payment_status_changed", now=NOW + HOUR)
    answer = ask(bloom, order.id, automation)
    assert answer.sentence == (
        "Changed mind was version 1 then, which starts when an order’s status changes. "
        "It listens to this change since {since}."
    )
    assert (answer.since, answer.chips) == (NOW + HOUR, ())
