"""The operators of conditions: one entry feeds the dropdown, the evaluation, the index and the sentence."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.operators.value_types import ORDERED, TYPES, Needed, Value, fold, missing

Compare = Callable[[Any, Any], bool]

_DATES = ("date", "datetime", "time")
_DAYS = frozenset({"date", "datetime"})
_LISTED = frozenset({"choice", "reference", "text", "number", "tags"})
_ALL = frozenset(TYPES)


@dataclass(frozen=True)
class Operator:
    """One way to compare a field with a value."""

    key: str
    label: str
    #: The verb in a sentence by type of field, "" for all others: "is over", for dates "is after".
    phrases: Mapping[str, str]
    #: The words after "needs" in a failed verdict, by type of field: "over", as in "needs over £40.00".
    needs: Mapping[str, str]
    types: frozenset[str]
    #: The result for a value that is present.
    present: Compare
    #: The result for a missing value, whatever it is compared with.
    absent: bool
    #: The value of the condition: "one" value, "many", "two" ends, a number of "days", or "none".
    takes: str = "one"
    #: The derived fact it tests instead of the field's own value: the "days" from today, or the value it
    #: changed "from" or "to". See `fact_key`.
    derives: str = ""
    #: Whether equality or order alone decides, so that an index can file it.
    by_position: bool = True

    @property
    def needs_value(self) -> bool:
        """Whether a condition with this operator has a value."""
        return self.takes != "none"

    def compare(self, actual: Value | None, value: Needed | None) -> bool:
        """Return whether the operator holds; None, "" and no tags all count as missing."""
        return self.absent if missing(actual) else self.present(actual, value)

    def phrase(self, type: str) -> str:
        """Return the verb of the sentence for a field of this type."""
        return self.phrases.get(type, self.phrases[""])

    def need(self, type: str) -> str:
        """Return the words between "needs" and the value for a field of this type."""
        return self.needs.get(type, self.needs[""])


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


def _within_next(days: Any, most: Any) -> bool:
    return bool(0 <= days <= most)


def _within_last(days: Any, most: Any) -> bool:
    return bool(-most <= days <= 0)


def _always(actual: Value, value: None) -> bool:
    return True


def _never(actual: Value, value: None) -> bool:
    return False


def _by_date(usual: str, dates: str) -> Mapping[str, str]:
    return {"": usual, **dict.fromkeys(_DATES, dates)}


def fact_key(field: str, derives: str) -> str:
    """Return the key of the fact an operator tests: the field's own, or a derived one ("event_date@days")."""
    return f"{field}@{derives}" if derives else field


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
    Operator(
        "within_next",
        "within the next (days)",
        {"": "is within the next"},
        {"": "within the next"},
        _DAYS,
        _within_next,
        absent=False,
        takes="days",
        derives="days",
    ),
    Operator(
        "within_last",
        "within the last (days)",
        {"": "is within the last"},
        {"": "within the last"},
        _DAYS,
        _within_last,
        absent=False,
        takes="days",
        derives="days",
    ),
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
