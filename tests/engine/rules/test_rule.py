"""Rule data is converted into a rule."""

from __future__ import annotations

from typing import Any

from automations.engine.fields.subjects import CHANGE_FROM, CHANGE_TO
from automations.engine.rules.rule import Condition, Narrowing, Rule, Trigger, condition_from, rule_from

DATA: dict[str, Any] = {
    "subject": "order",
    "trigger": {"key": "payment_status_changed", "from": None, "to": "paid"},
    "conditions": [{"field": "total", "operator": "greater_than", "value": "40.00"}],
    "actions": [],
}


def test_rule_data_becomes_a_rule() -> None:
    trigger = Trigger("payment_status_changed", None, "paid")
    assert rule_from(7, DATA) == Rule(7, "order", trigger, (Condition("total", "greater_than", "40.00"),))


def test_conditions_may_be_left_out_and_an_empty_narrowing_is_none() -> None:
    data = {"subject": "event", "trigger": {"key": "status_changed", "from": "", "to": ""}}
    assert rule_from(1, data) == Rule(1, "event", Trigger("status_changed"))


def test_a_value_left_over_from_another_operator_is_dropped() -> None:
    left_over = {"field": "account", "operator": "is_empty", "value": "7"}
    assert condition_from(left_over) == Condition("account", "is_empty", None)


def test_the_narrowing_comes_before_the_conditions() -> None:
    condition = Condition("total", "greater_than", "40")
    rule = Rule(1, "order", Trigger("status_changed", "unconfirmed", "confirmed"), (condition,))
    assert rule.parts == (
        Narrowing("status_changed", CHANGE_FROM, "unconfirmed"),
        Narrowing("status_changed", CHANGE_TO, "confirmed"),
        condition,
    )
    assert rule.fields == {CHANGE_FROM, CHANGE_TO, "total"}
