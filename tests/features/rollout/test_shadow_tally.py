"""Counting all that a shadow mode would have done, and what follows when nobody decides about it."""

from __future__ import annotations

import datetime as dt

import pytest

from automations.features.authoring import shadow_mode
from automations.features.rollout import shadow_deadline, shadow_report, shadow_tally
from automations.features.rollout.shadow_deadline import GIVE_UP_AFTER, REMIND_AFTER, REMIND_EVERY
from automations.features.rollout.shadow_report import ShadowReport, report_of
from automations.features.rules_as_code.plan import plan_of
from automations.features.rules_as_code.rule_file import read
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.people import Audit
from automations.models.tables.shadow import ENDED, Shadow
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.shadows import shadow, start_shadow
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
EMAIL = shop.email_to(message="On {{ order.delivery_date }}")


def in_shadow(orders: int = 0) -> int:
    """Start a shadow mode with so many firings, each third without a customer; return its id."""
    shadow_id = start_shadow(shop.draft_automation("Thanks", "created", actions=[EMAIL]))
    for number in range(orders):
        shop.place_order(str(number), customer_id=1 if number % 3 else None)
    return shadow_id


def report(shadow_id: int) -> ShadowReport:
    found = shadow(shadow_id)
    store = db.session.get_one(Store, found.store_id)
    return report_of(db.session(), store, StoreWords(db.session(), store), found, NOW + MINUTE)


def titles() -> list[str]:
    db.session.rollback()
    return sorted({row.title for row in db.session.query(Notification)})


def test_the_worker_counts_all_and_the_page_adds_what_came_since(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow_tally, "BATCH", 2)
    monkeypatch.setattr(shadow_report, "RENDERED", 2)
    shadow_id = in_shadow(orders=7)
    first = report(shadow_id)
    assert (first.fired, first.tally.rendered) == (7, 2)
    assert shadow_tally.tally_all(NOW) == 0, "what is not settled waits"
    assert shadow_tally.tally_all(NOW + MINUTE) == 7 and shadow_tally.tally_all(NOW + MINUTE) == 0
    shop.place_order("8", customer_id=1)
    found = report(shadow_id).tally
    assert (found.rendered, found.done, found.holes) == (8, {"Send email": 5}, {"delivery date": 5})
    ((label, reason), count), *others = found.skipped.items()
    assert (label, count, others) == ("Send email", 3, []) and "no customer" in reason


def test_counting_stops_when_the_worker_does_and_goes_on_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow_tally, "BATCH", 2)
    shadow_id, answers = in_shadow(orders=5), iter([True, False])
    assert shadow_tally.tally_all(NOW + MINUTE, go_on=lambda: next(answers)) == 2
    assert shadow_tally.tally_all(NOW + MINUTE) == 3
    assert shadow(shadow_id).tally["rendered"] == 5


def test_what_is_kept_quotes_no_customer() -> None:
    with write() as session:
        session.get_one(Customer, 1).email = "anna at grandhotel"
    shadow_id = in_shadow(orders=2)
    shadow_tally.tally_all(NOW + MINUTE)
    kept = str(shadow(shadow_id).tally)
    assert "anna" not in kept and "“…” is not a valid email address." in kept


def test_managers_are_reminded_and_without_a_decision_it_ends_unpublished() -> None:
    shadow_id = in_shadow()
    over = shadow(shadow_id).until
    assert shadow_deadline.end_due(over) == 1
    assert shadow_deadline.end_due(over + REMIND_AFTER - MINUTE) == 0
    assert [shadow_deadline.end_due(over + REMIND_AFTER) for _ in range(2)] == [1, 0]
    assert "Shadow mode of “Thanks” waits for your decision" in titles()
    again = over + REMIND_AFTER + REMIND_EVERY
    assert [shadow_deadline.end_due(again + late) for late in (-MINUTE, 0 * DAY, MINUTE)] == [0, 1, 0]
    assert shadow(shadow_id).decided_at is None
    assert [shadow_deadline.end_due(over + GIVE_UP_AFTER) for _ in range(2)] == [1, 0]
    found = shadow(shadow_id)
    assert found.decision == ENDED and found.automation.latest_version_id is None
    assert "Shadow mode of “Thanks” ended without a decision" in titles()
    assert db.session.query(Audit).filter(Audit.action.contains("without a decision")).count() == 1


def test_more_days_begin_the_reminders_anew() -> None:
    shadow_id = in_shadow()
    over = shadow(shadow_id).until
    shadow_deadline.end_due(over)
    shadow_deadline.end_due(over + REMIND_AFTER)
    with write() as session:
        shadow_mode.go_on(session, session.get_one(Shadow, shadow_id), 30, over + 4 * DAY)
    assert shadow_deadline.end_due(over + 33 * DAY) == 0
    assert shadow_deadline.end_due(over + 34 * DAY) == 1
    assert [shadow_deadline.end_due(over + days * DAY) for days in (36, 37)] == [0, 1]


def test_a_plan_says_that_publishing_ends_a_shadow_mode() -> None:
    id = shop.publish_automation("Thanks", "created", actions=[EMAIL])
    with write() as session:
        row = session.get_one(Automation, id)
        row.draft = row.draft | {"conditions": [shop.condition("total", "greater_than", "40.00")]}
    start_shadow(id)
    with write() as session:
        row = session.get_one(Automation, id)
        row.draft = row.latest_version.definition
    said = """name: Thanks
live: true
subject: order
trigger:
  key: created
conditions:
  - field: total
    operator: greater_than
    value: 60.00
actions:
  - kind: send_email
    settings: {to: customer, subject: Hello, message: There}
"""
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    (step,) = plan_of(db.session(), store, [read("thanks.yaml", said.encode())]).steps
    assert step.consequences == ("is published as version 3", "ends shadow mode of version 2")
