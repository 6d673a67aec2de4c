"""Triggers on changed fields and carrier updates fire, and the log keeps the reasons as they were."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from automations.features.authoring import publish
from automations.features.history import record_log
from automations.features.history.log_entries import VerdictLine
from automations.features.history.why_not import why_not
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
#: A Sunday; the usual hours are Monday to Saturday.
SUNDAY, MONDAY = NOW, NOW + dt.timedelta(days=1)


def listen(trigger: str = "field_changed", *conditions: Any, subject: str = "order", **narrowed: Any) -> int:
    """Publish an automation whose trigger is narrowed by field and by the values before and after."""
    id = shop.draft_automation("Watcher", trigger, *conditions, subject=subject)
    with write() as session:
        automation = session.get_one(Automation, id)
        trigger_data = {"key": trigger, "from": None, "to": None} | narrowed
        automation.draft = automation.draft | {"trigger": trigger_data}
        publish.publish(session, automation, shop._manager(), NOW)
    return id


def fired() -> int:
    return db.session.query(Evaluation).filter_by(outcome="fired").count()


def verdicts(record_id: int, subject: str = "order") -> list[VerdictLine]:
    """Return all verdicts in the log of a record, newest first."""
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    words = StoreWords(db.session(), store)
    page = record_log.log_for_record(db.session(), store, words, subject, record_id)
    return [verdict for entry in page.entries for verdict in entry.verdicts]


def test_a_change_of_a_named_field_fires_with_its_values_before_and_after() -> None:
    listen(field="delivery_type", to="courier_delivery")
    order = shop.place_order(delivery_type="own_van")
    shop.place_order(note="Ring twice")
    shop.place_order(delivery_type="royal_mail")
    assert fired() == 0
    shop.place_order(delivery_type="courier_delivery")
    assert fired() == 1
    chips_by_verdict = [
        (verdict.outcome, [chip.text for chip in verdict.chips]) for verdict in verdicts(order.id)
    ]
    assert chips_by_verdict == [
        ("fired", ["Delivery type changed", "Delivery type changed to Courier delivery"]),
        (
            "not_applicable",
            ["Delivery type changed", "Delivery type changed to Royal Mail, needs Courier delivery"],
        ),
        (
            "not_applicable",
            [
                "Note changed, needs delivery type to change",
                "Delivery type did not change to Courier delivery",
            ],
        ),
    ]


def test_a_trigger_for_any_change_fires_once_per_update() -> None:
    listen()
    shop.place_order()
    shop.place_order(status="confirmed", payment_status="paid", total=Decimal("9.00"))
    shop.place_order(payment_status="unpaid")
    shop.place_order(note="Ring twice")
    assert fired() == 3


def test_a_changed_total_changes_the_balance_due() -> None:
    listen(field="balance_due")
    shop.place_order(total=Decimal("9.00"))
    shop.place_order(total=Decimal("12.00"))
    assert shop.occurrences()[-1].moment["previous"] == {"total": "9.00", "balance_due": "9.00"}
    assert fired() == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"delivery_status": "at_the_depot"}, 1), ({"tracking_number": "JD2"}, 1), ({"note": "x"}, 0)],
)
def test_only_carrier_updates_fire_the_carrier_trigger(values: dict[str, Any], expected: int) -> None:
    listen("carrier_changed")
    shop.place_order()
    shop.place_order(**values)
    assert fired() == expected


def test_a_status_trigger_allows_a_condition_on_the_value_before() -> None:
    listen("status_changed", shop.condition("delivery_type", "changed_from", "own_van"))
    order = shop.place_order(delivery_type="own_van")
    shop.place_order(status="confirmed", delivery_type="royal_mail")
    assert fired() == 1
    assert verdicts(order.id)[0].chips[0].holds


def test_working_hours_are_the_stores_own_and_the_log_keeps_those_of_the_evaluation(bloom: Store) -> None:
    shop.publish_automation("Open", "created", shop.condition("now.working_time", "equals", "yes"))
    closed = shop.place_order("1", now=SUNDAY)
    shop.place_order("2", now=MONDAY)
    assert fired() == 1
    with write() as session:
        session.get_one(Store, bloom.id).working_hours = {"6": ["09:00", "12:00"]}
    shop.place_order("3", now=SUNDAY)
    assert fired() == 2
    assert [verdict.outcome for verdict in verdicts(closed.id)] == ["not_applicable"]


def test_a_failed_alternative_is_not_named_as_the_reason() -> None:
    either = {
        "match": "any",
        "conditions": [
            shop.condition("fulfilment_method", "equals", "delivery"),
            shop.condition("total", "greater_than", "40.00"),
        ],
    }
    shop.publish_automation("Either", "created", either)
    order = shop.place_order(fulfilment_method="delivery", total=Decimal("10.00"))
    chips = verdicts(order.id)[0].chips
    assert [(chip.joined, chip.holds, chip.spared) for chip in chips] == [
        ("", True, False),
        ("or", False, True),
    ]


def test_why_not_explains_the_latest_update(bloom: Store) -> None:
    id = listen(field="delivery_type")
    order = shop.place_order()
    shop.place_order(note="Ring twice")
    session = db.session()
    words, automation = StoreWords(session, bloom), session.get_one(Automation, id)
    answer = why_not(session, bloom, words, "order", order.id, "Order 10482", automation)
    assert "note changed, needs delivery type to change" in answer.sentence


def test_a_changed_field_of_a_customer_fires() -> None:
    listen(subject="customer", field="phone")
    customer = shop.place_customer(first_name="Mia")
    shop.place_customer(phone="+44 20 7946 0999")
    assert fired() == 1
    assert verdicts(customer.id, "customer")[0].outcome == "fired"
