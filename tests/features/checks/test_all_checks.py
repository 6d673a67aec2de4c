"""Checks of a draft beside the live automations and the past of a store."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from automations.engine.rules.rule import rule_from
from automations.features.authoring.publish import publish
from automations.features.checks import rule_firings
from automations.features.checks.all_checks import checks_of
from automations.features.checks.check import Check
from automations.features.checks.constructed import constructed
from automations.features.trial import trial
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.secret import Secret
from automations.models.tables.store import Store
from tests.kit.shop import condition, draft_automation, email_to, place_order, publish_automation, request_to
from tests.world import NOW

PAID = condition("payment_status", "equals", "paid")
DELIVERY = condition("fulfilment_method", "equals", "delivery")


def found(store: Store, automation_id: int, data: dict[str, Any] | None = None) -> list[Check]:
    automation, words = db.session.get_one(Automation, automation_id), StoreWords(db.session(), store)
    given = automation.draft if data is None else data
    return checks_of(db.session(), store, words, automation, given, NOW + dt.timedelta(hours=1))


def texts(checks: list[Check], *kinds: str) -> list[str]:
    return [check.text for check in checks if check.kind in kinds]


def draft(*conditions: dict[str, Any], **more: Any) -> int:
    return draft_automation("Draft", more.pop("trigger", "payment_status_changed"), *conditions, **more)


def pay(number: str, *, after: dt.timedelta = dt.timedelta(minutes=1), **values: Any) -> None:
    place_order(number, customer_id=1, fulfilment_method="delivery", **values)
    place_order(number, now=NOW + after, payment_status="paid")


def test_three_copies_beside_a_live_automation_are_named_with_the_orders(app: Flask, bloom: Store) -> None:
    publish_automation("Confirm paid deliveries", "payment_status_changed", DELIVERY, PAID)
    for name in ("Copy 1", "Copy 2"):
        publish_automation(name, "payment_status_changed", PAID, DELIVERY)
    for number in ("1", "2", "3", "4", "5"):
        pay(number)
    checks = found(bloom, draft(DELIVERY, after="paid"))
    names = ["Confirm paid deliveries", "Copy 1", "Copy 2"]
    assert texts(checks, "duplicate") == [
        f"Duplicate of {name}: it fires for the same orders; both email the customer." for name in names
    ]
    overlaps = [check for check in checks if check.kind == "overlap"]
    assert [check.text for check in overlaps] == [
        f"Overlaps with {name}: 5 orders in 90 days would have got two emails, within a day of each other."
        for name in names
    ]
    assert overlaps[0].details_text == "As #5, #4, #3" and [piece.text for piece in overlaps[0].more] == [
        "#2",
        "#1",
    ]
    assert overlaps[0].parts[1].to and overlaps[0].parts[1].to.kind == "automation"


def test_messages_days_apart_and_to_other_people_are_no_overlap(app: Flask, bloom: Store) -> None:
    publish_automation("Order is confirmed", "status_changed", condition("status", "equals", "confirmed"))
    publish_automation("Tell the team", "payment_status_changed", PAID, actions=[email_to("manager")])
    place_order("1", customer_id=1, now=NOW - dt.timedelta(days=5))
    place_order("1", status="confirmed", now=NOW - dt.timedelta(days=4))
    place_order("1", payment_status="paid")
    apart = (
        "No overlap within a day, in 90 days: Order is confirmed (1 order) reaches the same on other days."
    )
    assert texts(found(bloom, draft(PAID)), "overlap", "duplicate") == [apart]
    place_order("1", status="picked", now=NOW)
    place_order("1", status="confirmed", now=NOW + dt.timedelta(minutes=5))
    two = "1 order in 90 days would have got two emails, within a day of each other"
    together = f"Overlaps with Order is confirmed: {two}."
    assert texts(found(bloom, draft_automation("Again", "payment_status_changed", PAID)), "overlap") == [
        together
    ]


def test_nothing_in_common_is_one_quiet_line(app: Flask, bloom: Store) -> None:
    publish_automation("Order is confirmed", "status_changed", condition("status", "equals", "confirmed"))
    pay("1")
    checks = found(bloom, draft(PAID))
    assert [(check.text, check.level) for check in checks if check.kind == "overlap"] == [
        ("No overlap with the other that reaches the same people, in 90 days.", "ok")
    ]


def test_what_can_never_fire_says_which_conditions_exclude_each_other(app: Flask, bloom: Store) -> None:
    statuses = [condition("status", "equals", key) for key in ("picked", "cancelled")]
    never = [check for check in found(bloom, draft(*statuses, PAID)) if check.kind == "never"]
    assert [check.text for check in never] == [
        "It can never fire: “its status is Picked” and “its status is Cancelled” exclude each other."
    ]
    mend = "Change or remove one of them, or put them in a group of which any may be true."
    assert (never[0].level, never[0].details_text) == ("stop", f"No status meets both. {mend}")
    assert [piece.to.value for piece in never[0].parts if piece.to] == ["conditions-0", "conditions-1"]
    by_trigger = draft_automation("Other", "status_changed", statuses[1], after="picked")
    assert texts(found(bloom, by_trigger), "never") == [
        "It can never fire: with this trigger, “its status is Cancelled” never holds."
    ]


def test_a_condition_that_says_nothing_new_is_named_with_the_one_that_says_it(
    app: Flask, bloom: Store
) -> None:
    totals = [condition("total", "greater_than", amount) for amount in ("40", "60")]
    checks = found(bloom, draft(*totals, PAID, after="paid"))
    assert texts(checks, "idle", "always") == [
        "Says nothing new: “its total is over £40.00” can go, as “its total is over £60.00” says it already.",
        "Always true: “its payment status is Paid” keeps none out, as the trigger says it already.",
    ]
    (possible,) = [check for check in checks if check.kind == "never"]
    assert possible.text == "No contradiction: an order can meet all three."
    assert possible.details_text == "None did so far. Such an order, made up:"
    assert dict(possible.example) == {
        "Payment status": "Paid",
        "Total": "£61.00",
        "Amount paid": "£0.00",
        "Balance due": "£61.00",
    }
    assert possible.can_be_tried


def test_a_record_that_was_made_up_would_fire(app: Flask, bloom: Store) -> None:
    words = StoreWords(db.session(), bloom)
    lines = {
        "match": "line",
        "lines": "any",
        "conditions": [
            condition("line.category", "equals", "Roses"),
            condition("line.quantity", "at_least", "3"),
        ],
    }
    made_of = [
        condition("status", "not_equals", "confirmed"),
        condition("amount_paid", "at_least", "20"),
        condition("balance_due", "equals", "30"),
        condition("delivery_date", "within_next", "3"),
        condition("customer.marketing_consent", "equals", "no"),
        condition("tags", "contains", "VIP"),
        condition("item_count", "at_most", "4"),
        lines,
    ]
    automation = db.session.get_one(Automation, draft(*made_of, after="paid"))
    made = constructed(words, bloom, rule_from(0, automation.draft), NOW)
    assert made is not None and made.can_be_tried
    said = dict(made.values)
    assert (said["Amount paid"], said["Total"], said["Balance due"]) == ("£20.00", "£50.00", "£30.00")
    assert said["Item 1"] == "category Roses, quantity 3" and said["Number of items"] == "3"
    assert said["Status"] in words.labels("order_status")
    tried = trial.test_fire(db.session(), bloom, words, automation.draft, made.snapshot(bloom), now=NOW)
    assert tried.fires, tried.looks
    weekday = draft_automation("Monday", "created", condition("now.weekday", "equals", "monday"), PAID)
    monday = constructed(words, bloom, rule_from(0, db.session.get_one(Automation, weekday).draft), NOW)
    assert monday is not None and not monday.can_be_tried


def test_related_fields_and_days_that_are_over_are_contradictions(app: Flask, bloom: Store) -> None:
    whole = [condition("total", "at_most", "50"), condition("amount_paid", "at_least", "50")]
    (never,) = [
        check
        for check in found(bloom, draft(*whole, condition("balance_due", "greater_than", "0")))
        if check.kind == "never"
    ]
    assert never.text == (
        "It can never fire: “its total is at most £50.00”, “its amount paid is at least £50.00” and "
        "“its balance due is over £0.00” exclude each other."
    )
    assert never.details_text.startswith("What is due is always the total less what was paid. Change or")
    past = [
        condition("delivery_date", "less_than", "2026-11-01"),
        condition("delivery_date", "within_next", "7"),
    ]
    (over,) = [
        check for check in found(bloom, draft_automation("Old", "created", *past)) if check.kind == "never"
    ]
    assert over.text.startswith("It can never fire: from today on, “its delivery date is before 1 Nov 2026”")
    assert over.details_text == "That day is over for every order. Choose a later day, or remove one of them."


def test_unfinished_conditions_are_left_out_and_what_is_finished_is_judged(app: Flask, bloom: Store) -> None:
    statuses = [condition("status", "equals", key) for key in ("picked", "cancelled")]
    unfinished = draft(statuses[0], condition("total", "greater_than", ""), statuses[1])
    (never,) = [check for check in found(bloom, unfinished) if check.kind == "never"]
    assert [piece.to.value for piece in never.parts if piece.to] == ["conditions-0", "conditions-2"]
    blank = {"subject": "order", "trigger": {"key": None}, "conditions": [], "actions": []}
    assert (
        texts(found(bloom, draft_automation("Third"), blank), "never", "idle", "duplicate", "overlap") == []
    )


def test_a_request_without_its_secret_stops_and_names_who_can_set_it(app: Flask, bloom: Store) -> None:
    request = request_to("https://api.vans.example/book")
    request["settings"]["headers"] = "Authorization: Bearer {{ secrets.van }}"
    automation = draft(PAID, actions=[request])
    (missing,) = [check for check in found(bloom, automation) if check.kind == "secret"]
    assert (missing.level, missing.text) == (
        "stop",
        "The request to api.vans.example needs the secret van, which is not set.",
    )
    assert missing.details_text.startswith("Only an admin can set it") and missing.details[-1].to
    with write() as session:
        kept = {"name": "van", "value": "x", "changed_at": NOW, "created_at": NOW}
        session.add(Secret(store_id=bloom.id, host="", **kept))
    assert texts(found(bloom, automation), "secret") == []
    with write() as session:
        session.query(Secret).update({"host": "other.example"})
    assert texts(found(bloom, automation), "secret") == [
        "The request to api.vans.example needs the secret van, which may only be sent to other.example."
    ]


def test_a_store_without_a_mail_server_or_gateway_is_told_so(app: Flask, bloom: Store) -> None:
    sms = {"kind": "send_sms", "settings": {"to": "customer", "number": "", "message": "Hello"}}
    told = texts(found(bloom, draft(actions=[email_to(), sms])), "sender")
    assert [sentence.partition(" stay")[0] for sentence in told] == ["Text messages", "Emails"]


def test_order_matters_where_one_shows_what_the_other_changes(app: Flask, bloom: Store) -> None:
    change = {"kind": "change_data", "settings": {"field": "status", "value": "Picked"}}
    publish_automation("Set picked", "payment_status_changed", PAID, actions=[change])
    automation = draft(PAID, actions=[email_to(message="It is {{ order.status }} now.")])
    pay("1")
    (order,) = [check for check in found(bloom, automation) if check.kind == "order"]
    assert order.text == (
        "Order matters: Set picked changes the status, which this shows; it goes before this, "
        "so this already shows the new value."
    )
    assert order.details_text == "As #1"
    plain = draft_automation(
        "Plain", "payment_status_changed", PAID, actions=[email_to(message="“order.status”")]
    )
    unpaid = condition("payment_status", "equals", "unpaid")
    shows = [email_to(message="It is {{ order.status }} now.")]
    other = draft_automation("Unpaid", "payment_status_changed", unpaid, actions=shows)
    assert texts(found(bloom, plain), "order") == texts(found(bloom, other), "order") == []


def test_customers_without_an_address_are_counted(app: Flask, bloom: Store) -> None:
    for number in range(3):
        place_order(str(number), payment_status="paid")
    place_order("9", customer_id=1, payment_status="paid")
    sms = {"kind": "send_sms", "settings": {"to": "customer", "number": "", "message": "Hello"}}
    assert texts(found(bloom, draft(PAID, actions=[email_to(), sms])), "address") == [
        "The customer has no email address for 3 of the last 4 orders that fit, so those are skipped.",
        "The customer has no phone number for 3 of the last 4 orders that fit, so those are skipped.",
    ]
    assert texts(found(bloom, draft_automation("Team", actions=[email_to("manager")])), "address") == []


def test_reminders_by_time_overlap_with_what_fired_on_a_change(app: Flask, bloom: Store) -> None:
    publish_automation("Paid", "payment_status_changed", PAID)
    schedule = {"status_field": "payment_status", "status": "unpaid", "amount": 2, "unit": "hours"}
    place_order("1", customer_id=1, now=NOW - dt.timedelta(hours=5))
    place_order("1", payment_status="paid", now=NOW)
    automation = draft_automation("Remind", "stays_in_status")
    with write() as session:
        row = session.get_one(Automation, automation)
        row.draft = row.draft | {"trigger": {"key": "stays_in_status", "schedule": schedule}}
    (overlap,) = [check for check in found(bloom, automation) if check.kind == "overlap"]
    assert overlap.text.startswith("Overlaps with Paid: 1 order in 90 days would have got two emails")


def retimed(automation_id: int, key: str, schedule: dict[str, Any]) -> int:
    with write() as session:
        row = session.get_one(Automation, automation_id)
        row.draft = row.draft | {"trigger": {"key": key, "schedule": schedule}}
    return automation_id


DAILY = {"every": "day", "weekday": None, "day": None, "time": "09:00", "segment": None}


def test_a_schedule_overlaps_with_changes_and_with_another_schedule_on_either_side(
    app: Flask, bloom: Store
) -> None:
    publish_automation("Paid", "payment_status_changed", PAID)
    place_order("1", customer_id=1, now=NOW - dt.timedelta(days=9))
    place_order("2", customer_id=1, now=NOW - dt.timedelta(days=9))
    place_order("1", payment_status="paid", now=NOW - dt.timedelta(days=8))
    daily = retimed(draft_automation("Daily", "scheduled", PAID), "scheduled", DAILY)
    both = "1 order in 90 days would have got two emails, within a day of each other."
    assert texts(found(bloom, daily), "overlap") == [f"Overlaps with Paid: {both}"]
    with write() as session:
        user = session.query(User).first()
        assert user is not None
        publish(session, session.get_one(Automation, daily), user, NOW)
    assert texts(found(bloom, draft(PAID, after="paid")), "overlap") == [
        f"Overlaps with {name}: {both}" for name in ("Paid", "Daily")
    ]
    again = retimed(draft_automation("Again", "scheduled"), "scheduled", DAILY | {"time": "10:00"})
    unpaid = condition("payment_status", "equals", "unpaid")
    other = retimed(draft_automation("Unpaid", "scheduled", unpaid), "scheduled", DAILY)
    assert f"Overlaps with Daily: {both}" in texts(found(bloom, again), "overlap")
    # On the day it was paid, the reminder of the morning came before.
    assert f"Overlaps with Daily: {both}" in texts(found(bloom, other), "overlap")


def test_a_schedule_is_asked_about_the_newest_records_alone(
    app: Flask, bloom: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_firings, "MOST_RECORDS", 2)
    publish_automation("Paid", "payment_status_changed", PAID)
    for number in ("1", "2", "3"):
        pay(number)
    daily = retimed(draft_automation("Daily", "scheduled"), "scheduled", DAILY | {"time": "10:30"})
    (said,) = texts(found(bloom, daily), "overlap")
    assert said.startswith("Overlaps with Paid: at least 2 orders in 90 days")
