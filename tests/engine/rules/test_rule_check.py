"""Problems with rule data are reported in sentences, whatever the data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.explain.explanation import explain
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import MAX_LENGTH
from automations.engine.rules.rule import rule_from
from automations.engine.rules.rule_check import Problem, check

_LISTS = {
    "payment_status": ["unpaid", "paid"],
    "order_status": ["unconfirmed", "confirmed"],
    "fulfilment_method": ["delivery", "collection", "relay"],
}


def _check(data: Any) -> list[Problem]:
    return check(data, lambda key: _LISTS.get(key, ()), lambda kind, id: (kind, id) == ("account", "7"))


def _data(*conditions: Any, **trigger: Any) -> dict[str, Any]:
    started = {"key": "payment_status_changed", "from": None, "to": None, **trigger}
    return {"subject": "order", "trigger": started, "conditions": list(conditions)}


def _condition(field: Any, operator: Any, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(
    "data",
    [
        _data(),
        _data(to="paid"),
        _data(**{"from": "unpaid", "to": "paid"}),
        _data(**{"key": "created", "from": "", "to": ""}),
        {"subject": "event", "trigger": {"key": "created"}},
        {"subject": "event", "trigger": {"key": "created"}, "conditions": None},
        _data(
            _condition("fulfilment_method", "equals", "delivery"),
            _condition("total", "greater_than", "40.00"),
        ),
        _data(_condition("account", "equals", "7"), _condition("account", "is_not_empty")),
        _data(_condition("account", "is_empty", "left over")),
        _data(_condition("tags", "contains", "vip"), _condition("delivery_date", "at_least", "2026-11-24")),
        _data(*[_condition("item_count", "at_least", "1")] * 100),
    ],
)
def test_sound_data_has_no_problem(data: Any) -> None:
    assert _check(data) == []


@pytest.mark.parametrize(
    ("data", "path", "sentence"),
    [
        (None, "", "An automation is an object with a subject, a trigger, conditions and actions."),
        ({}, "subject", "Choose what the automation watches: orders, events or customers."),
        (
            {"subject": "parcel"},
            "subject",
            "Choose what the automation watches: orders, events or customers.",
        ),
        (
            {"subject": ["order"]},
            "subject",
            "Choose what the automation watches: orders, events or customers.",
        ),
        (
            {"subject": "order"},
            "trigger.key",
            "Choose what starts it: nothing happens without a trigger.",
        ),
        (
            {"subject": "order", "trigger": {"key": ""}, "conditions": []},
            "trigger.key",
            "Choose what starts it: nothing happens without a trigger.",
        ),
        (
            _data(key="parcel_lost"),
            "trigger.key",
            "“parcel_lost” can’t start an automation; "
            "choose Created, Status changed, Payment status changed, Field changed, Carrier update, "
            "Date reached, Stays in a status, On a schedule or Run by hand.",
        ),
        (
            _data(key="created", to="paid"),
            "trigger.to",
            "Created can’t be narrowed by “to”; leave it empty.",
        ),
        (
            _data(**{"from": "owed"}),
            "trigger.from",
            "Payment status changed from “owed”: there is no such choice; pick one from the list.",
        ),
        (
            _data(to=["paid"]),
            "trigger.to",
            "Payment status changed to something else: there is no such choice; pick one from the list.",
        ),
        (
            {**_data(), "conditions": "all"},
            "conditions",
            "Conditions are a list; give each a field, an operator and a value.",
        ),
        (
            _data(*[{}] * 10_000),
            "conditions",
            "This automation has 10,000 conditions; the limit is 100.",
        ),
        (_data("x"), "conditions.0", "A condition is an object with a field, an operator and a value."),
        (
            _data({}),
            "conditions.0.field",
            "Choose the field this condition looks at, or remove the condition.",
        ),
        (
            _data(_condition("colour", "equals", "red")),
            "conditions.0.field",
            "Orders have no field “colour”; choose one from the list.",
        ),
        (
            _data(_condition("total", "")),
            "conditions.0.operator",
            "Choose how to compare total: equals, not equals, greater than, less than, at least, at most "
            "or between.",
        ),
        (
            _data(_condition("fulfilment_method", "greater_than", "delivery")),
            "conditions.0.operator",
            "Fulfilment method can’t be compared with “greater than”; "
            "choose equals, not equals, is one of, is none of, changed from, changed to, is empty "
            "or is not empty.",
        ),
        (
            _data(_condition("status", "is_empty")),
            "conditions.0.operator",
            "Status can’t be compared with “is empty”; "
            "choose equals, not equals, is one of, is none of, changed from or changed to.",
        ),
        (
            _data(_condition("status", "__class__")),
            "conditions.0.operator",
            "Status can’t be compared with “__class__”; "
            "choose equals, not equals, is one of, is none of, changed from or changed to.",
        ),
        (
            _data(_condition("total", "equals", "forty")),
            "conditions.0.value",
            "Total needs a number such as 40.00, not “forty”.",
        ),
        (
            _data(_condition("total", "equals", 40)),
            "conditions.0.value",
            "Total needs its value as text, such as “40.00”, not “40”.",
        ),
        (
            _data(_condition("total", "equals")),
            "conditions.0.value",
            "Enter a value for total, or remove the condition.",
        ),
        (
            _data(_condition("tags", "contains", "x" * (MAX_LENGTH + 1))),
            "conditions.0.value",
            "A tag needs at most 500 characters, this value has 501.",
        ),
        (
            _data(_condition("tags", "contains", "a\0b")),
            "conditions.0.value",
            "A tag has a character that can’t be stored; type the value again.",
        ),
        (
            _data(_condition("payment_status", "equals", "Paid")),
            "conditions.0.value",
            "Payment status has no choice “Paid”; pick one from the list.",
        ),
        (
            _data(_condition("account", "equals", "8")),
            "conditions.0.value",
            "There is no account “8”; pick one from the list.",
        ),
    ],
)
def test_each_problem_has_its_place_and_a_sentence_that_says_what_to_change(
    data: Any, path: str, sentence: str
) -> None:
    assert _check(data) == [Problem(path, sentence)]


def test_all_problems_are_reported_at_once_each_with_its_path() -> None:
    wrong = _data({}, _condition("account", "equals", "7"), _condition("total", "equals", "NaN"), key="")
    assert [problem.path for problem in _check(wrong)] == [
        "trigger.key",
        "conditions.0.field",
        "conditions.2.value",
    ]


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_DEEP: list[Any] = []
for _ in range(9):
    _DEEP = [_DEEP]


_ODD = [10**80, -(10**80), _DEEP, {"a": _DEEP}, "\ud800", "\0", float("nan"), b"x"]


@pytest.mark.parametrize("place", range(len(_ODD)))
def test_values_that_cannot_be_shown_are_refused_in_a_sentence_that_can_be_stored(place: int) -> None:
    odd = _ODD[place]
    wrong = [odd, _data(key=odd), _data(to=odd), _data(odd), _data(_condition(odd, "equals", "1"))]
    wrong += [_data(_condition("total", odd, "1")), _data(_condition("tags", "contains", odd))]
    for data in wrong:
        (problem,) = _check(data)
        assert "\0" not in problem.sentence
        assert "0" * 9 not in problem.sentence and "[[" not in problem.sentence
        assert problem.sentence.encode()


_NEARLY = st.sampled_from([*SUBJECTS, "created", "status_changed", "total", "tags", "equals", "40", "7", ""])
_LEAF = _NEARLY | _ANY_JSON
_ALMOST_DATA = st.fixed_dictionaries(
    {"subject": st.sampled_from(["order", "event"]) | _LEAF},
    optional={
        "trigger": st.fixed_dictionaries({}, optional={"key": _LEAF, "from": _LEAF, "to": _LEAF}) | _ANY_JSON,
        "conditions": st.lists(
            st.fixed_dictionaries({}, optional={"field": _LEAF, "operator": _LEAF, "value": _LEAF})
            | _ANY_JSON,
            max_size=3,
        )
        | _ANY_JSON,
    },
)


@given(_ALMOST_DATA | _ANY_JSON)
def test_check_never_raises_and_accepted_data_can_be_evaluated(data: Any) -> None:
    problems = _check(data)
    assert all(problem.sentence.endswith(".") for problem in problems)
    if not problems:
        rule = rule_from(1, data)
        explain(rule, dict.fromkeys(rule.fields))
