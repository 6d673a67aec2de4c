"""A span of whole numbers: days, thousandths or pieces."""

from __future__ import annotations

from dataclasses import dataclass

FAR = 10**30


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """The whole numbers from `low` to `high`, both included."""

    low: int = -FAR
    high: int = FAR

    @property
    def empty(self) -> bool:
        return self.low > self.high

    def __contains__(self, number: int) -> bool:
        return self.low <= number <= self.high

    def meet(self, other: NumberSpan) -> NumberSpan:
        """Return what both have; empty if they have nothing in common."""
        return NumberSpan(max(self.low, other.low), min(self.high, other.high))

    def plus(self, other: NumberSpan) -> NumberSpan:
        """Return every sum of a number of each."""
        return NumberSpan(max(-FAR, self.low + other.low), min(FAR, self.high + other.high))

    def minus(self, other: NumberSpan) -> NumberSpan:
        """Return every difference of a number of each."""
        return self.plus(NumberSpan(-other.high, -other.low))

    @property
    def one(self) -> int:
        """Any of them, no larger than need be."""
        return self.low if self.low > -FAR else min(self.high, 0)

    def plainest(self, step: int = 1) -> int:
        """Return 0 if it is among them, else what is next to it, a multiple of `step` if there is one."""
        if 0 in self:
            return 0
        near = self.low if self.low > 0 else self.high
        rounded = -(-near // step) * step if near > 0 else near // step * step
        return rounded if rounded in self else near
