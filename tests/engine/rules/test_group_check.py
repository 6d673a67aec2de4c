"""Groups of conditions, conditions on lines, and operators of several values are validated."""

from __future__ import annotations

from typing import Any

import pytest

from automations.engine.explain.explanation import explain
from automations.engine.fields.shared_fields import custom_field
from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.rule import rule_from
from automations.engine.rules.rule_check import Problem, check

_LISTS = {"order_status": ["unconfirmed", "confirmed"], "payment_status": ["unpaid", "paid"]}
_COLOUR = custom_field("colour", "Colour", "choice", labels={"red": "Red", "blue": "Blue"})
_CUSTOM = {_COLOUR.key: _COLOUR}


def _check(*conditions: Any) -> list[Problem]:
    data = {"subject": "order", "trigger": {"key": "created"}, "conditions": list(conditions)}
    found = check(data, lambda key: _LISTS.get(key, ()), lambda kind, id: id == "7", _CUSTOM)
    if not found:
        rule = rule_from(1, data)
        explain(rule, dict.fromkeys(rule.fields), _CUSTOM)
        assert 1 in RuleIndex([rule], _CUSTOM)
    return found


def _is(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _group(match: str, *conditions: Any, **more: Any) -> dict[str, Any]:
    return {"match": match, "conditions": list(conditions), **more}


#: The most conditions of one automation.
MOST = 100
_OVER = _is("total", "greater_than", "40")
_CATEGORY = _is("line.category", "equals", "Bouquets")


@pytest.mark.parametrize(
    "node",
    [
        _group("any", _OVER, _is("tags", "contains", "vip")),
        _group("none", _group("all", _OVER, _group("line", _CATEGORY, lines="any")), shown=True),
        _group("line", _CATEGORY, _is("line.quantity", "at_least", "2"), lines="none"),
        {**_OVER, "match": None, "note": "kept by someone else"},
        _is("status", "is_one_of", ["confirmed", "unconfirmed"]),
        _is("tags", "is_none_of", ["vip"]),
        _is("total", "between", ["40", "40.00"]),
        _is("now.time", "between", ["22:00", "06:00"]),
        _is("delivery_date", "within_next", "3"),
        _is("delivery_date", "within_next", "1 year"),
        _is("delivery_date", "yearly_in_exactly", "52 weeks"),
        _is("status", "changed_from", "confirmed"),
        _is("now.weekday", "is_one_of", ["saturday", "sunday"]),
        _is("now.working_time", "equals", "no"),
        _is("customer.marketing_consent", "equals", "yes"),
        _is("customer.account", "is_one_of", ["7"]),
        _is("custom.colour", "equals", "red"),
    ],
)
def test_sound_conditions_have_no_problem(node: Any) -> None:
    assert _check(node) == []


@pytest.mark.parametrize(
    ("node", "path", "sentence"),
    [
        (_group("any"), "", "This group is empty: give it a condition, or remove it."),
        (
            _group("any", _group("line", lines="any")),
            ".conditions.0",
            "This group is empty: give it a condition, or remove it.",
        ),
        (
            _group("some", _OVER),
            ".match",
            "Choose whether any, all or none of these conditions must hold.",
        ),
        (
            {"conditions": [_OVER]},
            ".match",
            "Choose whether any, all or none of these conditions must hold.",
        ),
        (
            {"match": "any", "conditions": "all"},
            ".conditions",
            "Conditions are a list; give each a field, an operator and a value.",
        ),
        (
            _group("any", _group("all", _group("none", _OVER))),
            ".conditions.0.conditions.0",
            "A group may hold a group, but no deeper; move its conditions out.",
        ),
        (
            _group("any", _OVER, _is("total", "greater_than", "forty")),
            ".conditions.1.value",
            "Total needs a number such as 40.00, not “forty”.",
        ),
        (
            _group("line", _CATEGORY, lines="some"),
            ".lines",
            "Choose whether any, all or none of the items must meet this.",
        ),
        (
            _group("line", _OVER, lines="any"),
            ".conditions.0.field",
            "Lines have no field “total”; choose one from the list.",
        ),
        (
            _group("line", _group("any", _CATEGORY), lines="any"),
            ".conditions.0",
            "A condition on items is an object with a field, an operator and a value.",
        ),
        (_CATEGORY, ".field", "Orders have no field “line.category”; choose one from the list."),
        (
            _is("status", "is_one_of", "confirmed"),
            ".value",
            "Status needs a list of values.",
        ),
        (
            _is("status", "is_one_of", []),
            ".value",
            "Choose at least one value for status, or remove the condition.",
        ),
        (
            _is("status", "is_one_of", ["confirmed", "gone"]),
            ".value",
            "Status has no choice “gone”; pick one from the list.",
        ),
        (
            _is("tags", "is_one_of", ["x"] * 101),
            ".value",
            "Tags has 101 values; the limit is 100.",
        ),
        (
            _is("total", "between", ["40"]),
            ".value",
            "Enter two values for total: the lower and the higher one.",
        ),
        (
            _is("total", "between", ["40", "30"]),
            ".value",
            "Total is never between these two: swap them.",
        ),
        (
            _is("delivery_date", "within_next", "1.5"),
            ".value",
            "Enter delivery date as a whole number of days from 1 to 10,000, not “1.5”.",
        ),
        (_is("now.time", "less_than", "9am"), ".value", "Time of day needs a time such as 09:30, not “9am”."),
        (
            _is("now.working_time", "equals", "maybe"),
            ".value",
            "Working time needs yes or no, not “maybe”.",
        ),
        (
            _is("now.weekday", "equals", "mon"),
            ".value",
            "Weekday has no choice “mon”; pick one from the list.",
        ),
        (
            _is("custom.colour", "equals", "green"),
            ".value",
            "Colour has no choice “green”; pick one from the list.",
        ),
        (
            _is("custom.size", "equals", "xl"),
            ".field",
            "Orders have no field “custom.size”; choose one from the list.",
        ),
    ],
)
def test_each_problem_is_reported_with_its_path(node: Any, path: str, sentence: str) -> None:
    assert _check(node) == [Problem(f"conditions.0{path}", sentence)]


def test_all_conditions_of_the_tree_count_together() -> None:
    half = _group("any", *[_OVER] * 50)
    assert _check(half, half) == []
    (problem,) = _check(half, half, _group("none"))
    assert problem.sentence == "This automation has 101 conditions; the limit is 100."


def test_only_orders_have_lines() -> None:
    node = _group("line", _CATEGORY, lines="any")
    data = {"subject": "event", "trigger": {"key": "created"}, "conditions": [node]}
    (problem,) = check(data, lambda key: (), lambda kind, id: True)
    assert problem == Problem("conditions.0", "Events have no items; remove this group.")


@pytest.mark.parametrize(
    ("nodes", "many"),
    [
        ([_OVER] * MOST, None),
        ([_OVER] * (MOST + 1), MOST + 1),
        ([_group("any", *[_OVER] * (MOST - 1)), _OVER], None),
        ([_group("any", *[_OVER] * MOST), _OVER], MOST + 1),
        ([_group("any", _group("all", *[_OVER] * MOST), _OVER)], MOST + 1),
        ([_group("line", *[_CATEGORY] * (MOST + 1), lines="any")], MOST + 1),
        ([_group("any"), *[_OVER] * MOST], MOST + 1),
        ([{"match": "any", "conditions": "all"}, *[_OVER] * MOST], MOST + 1),
    ],
)
def test_conditions_are_counted_in_groups_and_outside(nodes: list[Any], many: int | None) -> None:
    sentence = f"This automation has {many} conditions; the limit is {MOST}."
    assert _check(*nodes) == ([Problem("conditions", sentence)] if many else [])
