"""The meaning of each operator, above all for a missing value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from automations.engine.operators.operators import OPERATORS
from automations.engine.operators.value_types import ORDERED, TYPES, parse

_DAY = date(2026, 11, 24)
_PAIRS = [
    (Decimal(39), Decimal("40.00")),
    (date(2026, 11, 23), _DAY),
    (datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 9, 0, 1, tzinfo=UTC)),
]
_TEXTS = {"number": "1", "money": "1", "date": "2026-11-24", "datetime": "2026-11-24T09:30"} | {
    "time": "09:30",
    "bool": "yes",
}


@pytest.mark.parametrize(("smaller", "larger"), _PAIRS)
@pytest.mark.parametrize(
    ("key", "below", "at", "above"),
    [
        ("equals", False, True, False),
        ("not_equals", True, False, True),
        ("greater_than", False, False, True),
        ("less_than", True, False, False),
        ("at_least", False, True, True),
        ("at_most", True, True, False),
    ],
)
def test_values_on_a_line_are_compared_in_order(
    key: str, below: bool, at: bool, above: bool, smaller: object, larger: object
) -> None:
    compare = OPERATORS[key].compare
    assert [compare(smaller, larger), compare(larger, larger), compare(larger, smaller)] == [below, at, above]


@pytest.mark.parametrize("key", OPERATORS)
@pytest.mark.parametrize("value", [None, "", frozenset()])
def test_a_missing_value_is_only_empty_or_unlike_something(key: str, value: object) -> None:
    operator = OPERATORS[key]
    for type in operator.types:
        one = parse(type, _TEXTS.get(type, "vip"))
        needed = {"none": None, "one": one, "many": frozenset({one}), "two": (one, one), "span": Decimal(3)}
        expected = key in {"is_empty", "not_equals", "not_contains", "is_none_of"}
        assert operator.compare(value, needed[operator.takes]) is expected


@pytest.mark.parametrize("value", ["paid", Decimal(0), _DAY, frozenset({"vip"})])
def test_a_value_that_is_there_is_not_empty_not_even_zero(value: object) -> None:
    assert OPERATORS["is_not_empty"].compare(value, None)
    assert not OPERATORS["is_empty"].compare(value, None)


def test_equal_amounts_are_equal_however_they_are_written() -> None:
    assert OPERATORS["equals"].compare(Decimal("40.0"), Decimal("40.00"))


def test_choices_are_compared_exactly() -> None:
    assert not OPERATORS["equals"].compare("Paid", "paid")


@pytest.mark.parametrize(
    ("actual", "value", "holds"),
    [
        (frozenset({"VIP", "late"}), frozenset({"vip"}), True),
        (frozenset({"vip club"}), frozenset({"vip"}), False),
        (frozenset({"vip"}), frozenset({"vip", "late"}), False),
        ("Leave at the RED door", "red door", True),
        ("Leave at the door", "red", False),
        ("1", Decimal(1), False),
    ],
)
def test_contains_looks_for_a_whole_tag_or_a_part_of_a_text_in_any_case(
    actual: object, value: object, holds: bool
) -> None:
    assert OPERATORS["contains"].compare(actual, value) is holds
    assert OPERATORS["not_contains"].compare(actual, value) is not holds


@pytest.mark.parametrize("key", ["greater_than", "less_than", "at_least", "at_most"])
def test_order_is_offered_for_numbers_money_and_dates_only(key: str) -> None:
    assert OPERATORS[key].types == ORDERED


@pytest.mark.parametrize("type", TYPES)
def test_every_type_has_operators_and_every_operator_words(type: str) -> None:
    offered = [operator for operator in OPERATORS.values() if type in operator.types]
    assert len(offered) >= 4
    assert all(operator.phrase(type) and operator.label for operator in offered)
    assert all(operator.need(type) for operator in offered if operator.key not in ("equals", "is_one_of"))


def test_dates_are_before_and_after_rather_than_under_and_over() -> None:
    assert OPERATORS["greater_than"].phrase("money") == "is over"
    assert OPERATORS["greater_than"].phrase("date") == "is after"
    assert OPERATORS["at_most"].need("datetime") == "on or before"


def test_the_key_of_an_entry_is_the_key_it_is_found_by() -> None:
    assert all(operator.key == key for key, operator in OPERATORS.items())
