"""Sets of whole numbers: the days, thousandths or pieces that some comparisons leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

_FAR = 10**30


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """The whole numbers from `low` to `high`, both included."""

    low: int = -_FAR
    high: int = _FAR

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
        return NumberSpan(max(-_FAR, self.low + other.low), min(_FAR, self.high + other.high))

    def minus(self, other: NumberSpan) -> NumberSpan:
        """Return every difference of a number of each."""
        return self.plus(NumberSpan(-other.high, -other.low))

    @property
    def one(self) -> int:
        """Any of them, no larger than need be."""
        return self.low if self.low > -_FAR else min(self.high, 0)

    def plainest(self, step: int = 1) -> int:
        """Return 0 if it is among them, else what is next to it, a multiple of `step` if there is one."""
        if 0 in self:
            return 0
        near = self.low if self.low > 0 else self.high
        rounded = -(-near // step) * step if near > 0 else near // step * step
        return rounded if rounded in self else near


EVERY = (NumberSpan(),)


def spans_where(
    points: Iterable[Decimal | int], fits: Callable[[int], bool], within: NumberSpan = EVERY[0]
) -> tuple[NumberSpan, ...]:
    """Return where `fits` holds, in order; it changes its answer nowhere but at `points`."""
    found: list[NumberSpan] = []
    for cell in _cells(sorted({Decimal(point) for point in points})):
        part = cell.meet(within)
        if part.empty or not fits(part.one):
            continue
        if found and found[-1].high + 1 == part.low:
            part = NumberSpan(found.pop().low, part.high)
        found.append(part)
    return tuple(found)


def met(first: Sequence[NumberSpan], second: Sequence[NumberSpan]) -> tuple[NumberSpan, ...]:
    """Return what both sets have in common."""
    both = (one.meet(other) for one in first for other in second)
    return tuple(span for span in both if not span.empty)


def _cells(points: Sequence[Decimal]) -> Iterator[NumberSpan]:
    """Yield each point that is a whole number, and what lies between, below and above the points."""
    if not points:
        yield NumberSpan()
        return
    yield NumberSpan(high=_up(points[0]) - 1)
    for place, point in enumerate(points):
        if point == _down(point):
            yield NumberSpan(_down(point), _down(point))
        if place < len(points) - 1:
            (low, high) = next(pairwise(points[place : place + 2]))
            yield NumberSpan(_down(low) + 1, _up(high) - 1)
    yield NumberSpan(low=_down(points[-1]) + 1)


def _up(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))


def _down(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_FLOOR))
