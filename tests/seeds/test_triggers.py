"""“Every automation starts with a trigger — the event that sets it off.”"""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.kit.pages.by_hand import Automation, build
from tests.seeds.examples import TOLD, TOLD_OF_EVENT
from tests.seeds.store import ANNA, OpenStore

ORDER_STATUSES = [
    "Unconfirmed",
    "Confirmed",
    "Picked",
    "Ready for Fulfilment",
    "With Courier",
    "Out for Delivery",
    "Fulfilled",
    "Cancelled",
]
EVENT_STATUSES = [
    "Draft",
    "Quote Sent",
    "Follow Up",
    "Quote Accepted",
    "Order Finalisation",
    "Order Created",
    "Completed",
    "Cancelled",
    "Archived",
]
PAYMENT_STATUSES = [
    "Unpaid",
    "Partially Paid",
    "Paid",
    "Over Paid",
    "Refunded",
    "Partially Refunded",
    "Void",
    "Expired",
]
MODELS = {"Order": "orders", "Event": "events"}
STATUS, PAYMENT = "Status changed", "Payment status changed"
#: Model and trigger, the field of the record, and the statuses that the text names.
LISTS = [
    ("Order", STATUS, "status", ORDER_STATUSES),
    ("Event", STATUS, "status", EVENT_STATUSES),
    ("Order", PAYMENT, "payment_status", PAYMENT_STATUSES),
    ("Event", PAYMENT, "payment_status", PAYMENT_STATUSES),
]


def told(model: str, trigger: str, **more: object) -> Automation:
    action = TOLD if model == "Order" else TOLD_OF_EVENT
    return Automation(f"{model}: {trigger}", trigger, actions=[action], model=model, **more)


@pytest.mark.parametrize("model", MODELS)
def test_created_fires_when_a_new_order_or_event_is_first_created(store: OpenStore, model: str) -> None:
    store.publish(told(model, "Created"))
    assert store.send(MODELS[model], number="N-1", customer=ANNA)["fired"] == 1
    assert store.send(MODELS[model], number="N-1", note="Ring twice")["fired"] == 0
    store.work()
    assert [email["Subject"] for email in store.emails] == ["About N-1"]


@pytest.mark.parametrize(("model", "trigger", "field", "statuses"), LISTS)
def test_every_status_that_is_named_can_be_chosen_and_fires(
    store: OpenStore, model: str, trigger: str, field: str, statuses: list[str]
) -> None:
    store.publish(told(model, trigger))
    assert store.rosa.offered("To", "When") == store.rosa.offered("From", "When") == statuses
    number = {"number": "N-1", "customer": ANNA}
    assert store.send(MODELS[model], **number, **{field: statuses[-1]})["fired"] == 0
    fired = [store.send(MODELS[model], number="N-1", **{field: one})["fired"] for one in statuses]
    assert fired == [1] * len(statuses)
    store.work()
    assert len(store.emails) == len(statuses)
    log = store.log("N-1", MODELS[model])
    assert all(f"{one} → {other}" in log for one, other in pairwise(statuses))


@pytest.mark.parametrize(
    ("trigger", "field", "steps"),
    [
        (STATUS, "status", ("Unconfirmed", "Confirmed", "Picked")),
        (PAYMENT, "payment_status", ("Unpaid", "Paid", "Refunded")),
    ],
)
def test_from_one_status_to_another(
    store: OpenStore, trigger: str, field: str, steps: tuple[str, ...]
) -> None:
    first, second, third = steps
    store.publish(told("Order", trigger, when={"From": second, "To": third}))
    store.order(customer=ANNA, **{field: first})
    assert [store.order(**{field: one})["fired"] for one in (second, third, first, third)] == [0, 1, 0, 0]


def test_it_fires_every_time_not_just_once_and_is_evaluated_at_each_step(store: OpenStore) -> None:
    store.publish(told("Order", STATUS))
    store.order(customer=ANNA, status="Unconfirmed")
    assert [store.order(status=one)["fired"] for one in ("Confirmed", "Picked")] == [1, 1]
    store.work()
    assert len(store.emails) == 2


def test_conditions_target_a_specific_status(store: OpenStore) -> None:
    store.publish(told("Order", STATUS, conditions=[("Status", "equals", "Confirmed")]))
    store.order(customer=ANNA, status="Unconfirmed")
    assert [store.order(status=one)["fired"] for one in ("Confirmed", "Picked")] == [1, 0]
    log = store.log()
    assert "Status is Picked, needs Confirmed Not applicable" in log


@pytest.mark.parametrize("model", MODELS)
def test_there_are_three_triggers_available_for_both_orders_and_events(store: OpenStore, model: str) -> None:
    build(store.rosa, Automation("Anything", "", model=model))
    store.rosa.put("Trigger", "Created")
    assert store.rosa.offered("Trigger")[:3] == ["Created", STATUS, PAYMENT]
