"""A schedule fires for exactly the records its conditions hold for, whatever SQL leaves out beforehand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from automations.features.scheduling import scan
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from tests.kit.shop import place_order
from tests.kit.time import timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)
DAILY = {"every": "day", "weekday": None, "day": None, "time": "08:00"}
#: Field -> its values in the orders low, middle, high and, where it may be empty, none; the same as text.
VALUES: dict[str, tuple[Sequence[Any], tuple[str, str, str]]] = {
    "total": ([Decimal("49.99"), Decimal("50.00"), Decimal("50.01")], ("49.99", "50", "50.01")),
    "delivery_date": (
        [dt.date(2026, 12, 23), dt.date(2026, 12, 24), dt.date(2026, 12, 25), None],
        ("2026-12-23", "2026-12-24", "2026-12-25"),
    ),
    "placed_at": (
        [NOW - DAY, NOW - DAY + dt.timedelta(seconds=1), NOW],
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z", "2026-11-22T10:00:00Z"),
    ),
}
#: Operator -> what it asks for, as the places of low, middle and high; which orders it holds for.
ASKED: dict[str, tuple[list[int], str]] = {
    "equals": ([1], "middle"),
    "not_equals": ([1], "low high none"),
    "greater_than": ([1], "high"),
    "less_than": ([1], "low"),
    "at_least": ([1], "middle high"),
    "at_most": ([1], "low middle"),
    "between": ([0, 1], "low middle"),
    "is_empty": ([], "none"),
    "is_not_empty": ([], "low middle high"),
}


def fired() -> dict[str, set[str]]:
    """Return the name of each automation -> the numbers of the orders it fired for."""
    query = db.session.query(Automation.name, Order.number).select_from(Evaluation)
    query = query.join(Automation, Automation.id == Evaluation.automation_id)
    query = query.join(Occurrence, Occurrence.id == Evaluation.occurrence_id)
    rows = query.join(Order, Order.id == Occurrence.record_id).filter(Evaluation.outcome == "fired").all()
    return {name: {number for other, number in rows if other == name} for name, _ in rows}


@pytest.mark.parametrize("field", VALUES)
def test_every_operator_keeps_its_ends(field: str) -> None:
    values, texts = VALUES[field]
    expected = {}
    for operator, (places, holds) in ASKED.items():
        if operator in ("is_empty", "is_not_empty") and len(values) < 4:
            continue
        asked = [texts[place] for place in places]
        value = asked if len(asked) > 1 else next(iter(asked), None)
        timed(operator, "scheduled", DAILY, {"field": field, "operator": operator, "value": value})
        expected[operator] = set(holds.split()) - (set() if len(values) == 4 else {"none"})
    for name, stored in zip(("low", "middle", "high", "none"), values, strict=False):
        place_order(name, **{field: stored})
    scan.scan(NOW + DAY)
    assert fired() == expected


def test_a_choice_is_compared_with_one_or_several() -> None:
    for operator, value in (
        ("equals", "paid"),
        ("not_equals", "paid"),
        ("is_one_of", ["paid", "void"]),
        ("is_none_of", ["paid", "void"]),
    ):
        condition = {"field": "payment_status", "operator": operator, "value": value}
        timed(operator, "scheduled", DAILY, condition)
    for status in ("paid", "unpaid", "void"):
        place_order(status, payment_status=status)
    scan.scan(NOW + DAY)
    assert fired() == {
        "equals": {"paid"},
        "not_equals": {"unpaid", "void"},
        "is_one_of": {"paid", "void"},
        "is_none_of": {"unpaid"},
    }


@pytest.mark.parametrize("total", ["20.105", "-20.105"])
@pytest.mark.parametrize("value", ["20.1055", "20.1045", "-20.1055", "-20.1045", "9.9E+15", "-9.9E+15"])
def test_an_amount_that_no_column_can_hold_is_compared_exactly(total: str, value: str) -> None:
    order, asked = Decimal(total), Decimal(value)
    holds = {
        "equals": order == asked,
        "less_than": order < asked,
        "at_most": order <= asked,
        "greater_than": order > asked,
        "at_least": order >= asked,
    }
    for operator in holds:
        timed(operator, "scheduled", DAILY, {"field": "total", "operator": operator, "value": value})
    place_order("one", total=order)
    scan.scan(NOW + DAY)
    assert fired() == {operator: {"one"} for operator, fires in holds.items() if fires}


def test_conditions_in_a_group_are_left_to_the_evaluation() -> None:
    either = [
        {"field": "total", "operator": "at_most", "value": "10"},
        {"field": "payment_status", "operator": "equals", "value": "paid"},
    ]
    timed("either", "scheduled", DAILY, {"match": "any", "conditions": either})
    place_order("cheap", total=Decimal("10.00"))
    place_order("paid", total=Decimal("90.00"), payment_status="paid")
    place_order("neither", total=Decimal("90.00"))
    scan.scan(NOW + DAY)
    assert fired() == {"either": {"cheap", "paid"}}
