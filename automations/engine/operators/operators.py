"""The operators of conditions: one entry feeds the dropdown, the evaluation, the index and the sentence."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

from automations.engine.operators.date_operators import DATE_OPERATORS
from automations.engine.operators.operator_entry import Compare, Operator, fact_key
from automations.engine.operators.value_types import ORDERED, TYPES, Value, fold

__all__ = ["EMPTINESS", "OPERATORS", "Compare", "Operator", "fact_key"]

_DATES = ("date", "datetime", "time")
_LISTED = frozenset({"choice", "reference", "text", "number", "tags"})
_ALL = frozenset(TYPES)


def _contains(actual: Value, value: Value) -> bool:
    if isinstance(actual, frozenset) and isinstance(value, frozenset):
        return {fold(tag) for tag in value} <= {fold(tag) for tag in actual}
    return isinstance(actual, str) and isinstance(value, str) and fold(value) in fold(actual)


def _not_contains(actual: Value, value: Value) -> bool:
    return not _contains(actual, value)


def _starts_with(actual: Value, value: Value) -> bool:
    return isinstance(actual, str) and isinstance(value, str) and fold(actual).startswith(fold(value))


def _one_of(actual: Value, values: frozenset[Value]) -> bool:
    if isinstance(actual, frozenset):
        return not {fold(tag) for tag in actual}.isdisjoint(fold(str(tag)) for tag in values)
    return actual in values


def _none_of(actual: Value, values: frozenset[Value]) -> bool:
    return not _one_of(actual, values)


def _between(actual: Any, ends: tuple[Any, Any]) -> bool:
    low, high = ends
    # Only times of day wrap around: 22:00 to 06:00 is a night.
    return bool(low <= actual <= high if low <= high else actual >= low or actual <= high)


def _always(actual: Value, value: None) -> bool:
    return True


def _never(actual: Value, value: None) -> bool:
    return False


def _by_date(usual: str, dates: str) -> Mapping[str, str]:
    return {"": usual, **dict.fromkeys(_DATES, dates)}


_ENTRIES = (
    Operator("equals", "equals", {"": "is"}, {"": ""}, _ALL - {"tags"}, operator.eq, absent=False),
    Operator(
        "not_equals",
        "not equals",
        {"": "is not"},
        {"": "anything but"},
        _ALL - {"tags"},
        operator.ne,
        absent=True,
    ),
    Operator(
        "greater_than",
        "greater than",
        _by_date("is over", "is after"),
        _by_date("over", "after"),
        ORDERED,
        operator.gt,
        absent=False,
    ),
    Operator(
        "less_than",
        "less than",
        _by_date("is under", "is before"),
        _by_date("under", "before"),
        ORDERED,
        operator.lt,
        absent=False,
    ),
    Operator(
        "at_least",
        "at least",
        _by_date("is at least", "is on or after"),
        _by_date("at least", "on or after"),
        ORDERED,
        operator.ge,
        absent=False,
    ),
    Operator(
        "at_most",
        "at most",
        _by_date("is at most", "is on or before"),
        _by_date("at most", "on or before"),
        ORDERED,
        operator.le,
        absent=False,
    ),
    Operator(
        "between",
        "between",
        {"": "is between"},
        {"": "between"},
        ORDERED,
        _between,
        absent=False,
        takes="two",
    ),
    Operator(
        "contains",
        "contains",
        {"": "contains", "tags": "include"},
        {"": "to contain", "tags": "to include"},
        frozenset({"tags", "text"}),
        _contains,
        absent=False,
        by_position=False,
    ),
    Operator(
        "not_contains",
        "does not contain",
        {"": "does not contain", "tags": "do not include"},
        {"": "not to contain", "tags": "not to include"},
        frozenset({"tags", "text"}),
        _not_contains,
        absent=True,
        by_position=False,
    ),
    Operator(
        "starts_with",
        "starts with",
        {"": "starts with"},
        {"": "to start with"},
        frozenset({"text"}),
        _starts_with,
        absent=False,
        by_position=False,
    ),
    Operator(
        "is_one_of",
        "is one of",
        {"": "is", "tags": "include"},
        {"": "", "tags": "to include"},
        _LISTED,
        _one_of,
        absent=False,
        takes="many",
    ),
    Operator(
        "is_none_of",
        "is none of",
        {"": "is not", "tags": "do not include"},
        {"": "anything but", "tags": "not to include"},
        _LISTED,
        _none_of,
        absent=True,
        takes="many",
    ),
    *DATE_OPERATORS,
    Operator(
        "changed_from",
        "changed from",
        {"": "changed from"},
        {"": "to change from"},
        frozenset({"choice"}),
        operator.eq,
        absent=False,
        derives="from",
    ),
    Operator(
        "changed_to",
        "changed to",
        {"": "changed to"},
        {"": "to change to"},
        frozenset({"choice"}),
        operator.eq,
        absent=False,
        derives="to",
    ),
    Operator(
        "is_empty",
        "is empty",
        {"": "is empty", "tags": "are empty"},
        {"": "to be empty"},
        _ALL,
        _never,
        absent=True,
        takes="none",
    ),
    Operator(
        "is_not_empty",
        "is not empty",
        {"": "is not empty", "tags": "are not empty"},
        {"": "a value"},
        _ALL,
        _always,
        absent=False,
        takes="none",
    ),
)
#: Every operator by its key, in the order of the dropdown.
OPERATORS: dict[str, Operator] = {entry.key: entry for entry in _ENTRIES}
#: The operators that test whether there is a value; not offered for fields that always have one.
EMPTINESS: frozenset[str] = frozenset({"is_empty", "is_not_empty"})
