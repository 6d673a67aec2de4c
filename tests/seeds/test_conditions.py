"""“Conditions let you filter when an automation fires … all of them must be true”."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit.pages.by_hand import Automation, Condition, build
from tests.seeds.examples import TOLD, TOLD_OF_EVENT
from tests.seeds.store import ANNA, OpenStore

PLURALS = {"Order": "orders", "Event": "events"}
TYPES = ["Gift", "Funeral", "Corporate", "Event"]
METHODS = ["Delivery", "Collection", "Relay"]
#: The example use, model and trigger, its condition, what the record becomes when it fits, and when not.
EXAMPLES = [
    ("funeral orders", "Order", "Created", ("Order type", "Funeral"), {"order_type": TYPES}),
    (
        "delivery orders",
        "Order",
        "Created",
        ("Fulfilment method", "Delivery"),
        {"fulfilment_method": METHODS},
    ),
    (
        "when the order is fully paid",
        "Order",
        "Payment status changed",
        ("Payment status", "Paid"),
        {"payment_status": ["Partially Paid", "Paid", "Over Paid"]},
    ),
    (
        "orders from a specific trade account",
        "Order",
        "Created",
        ("Account", "Grand Hotel"),
        {"account": ["Grand Hotel", "Corner Café", None]},
    ),
    (
        "when the event is confirmed",
        "Event",
        "Status changed",
        ("Status", "Confirmed"),
        {"status": ["Quote Sent", "Confirmed", "Completed"]},
    ),
    (
        "when a deposit has been received",
        "Event",
        "Payment status changed",
        ("Payment status", "Partially Paid"),
        {"payment_status": ["Partially Paid", "Paid", "Void"]},
    ),
    (
        "a specific corporate client",
        "Event",
        "Created",
        ("Account", "Grand Hotel"),
        {"account": ["Grand Hotel", "Corner Café", None]},
    ),
    (
        "wedding events",
        "Event",
        "Created",
        ("Event type", "Wedding"),
        {"event_type": ["Wedding", "Funeral", "Corporate"]},
    ),
]


def filtered(*conditions: Condition | list[Condition], **more: Any) -> Automation:
    return Automation(f"Only {conditions}"[:100], "Created", list(conditions), [TOLD], **more)


@pytest.mark.parametrize(
    ("model", "trigger", "condition", "values"),
    [pytest.param(*rest, id=sentence) for sentence, *rest in EXAMPLES],
)
def test_an_example_automation_fires_only_for_matching_records(
    store: OpenStore, model: str, trigger: str, condition: tuple[str, str], values: dict[str, list[str]]
) -> None:
    field, needed = condition
    if needed == "Confirmed":
        _add_event_status(store, needed)
    action = TOLD if model == "Order" else TOLD_OF_EVENT
    store.publish(
        Automation("Only those", trigger, [(field, "equals", needed)], [action], model=model),
    )
    (key, given), plural = next(iter(values.items())), PLURALS[model]
    for place, value in enumerate(given):
        record = {"number": f"N-{place}", "customer": {"email": "anna@grandhotel.example"}}
        if trigger != "Created":
            assert store.send(plural, **record)["fired"] == 0
        fired = store.send(plural, **record, **{key: value})["fired"]
        assert fired == (value == needed), value
    store.work()
    assert [email["Subject"] for email in store.emails] == [f"About N-{given.index(needed)}"]
    missed = next(place for place, value in enumerate(given) if value != needed)
    assert f"needs {needed} Not applicable" in store.log(f"N-{missed}", plural)


def _add_event_status(store: OpenStore, name: str) -> None:
    """The text's own list of event statuses has no such one, so the store adds it."""
    store.rosa.goto("/settings/lists/event_status")
    store.rosa.put("Name of a new entry", name)
    store.rosa.press("Add")


@pytest.mark.parametrize(
    ("model", "field", "offered"),
    [
        ("Order", "Order type", TYPES),
        ("Order", "Fulfilment method", METHODS),
        ("Order", "Account", ["Grand Hotel"]),
        ("Event", "Event type", ["Wedding", "Funeral", "Corporate"]),
    ],
)
def test_a_condition_has_field_operator_and_value(
    store: OpenStore, model: str, field: str, offered: list[str]
) -> None:
    build(store.rosa, Automation("Offers", "Created", [(field, "equals")], model=model))
    store.rosa.press("Update choices")
    assert store.rosa.offered("Condition 1 value") == offered


@pytest.mark.parametrize(
    ("condition", "field", "fits", "misses"),
    [
        (("Order type", "equals", "Gift"), "order_type", ["Gift"], ["Corporate", None]),
        (("Order type", "not equals", "Gift"), "order_type", ["Corporate", "Funeral"], ["Gift"]),
        (("Total", "greater than", "50"), "total", ["50.01"], ["50.00", "49.99"]),
        (("Total", "less than", "50"), "total", ["49.99"], ["50.00", "50.01"]),
    ],
    ids=["equals", "not equals", "greater than", "less than"],
)
def test_each_operator_fires_for_matching_values_only(
    store: OpenStore, condition: Condition, field: str, fits: list[str], misses: list[str]
) -> None:
    store.publish(filtered(condition))
    assert [store.order(f"F-{one}", **{field: one})["fired"] for one in fits] == [1] * len(fits)
    assert [store.order(f"M-{one}", **{field: one})["fired"] for one in misses] == [0] * len(misses)


@pytest.mark.parametrize(
    ("field", "numeric"), [("Total", True), ("Number of items", True), ("Order type", False)]
)
def test_greater_than_and_less_than_are_for_numeric_fields(
    store: OpenStore, field: str, numeric: bool
) -> None:
    build(store.rosa, Automation("Offers", "Created", [(field,)]))
    store.rosa.press("Update choices")
    offered = store.rosa.offered("Condition 1 operator")
    assert offered[:2] == ["equals", "not equals"]
    assert ({"greater than", "less than"} <= set(offered)) is numeric


def test_multiple_conditions_work_with_and_logic(store: OpenStore) -> None:
    store.publish(filtered(("Fulfilment method", "equals", "Delivery"), ("Payment status", "equals", "Paid")))
    fired = {
        (method, paid): store.order(f"{method}-{paid}", fulfilment_method=method, payment_status=paid)[
            "fired"
        ]
        for method in ("Delivery", "Collection")
        for paid in ("Paid", "Unpaid")
    }
    assert {both for both, count in fired.items() if count} == {("Delivery", "Paid")}


def test_or_needs_two_automations_with_the_same_action(store: OpenStore) -> None:
    for method in ("Delivery", "Collection"):
        only = ("Fulfilment method", "equals", method)
        store.publish(Automation(f"Only {method}", "Created", [only], [TOLD]))
    _fires_for_delivery_or_collection(store)


def test_one_automation_can_combine_conditions_with_or(store: OpenStore) -> None:
    store.publish(filtered([("Fulfilment method", "equals", one) for one in ("Delivery", "Collection")]))
    _fires_for_delivery_or_collection(store)


def _fires_for_delivery_or_collection(store: OpenStore) -> None:
    fired = [store.order(one, customer=ANNA, fulfilment_method=one)["fired"] for one in METHODS]
    assert fired == [1, 1, 0]
    store.work()
    assert [email["Subject"] for email in store.emails] == ["About Delivery", "About Collection"]
