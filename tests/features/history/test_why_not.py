"""Why one automation did not run for one record: an answer for every automation there is."""

from __future__ import annotations

import datetime as dt

import pytest

from automations.features.audience import segment_edits
from automations.features.history.why_not import WhyNotAnswer, why_not
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.kit.time import at, reached, scan_through, timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
HOUR = dt.timedelta(hours=1)
OVER_40 = shop.condition("total", "greater_than", "40.00")


def ask(store: Store, record_id: int, automation_id: int) -> WhyNotAnswer:
    automation = db.session.get_one(Automation, automation_id)
    words = StoreWords(db.session(), store)
    return why_not(db.session(), store, words, "order", record_id, "Order 10482", automation)


def test_failed_conditions_are_named(bloom: Store) -> None:
    automation = shop.publish_automation("Big ones", "created", OVER_40)
    answer = ask(bloom, shop.place_order().id, automation)
    assert answer.sentence == "Order 10482 · Big ones did not run: total is £0.00, needs over £40.00."
    assert [chip.holds for chip in answer.chips] == [False]


def test_an_automation_that_did_run_says_so(bloom: Store) -> None:
    automation = shop.publish_automation("All", "created")
    answer = ask(bloom, shop.place_order().id, automation)
    assert (answer.sentence, answer.ran) == ("All did run for Order 10482.", True)


def test_a_draft_has_never_listened(bloom: Store) -> None:
    automation = shop.draft_automation("Later", "created")
    answer = ask(bloom, shop.place_order().id, automation)
    assert "has never been published" in answer.sentence


def test_an_automation_for_events_does_not_apply_to_an_order(bloom: Store) -> None:
    automation = shop.publish_automation("Weddings", "created", subject="event")
    answer = ask(bloom, shop.place_order().id, automation)
    assert answer.sentence == "Weddings watches events, and this is an order."


def test_a_trigger_that_has_not_happened_is_named(bloom: Store) -> None:
    automation = shop.publish_automation("Paid", "payment_status_changed")
    order = shop.place_order()
    sentence = ask(bloom, order.id, automation).sentence
    assert sentence == (
        "Paid starts when an order’s payment status changes, and that has not happened to Order 10482."
    )
    shop.switch_off(automation)
    assert "also switched off" in ask(bloom, order.id, automation).sentence


def test_one_published_after_the_change_says_when(bloom: Store) -> None:
    order = shop.place_order()
    automation = shop.publish_automation("Late", "created", now=NOW + HOUR)
    answer = ask(bloom, order.id, automation)
    assert answer.sentence == "Late was published after the latest “Created” of this record, on {since}."
    assert answer.since == NOW + HOUR


def test_one_that_was_off_says_since_when_and_whether_it_is_on(bloom: Store) -> None:
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


def test_the_version_of_that_time_answers_not_todays(bloom: Store) -> None:
    automation = shop.publish_automation("Big ones", "created", OVER_40)
    order = shop.place_order()
    shop.publish_again(automation, "created", shop.condition("total", "greater_than", "99.00"))
    assert "needs over £40.00" in ask(bloom, order.id, automation).sentence


def test_one_that_listens_to_any_change_also_hears_a_status_change(bloom: Store) -> None:
    automation = shop.publish_automation("Any change", "field_changed", OVER_40)
    shop.place_order(status="new")
    order = shop.place_order(status="ready")
    assert "needs over £40.00" in ask(bloom, order.id, automation).sentence


def test_a_change_from_another_value_is_named(bloom: Store) -> None:
    automation = shop.publish_automation("Changed mind", "status_changed")
    shop.place_order(payment_status="unpaid")
    order = shop.place_order(payment_status="paid")
    shop.publish_again(automation, "payment_status_changed", now=NOW + HOUR)
    answer = ask(bloom, order.id, automation)
    assert answer.sentence == (
        "Changed mind was version 1 then, which starts when an order’s status changes. "
        "It has watched this change since {since}."
    )
    assert (answer.since, answer.chips) == (NOW + HOUR, ())


DAILY = {"every": "day", "weekday": None, "day": None, "time": "08:00"}
UNPAID = shop.condition("payment_status", "equals", "unpaid")


def ask_about(store: Store, subject: str, record_id: int, automation_id: int) -> WhyNotAnswer:
    db.session.rollback()
    automation, words = db.session.get_one(Automation, automation_id), StoreWords(db.session(), store)
    name = "Mia" if subject == "customer" else "Order 10482"
    return why_not(db.session(), store, words, subject, record_id, name, automation, at("2026-11-27 12:00"))


def test_a_schedule_says_which_conditions_failed_at_its_last_times(bloom: Store) -> None:
    id = timed("Chase", "scheduled", DAILY, UNPAID)
    order = shop.place_order(payment_status="unpaid").id
    scan_through(NOW, at("2026-11-23 10:00"), HOUR)
    assert ask_about(bloom, "order", order, id).ran
    shop.place_order(payment_status="paid", now=at("2026-11-23 12:00"))
    scan_through(at("2026-11-23 13:00"), at("2026-11-24 10:00"), HOUR)
    answer = ask_about(bloom, "order", order, id)
    assert answer.sentence == (
        "Order 10482 · Chase did not run: payment status is Paid, needs Unpaid. "
        "This was so the last time, {since}."
    )
    assert (answer.since, [chip.holds for chip in answer.chips]) == (at("2026-11-24 08:00"), [False])
    scan_through(at("2026-11-24 10:00"), at("2026-11-25 10:00"), HOUR)
    # What the record became after that time says nothing about it.
    shop.place_order(payment_status="unpaid", now=at("2026-11-25 10:30"))
    answer = ask_about(bloom, "order", order, id)
    assert answer.sentence.endswith("This was so the last 2 times it was due, most recently {since}.")
    shop.switch_off(id, at("2026-11-25 11:00"))
    assert ask_about(bloom, "order", order, id).sentence.endswith("{since}. It is switched off now.")


