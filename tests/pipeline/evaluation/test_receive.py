"""Receiving changes: the occurrences and runs they lead to, and what they leave alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db, write
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import UnknownColumn, receive
from automations.pipeline.records.change import Change
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


def triggers() -> list[str]:
    return [occurrence.trigger for occurrence in shop.occurrences()]


def test_a_new_order_with_a_status_is_one_created_occurrence() -> None:
    received = shop.place_order(status="confirmed", payment_status="paid")
    assert received.created
    assert triggers() == ["created"]


def test_a_new_order_has_the_first_status_of_the_stores_lists() -> None:
    shop.place_order()
    order = db.session.query(Order).one()
    assert (order.status, order.payment_status, order.currency) == ("unconfirmed", "unpaid", "GBP")


def test_one_update_of_both_statuses_is_two_occurrences_of_one_revision() -> None:
    shop.place_order()
    received = shop.place_order(status="confirmed", payment_status="paid")
    assert triggers() == ["created", "status_changed", "payment_status_changed"]
    assert [occurrence.revision for occurrence in shop.occurrences()] == [1, 2, 2]
    assert received.triggers == ("status_changed", "payment_status_changed")


def test_three_quick_changes_are_three_occurrences_each_with_its_own_snapshot() -> None:
    shop.place_order()
    for status in ("confirmed", "picked", "fulfilled"):
        shop.place_order(status=status)
    changes = shop.occurrences()[1:]
    assert [occurrence.snapshot["status"] for occurrence in changes] == ["confirmed", "picked", "fulfilled"]
    assert [(occurrence.from_value, occurrence.to_value) for occurrence in changes] == [
        ("unconfirmed", "confirmed"),
        ("confirmed", "picked"),
        ("picked", "fulfilled"),
    ]


def test_a_change_to_the_same_values_is_no_occurrence() -> None:
    shop.place_order(total=Decimal("86.50"))
    received = shop.place_order(total=Decimal("86.50"), status="unconfirmed")
    assert (received.triggers, received.revision) == ((), 1)
    assert triggers() == ["created"]


def test_a_change_of_neither_status_is_logged_as_changed() -> None:
    shop.place_order()
    shop.place_order(total=Decimal("86.50"), tags=["vip"])
    latest = shop.occurrences()[-1]
    assert (latest.trigger, latest.changed) == ("changed", ["total", "tags"])


def test_a_number_twice_in_one_batch_is_one_creation_and_one_change(bloom: Store) -> None:
    batch = [Change("10482", {"total": Decimal("10.00")}), Change("10482", {"status": "confirmed"})]
    with write() as session:
        first, second = receive(session, session.merge(bloom), "order", batch, shop.TILL, NOW)
    assert (first.created, second.created, first.id) == (True, False, second.id)
    assert triggers() == ["created", "status_changed"]
    assert [occurrence.snapshot["status"] for occurrence in shop.occurrences()] == [
        "unconfirmed",
        "confirmed",
    ]
    assert db.session.query(Order).one().status == "confirmed"


def test_a_change_leaves_another_stores_record_of_the_same_number_alone() -> None:
    shop.place_order("10482", "Thorn & Co", total=Decimal("5.00"))
    shop.place_order("10482", total=Decimal("86.50"))
    assert sorted(db.session.scalars(sa.select(Order.total))) == [Decimal("5.00"), Decimal("86.50")]


def test_an_evaluation_that_fires_writes_one_waiting_run_per_action() -> None:
    shop.publish_automation("Thank you", "created", actions=[shop.email_to(), shop.email_to("manager")])
    assert shop.place_order().fired == 1
    assert [(run.position, run.state, run.due_at) for run in shop.runs()] == [
        (0, "waiting", NOW),
        (1, "waiting", NOW),
    ]


def test_an_automation_of_another_store_does_not_fire() -> None:
    shop.publish_automation("Thank you", "created", store="Thorn & Co")
    assert shop.place_order().fired == 0


def test_an_error_in_a_rule_is_logged_and_the_order_is_stored() -> None:
    shop.publish_automation("Tagged", "created", shop.condition("tags", "contains", "vip"))
    shop.publish_automation("All of them", "created")
    shop.place_order(tags="vip")
    rows = db.session.query(Evaluation).order_by(Evaluation.id).all()
    assert [row.outcome for row in rows] == ["error", "fired"]
    assert rows[0].error.startswith("Tags holds “vip”")
    assert db.session.query(Order).count() == 1
    assert len(shop.runs()) == 1


def test_an_unknown_column_is_refused_before_anything_is_written(bloom: Store) -> None:
    with pytest.raises(UnknownColumn, match="no colour"), write() as session:
        receive(session, session.merge(bloom), "order", [Change("1", {"colour": "red"})], shop.TILL, NOW)
    assert db.session.query(Occurrence).count() == 0


def test_a_change_that_is_rolled_back_leaves_nothing(bloom: Store) -> None:
    shop.publish_automation("Thank you", "created")
    with pytest.raises(ZeroDivisionError), write() as session:
        receive(session, session.merge(bloom), "order", [Change("1", {})], shop.TILL, NOW)
        _ = 1 / 0
    counts = [db.session.query(table).count() for table in (Order, Occurrence, Evaluation, Run)]
    assert counts == [0, 0, 0, 0]


def test_an_automation_published_between_two_changes_evaluates_only_the_second(app: Flask) -> None:
    shop.place_order()
    shop.publish_automation("Confirmed", "status_changed")
    assert shop.place_order(status="confirmed").fired == 1
    assert db.session.query(Evaluation).count() == 1
