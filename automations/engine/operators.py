"""The operators a condition may use: one entry feeds the dropdown, the judge, the index and the sentence."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.values import ORDERED, TYPES, Value, fold, missing

Compare = Callable[[Any, Any], bool]

_DATES = ("date", "datetime")
_ALL = frozenset(TYPES)


@dataclass(frozen=True)
class Operator:
    """One way to compare a field with a value."""

    key: str
    label: str
    #: How a sentence says it, by type; "" is the usual way: "is over", for dates "is after".
    phrases: Mapping[str, str]
    #: What a value that fails needed, by type: "over", as in "needs over £40.00".
    needs: Mapping[str, str]
    types: frozenset[str]
    #: What it says of a value that is there.
    present: Compare
    #: What it says of a missing value, whatever it is compared with.
    absent: bool
    needs_value: bool = True
    #: Decided by being equal to the value or standing before or after it; an index can file it there.
    by_position: bool = True

    def compare(self, actual: Value | None, value: Value | None) -> bool:
        """Whether it holds; None, "" and no tags are the same missing value."""
        return self.absent if missing(actual) else self.present(actual, value)

    def phrase(self, type: str) -> str:
        """The verb of the sentence for a field of this type."""
        return self.phrases.get(type, self.phrases[""])

    def need(self, type: str) -> str:
        """What stands between "needs" and the value for a field of this type."""
        return self.needs.get(type, self.needs[""])


def _contains(actual: Value, value: Value) -> bool:
    if isinstance(actual, frozenset) and isinstance(value, frozenset):
        return {fold(tag) for tag in value} <= {fold(tag) for tag in actual}
    return isinstance(actual, str) and isinstance(value, str) and fold(value) in fold(actual)


def _not_contains(actual: Value, value: Value) -> bool:
    return not _contains(actual, value)


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
        "is_empty",
        "is empty",
        {"": "is empty", "tags": "are empty"},
        {"": "to be empty"},
        _ALL,
        _never,
        absent=True,
        needs_value=False,
    ),
    Operator(
        "is_not_empty",
        "is not empty",
        {"": "is not empty", "tags": "are not empty"},
        {"": "a value"},
        _ALL,
        _always,
        absent=False,
        needs_value=False,
    ),
)
#: Every operator by its key, in the order of the dropdown.
OPERATORS: dict[str, Operator] = {entry.key: entry for entry in _ENTRIES}
#: The operators that ask whether there is a value at all; not offered where there always is one.
EMPTINESS: frozenset[str] = frozenset({"is_empty", "is_not_empty"})