def test_a_schedule_uses_the_customer_as_they_were(bloom: Store) -> None:
    trade = shop.condition("customer.tags", "contains", "trade")
    id = timed("Trade", "scheduled", DAILY, trade)
    mia = shop.place_customer("C-9", tags=["vip"]).id
    order = shop.place_order(customer_id=mia).id
    shop.place_customer("C-9", tags=["late"], now=NOW + HOUR)
    scan_through(NOW, at("2026-11-23 10:00"), HOUR)
    shop.place_customer("C-9", tags=["trade"], now=at("2026-11-23 12:00"))
    assert "tags are late, need to include trade" in ask_about(bloom, "order", order, id).sentence


def test_purchases_up_to_that_time_count(bloom: Store) -> None:
    id = timed(
        "Regulars", "scheduled", DAILY, shop.condition("order_count", "at_least", "2"), subject="customer"
    )
    mia = shop.place_customer("C-9").id
    shop.place_order("1", customer_id=mia)
    scan_through(NOW, at("2026-11-23 10:00"), HOUR)
    shop.place_order("2", customer_id=mia, now=at("2026-11-23 12:00"))
    assert "number of orders is 1, needs" in ask_about(bloom, "customer", mia, id).sentence


def test_an_order_counts_as_bought_until_it_was_cancelled(bloom: Store) -> None:
    three = shop.condition("order_count", "at_least", "3")
    id = timed("Regulars", "scheduled", DAILY, three, subject="customer")
    mia = shop.place_customer("C-9").id
    for number in ("1", "2", "3"):
        shop.place_order(number, customer_id=mia)
    shop.place_order("2", status="cancelled", now=NOW + HOUR)
    scan_through(NOW, at("2026-11-23 10:00"), HOUR)
    shop.place_order("3", status="cancelled", now=at("2026-11-23 12:00"))
    assert "number of orders is 2, needs" in ask_about(bloom, "customer", mia, id).sentence


def test_a_schedule_for_a_segment_says_that_the_customer_was_outside(bloom: Store) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        vip = [shop.condition("tags", "contains", "vip")]
        segment = segment_edits.save(session, store, shop._manager(), None, "Best", vip, NOW).id
    id = timed("Weekly", "scheduled", DAILY | {"segment": str(segment)}, subject="customer")
    mia = shop.place_customer("C-9", tags=["trade"]).id
    scan_through(NOW, at("2026-11-23 10:00"), HOUR)
    shop.place_customer("C-9", tags=["vip"], now=at("2026-11-23 12:00"))
    answer = ask_about(bloom, "customer", mia, id)
    assert answer.sentence == "Weekly is for the segment Best; Mia was not in it when it was due, {since}."


def test_a_record_created_later_and_a_schedule_not_yet_due_are_told_apart(bloom: Store) -> None:
    id = timed("Chase", "scheduled", DAILY, UNPAID)
    order = shop.place_order(now=at("2026-11-23 12:00")).id
    assert "that has not happened to Order 10482" in ask_about(bloom, "order", order, id).sentence
    scan_through(NOW, at("2026-11-23 13:00"), HOUR)
    answer = ask_about(bloom, "order", order, id)
    assert answer.sentence == "Chase was last due on {since}, before Order 10482 existed."


def test_a_date_trigger_says_what_is_missing_or_when_it_is_due(bloom: Store) -> None:
    visit = own_field("Visit", "date")
    by_day = timed("Prepare", "date_reached", reached("delivery_date", "before", 1))
    by_visit = timed("Visit", "date_reached", reached(visit, "before", 1))
    lasting = {"status_field": "status", "status": "picked", "amount": "2", "unit": "days"}
    stays = timed("Late", "stays_in_status", lasting)
    order = shop.place_order(delivery_date=dt.date(2026, 12, 4), status="confirmed").id
    answer = ask_about(bloom, "order", order, by_day)
    assert (answer.sentence, answer.since) == (
        "Prepare is due for Order 10482 on {since}.",
        at("2026-12-03 09:00"),
    )
    assert (
        ask_about(bloom, "order", order, by_visit).sentence == "Visit waits for the visit, and it is empty."
    )
    assert ask_about(bloom, "order", order, stays).sentence == (
        "Late waits for the status Picked, and it is Confirmed."
    )


def test_nothing_is_invented_for_what_retention_deleted(bloom: Store) -> None:
    id = timed("Chase", "scheduled", DAILY, UNPAID)
    order = shop.place_order(payment_status="paid").id
    scan_through(NOW, at("2026-11-23 10:00"), HOUR)
    with write() as session:
        session.query(Occurrence).delete()
    answer = ask_about(bloom, "order", order, id)
    assert (
        answer.sentence
        == "Chase was last due on {since}; the data of Order 10482 from then is no longer kept."
    )
