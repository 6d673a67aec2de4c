"""Sets of whole numbers: the days, thousandths or pieces that some comparisons leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from automations.engine.checks.integer_spans import NumberSpan

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
