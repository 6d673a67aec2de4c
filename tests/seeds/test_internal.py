"""“Internal triggers are those that automate various internal store processes.”"""

from __future__ import annotations

from tests.seeds.examples import (
    CONFIRM_PAID_ORDERS,
    PLAN_AGAIN,
    TAG_IMPORTANT_CUSTOMERS,
    TELL_HEAD_OF_STORE,
    TELL_MANAGERS,
)
from tests.seeds.store import ANNA, OpenStore


def test_automatically_create_tasks(store: OpenStore) -> None:
    store.publish(PLAN_AGAIN)
    assert "internal only" in store.rosa.words
    store.order(customer=ANNA, delivery_date="2031-05-01")
    store.order(delivery_date="2031-05-02")
    store.work()
    tasks = store.read("/tasks")
    assert "Plan order 10482 for 2031-05-02 The managers · 0 of 2 ticked" in tasks
    assert "for the managers done: Task “Plan order 10482 for 2031-05-02” is on the list" in store.log()


def test_send_notifications_to_the_manager_in_case_of_any_changes(store: OpenStore) -> None:
    store.publish(TELL_MANAGERS)
    assert store.order(customer=ANNA)["fired"] == 0
    changes = {"note": "Ring twice", "total": "99.00", "delivery_type": "Own van", "status": "Confirmed"}
    assert [store.order(**{name: value})["fired"] for name, value in changes.items()] == [1] * len(changes)
    assert store.order(note="Ring twice")["fired"] == 0
    store.work()
    assert store.read("/notifications").count("Order 10482 has changed") == len(changes)


def test_send_notifications_to_the_head_of_the_store(store: OpenStore) -> None:
    store.publish(TELL_HEAD_OF_STORE)
    store.event(name="The Larks’ wedding", customer=ANNA)
    store.event(guests=90)
    store.work()
    store.ada.goto("/notifications")
    assert "The Larks’ wedding has changed" in store.ada.words
    assert "The Larks’ wedding has changed" not in store.read("/notifications")


def test_automatically_change_order_data(store: OpenStore) -> None:
    store.publish(CONFIRM_PAID_ORDERS)
    store.order(customer=ANNA, status="Unconfirmed", payment_status="Unpaid")
    store.order(payment_status="Paid")
    store.work()
    log = store.log()
    assert "Order 10482 Confirmed Paid" in log
    assert "Unconfirmed → Confirmed" in log and "automation “Confirm paid orders”" in log


def test_automatically_change_customer_data(store: OpenStore) -> None:
    store.publish(TAG_IMPORTANT_CUSTOMERS)
    store.order(customer=ANNA, total="250.01", payment_status="Unpaid")
    store.order("10483", customer=ANNA, total="250.00", payment_status="Unpaid")
    assert [store.order(one, payment_status="Paid")["fired"] for one in ("10482", "10483")] == [1, 0]
    store.work()
    assert "Tags important" in store.log("C-1", "customers")
