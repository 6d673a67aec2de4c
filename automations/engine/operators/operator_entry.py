"""One way to compare a field with a value: what an entry of `operators` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.operators.distances import Range
from automations.engine.operators.time_spans import UNITS, parse_span
from automations.engine.operators.value_types import InvalidValue, Needed, Value, missing

Compare = Callable[[Any, Any], bool]


def fact_key(field: str, derives: str) -> str:
    """Return the key of the fact an operator tests: the field's own, or a derived one ("event_date@days")."""
    return f"{field}@{derives}" if derives else field


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
    #: The value of the condition: "one" value, "many", "two" ends, a "span" of time, or "none".
    takes: str = "one"
    #: The derived fact it tests instead of the field's own value: a distance from today (see `distances`), or
    #: the value it changed "from" or "to". See `fact_key`.
    derives: str = ""
    #: Whether equality or order alone decides, so that an index can file it.
    by_position: bool = True
    #: The distances from today that it holds for, if it tests one.
    range: Range | None = None
    #: The words after the value: "ago", as in "was exactly 3 days ago".
    after: str = ""

    @property
    def needs_value(self) -> bool:
        """Whether a condition with this operator has a value."""
        return self.takes != "none"

    def compare(self, actual: Value | None, value: Needed | None) -> bool:
        """Return whether the operator holds; None, "" and no tags all count as missing."""
        return self.absent if missing(actual) else self.present(actual, value)

    def fact(self, field: str, value: object) -> str:
        """Return the key of the fact it tests for a field, compared with the value as stored."""
        return fact_key(field, self.measure(value))

    def measure(self, value: object) -> str:
        """Return what it derives for a value: months are measured in another way than days."""
        if self.takes != "span" or self.derives != "days":
            return self.derives
        try:
            return parse_span(value if isinstance(value, str) else "").measure
        except InvalidValue:
            return self.derives

    @property
    def units(self) -> tuple[str, ...]:
        """The units of the span of time it takes."""
        if self.takes != "span":
            return ()
        return tuple(unit for unit in UNITS if self.derives == "days" or UNITS[unit][0] == "days")

    def phrase(self, type: str) -> str:
        """Return the verb of the sentence for a field of this type."""
        return self.phrases.get(type, self.phrases[""])

    def need(self, type: str) -> str:
        """Return the words between "needs" and the value for a field of this type."""
        return self.needs.get(type, self.needs[""])
