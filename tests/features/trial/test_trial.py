"""Trying a draft takes the real road and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from automations.features.starters.gallery import STARTERS
from automations.features.trial import trial, trial_records
from automations.features.trial.trial_records import SAMPLES
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.evaluation import consent

PAID_DELIVERIES = STARTERS["confirm_paid_deliveries"].data


def tried(store: Store, data: Mapping[str, Any], sample: str = "paid_delivery") -> trial.TestFire:
    words = StoreWords(db.session(), store)
    snapshot = trial_records.sample_snapshot(store, data["subject"], sample)
    assert snapshot
    return trial.test_fire(db.session(), store, words, data, snapshot, sample)


def test_a_record_that_meets_every_condition_fires(bloom: Store) -> None:
    found = tried(bloom, PAID_DELIVERIES)
    assert found.fires is True and found.verdict == "It would fire."
    assert [look.text for look in found.looks] == ["Fulfilment method is Delivery", "Payment status is Paid"]
    assert found.assumed == "Payment status changed to Paid"


def test_the_messages_are_rendered_with_the_records_own_values(bloom: Store) -> None:
    (step,) = tried(bloom, PAID_DELIVERIES).steps
    (message,) = step.messages
    assert (message.to, message.subject) == ("sam.sample@example.com", "Your order SAMPLE-1 is confirmed")
    assert "£86.50" in message.body and "Friday 14 June" in message.body


def test_each_failed_condition_is_named_with_its_needed_value(bloom: Store) -> None:
    found = tried(bloom, PAID_DELIVERIES, "unpaid_delivery")
    assert found.fires is False
    assert found.verdict == "It would not fire: payment status is Unpaid, needs Paid."
    assert found.steps[0].messages


def test_without_conditions_it_fires_every_time(bloom: Store) -> None:
    found = tried(bloom, STARTERS["thank_for_order"].data)
    assert found.fires is True and "no conditions" in found.verdict and found.assumed == "Created"


@pytest.mark.parametrize(
    ("side", "value", "fires"), [("to", "paid", True), ("to", "void", False), ("from", "unpaid", True)]
)
def test_the_change_is_assumed_to_lead_to_the_present_value(
    bloom: Store, side: str, value: str, fires: bool
) -> None:
    trigger = {"key": "payment_status_changed", "from": None, "to": None, side: value}
    assert tried(bloom, {**PAID_DELIVERIES, "trigger": trigger}).fires is fires


def test_a_change_from_a_value_to_itself_is_not_assumed(bloom: Store) -> None:
    trigger = {"key": "payment_status_changed", "from": "paid", "to": None}
    found = tried(bloom, {**PAID_DELIVERIES, "trigger": trigger})
    assert found.fires is False and "payment status did not change from Paid" in found.verdict


def test_an_incomplete_condition_is_not_evaluated(bloom: Store) -> None:
    rows = [{"field": "total", "operator": "greater_than", "value": None}, PAID_DELIVERIES["conditions"][0]]
    found = tried(bloom, {**PAID_DELIVERIES, "conditions": rows})
    assert [look.holds for look in found.looks] == [None, True]
    assert found.fires is None and "finish the conditions" in found.verdict


def test_one_failed_condition_decides_despite_incomplete_ones(bloom: Store) -> None:
    rows = [{"field": "total", "operator": "greater_than", "value": None}, PAID_DELIVERIES["conditions"][0]]
    found = tried(bloom, {**PAID_DELIVERIES, "conditions": rows}, "paid_collection")
    assert found.fires is False


def test_without_a_trigger_there_is_no_verdict(bloom: Store) -> None:
    found = tried(bloom, {**PAID_DELIVERIES, "trigger": {"key": None, "from": None, "to": None}})
    assert found.fires is None and "choose a trigger" in found.verdict


def test_an_action_says_why_it_would_be_skipped(bloom: Store) -> None:
    (step,) = tried(bloom, PAID_DELIVERIES, "no_email").steps
    assert step.skipped == "The customer has no email address." and not step.messages


def test_an_incomplete_action_says_what_it_lacks(bloom: Store) -> None:
    actions = [
        {"kind": "send_email", "settings": {"to": "customer", "subject": "", "message": "{{ nothing }}"}}
    ]
    (step,) = tried(bloom, {**PAID_DELIVERIES, "actions": actions}).steps
    assert step.unfinished[0] == "Write a subject." and len(step.unfinished) == 2


def test_an_action_that_no_longer_exists_is_reported(bloom: Store) -> None:
    (step,) = tried(bloom, {**PAID_DELIVERIES, "actions": [{"kind": "gone", "settings": {}}]}).steps
    assert step.unfinished == (trial.UNKNOWN_KIND,)


def test_messages_to_the_team_use_their_real_addresses(bloom: Store, rosa: User) -> None:
    (step,) = tried(bloom, STARTERS["funeral_orders"].data, "funeral").steps
    assert [message.to for message in step.messages] == [rosa.email]


@pytest.mark.parametrize("key", list(STARTERS))
def test_every_starter_can_be_tried_on_every_sample(bloom: Store, key: str) -> None:
    data = STARTERS[key].data
    for sample in SAMPLES[data["subject"]]:
        found = tried(bloom, data, sample.key)
        assert found.steps and found.verdict


@pytest.mark.parametrize("key", list(STARTERS))
def test_every_starter_fires_on_some_sample_unless_it_has_a_gap(bloom: Store, key: str) -> None:
    data = STARTERS[key].data
    verdicts = {tried(bloom, data, sample.key).fires for sample in SAMPLES[data["subject"]]}
    has_gap = any(condition.get("value", "") is None for condition in data["conditions"])
    asks_for_another_status = key in {"ready_to_collect", "order_refunded"}
    assert True in verdicts or has_gap or asks_for_another_status


def steps(store: Store, *actions: Mapping[str, Any]) -> list[trial.TrialStep]:
    data = {**PAID_DELIVERIES, "conditions": [], "actions": list(actions)}
    return list(tried(store, data).steps)


def changing(field: str, value: str, **timing: Any) -> dict[str, Any]:
    settings = {"field": field, "value": value}
    return {"kind": "change_data", "settings": settings} | ({"timing": timing} if timing else {})


def emailing(text: str) -> dict[str, Any]:
    settings = {"to": "manager", "address": "", "subject": "About it", "message": text}
    return {"kind": "send_email", "settings": settings}


@pytest.mark.parametrize(
    ("field", "value", "text", "expected"),
    [
        ("status", "Picked", "Now {{ order.status }}", "Now Picked"),
        ("delivery_date", "2026-12-24", "{{ order.delivery_date }}", "2026-12-24"),
        ("tags.add", "urgent", "{{ order.tags | last }}", "urgent"),
        ("note", "Ring twice", "{{ order.note }}", "Ring twice"),
        ("customer.first_name", "Ann", "{{ customer.name }}", "Ann Sample"),
    ],
)
def test_a_later_message_shows_what_an_earlier_action_changes(
    bloom: Store, field: str, value: str, text: str, expected: str
) -> None:
    _, step = steps(bloom, changing(field, value), emailing(text))
    assert (step.messages[0].body.splitlines()[-1], step.after) == (expected, (1,))


def test_a_later_message_does_not_show_what_changes_after_it(bloom: Store) -> None:
    later = changing("status", "Picked", when="after", amount=1, unit="days")
    _, step = steps(bloom, later, emailing("Now {{ order.status }}"))
    assert (step.messages[0].body, step.after) == ("Now Confirmed", ())


def test_a_change_that_would_fail_says_so(bloom: Store) -> None:
    first, step = steps(bloom, changing("status", "{{ order.number }}"), emailing("Now {{ order.status }}"))
    assert "There is no" in first.unfinished[0]
    assert (step.messages[0].body, step.after) == ("Now Confirmed", ())


@pytest.mark.parametrize(
    ("length", "parts"), [(60, "1 part"), (150, "2 parts")], ids=["short", "long with the link"]
)
def test_marketing_is_tried_with_the_link_to_stop_it(
    app: Flask, bloom: Store, monkeypatch: pytest.MonkeyPatch, length: int, parts: str
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://shop.example")
    settings = {"channel": "sms", "subject": "", "message": "x" * length}
    data = {**STARTERS["marketing_sms"].data, "actions": [{"kind": "send_marketing", "settings": settings}]}
    (message,) = tried(bloom, data, "regular").steps[0].messages
    assert message.subject == f"Text message, {parts}"
    link = message.body.partition("Stop: ")[2]
    assert link.startswith("https://shop.example/unsubscribe/")
    assert consent.customer_named(db.session(), link.rpartition("/")[2]) is None
    assert tried(bloom, data, "no_consent").steps[0].skipped == "The customer has not agreed to marketing."
