"""Spans of time in conditions: "3" is 3 days, "2 weeks", "1 month", "5 years"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from automations.engine.operators.value_types import InvalidValue, shown

#: By unit: how a date's distance is measured, how much of that one is, and the most of a condition.
UNITS: Mapping[str, tuple[str, int, int]] = {
    "days": ("days", 1, 10_000),
    "weeks": ("days", 7, 1_400),
    "months": ("months", 1, 1_200),
    "years": ("months", 12, 100),
}
_SPAN = re.compile(r"([0-9]{1,9})(?: +(day|week|month|year)s?)?")


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A whole number of days, weeks, months or years."""

    count: int
    unit: str

    @property
    def measure(self) -> str:
        """How the distance of a date is measured that is compared with it: by "days" or "months"."""
        return UNITS[self.unit][0]

    @property
    def size(self) -> Decimal:
        """The number of days, or of months."""
        return Decimal(self.count * UNITS[self.unit][1])


def parse_span(text: str) -> TimeSpan:
    """Return the span of a text, without a unit in days. Raises InvalidValue with the end of a sentence."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise InvalidValue(f"needs a number of days or weeks such as 2 weeks, not {shown(text)}")
    return TimeSpan(int(found[1]), f"{found[2] or 'day'}s")
