"""An index column for ordered values: numbers, money, dates and times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from automations.engine.index.bitset import Few, bits_of, size_of, slots_of, toggled
from automations.engine.operators.operators import Compare
from automations.engine.operators.value_types import Value
from automations.engine.rules.typed_rule import TypedPart

#: The smallest value of each type.
_STARTS: dict[str, Value] = {
    "number": Decimal("-Infinity"),
    "money": Decimal("-Infinity"),
    "date": date.min,
    "datetime": datetime.min.replace(tzinfo=UTC),
    "time": time.min,
}
#: A stretch is split when it holds more than 1/_SHARE of all points and more than _FEWEST.
_SHARE, _FEWEST = 64, 8


class OrderedColumn:
    """The range of values in stretches, each with the slots whose conditions may hold in it.

    A slot's thresholds are its points. A stretch that holds one of a slot's points may report the slot
    wrongly, so the caller must check the result. An edit changes one bit of each stretch, and the number
    of stretches hardly grows with the number of points.
    """

    def __init__(self, slots: int, type: str) -> None:
        self._free = slots
        self._empty = 0
        self._starts: list[Any] = [_STARTS[type]]
        self._maybe = [0]
        self._points: list[dict[Any, Few | int]] = [{}]
        self._parts: dict[int, Sequence[TypedPart]] = {}

    def find(self, value: Value | None) -> int:
        """Return the slots that may hold for the value; for None, exactly those that hold."""
        if value is None:
            return self._free | self._empty
        return self._free | self._maybe[bisect_right(self._starts, value) - 1]

    def skip(self, slot: int) -> None:
        """Add or remove a slot without a condition on this column."""
        self._free ^= 1 << slot

    def put(self, slot: int, parts: Sequence[TypedPart]) -> None:
        """Add a slot with these conditions on this column."""
        self._parts[slot] = tuple(parts)
        self._toggle(slot, parts)
        for point in _points(parts):
            place = self._place(point)
            self._points[place][point] = toggled(self._points[place].get(point, ()), slot)
            self._cut(place)

    def drop(self, slot: int) -> None:
        """Remove a slot that was added with `put`."""
        parts = self._parts.pop(slot)
        self._toggle(slot, parts)
        for point in _points(parts):
            place = self._place(point)
            kept = toggled(self._points[place].pop(point), slot)
            if kept:
                self._points[place][point] = kept
            self._join(place)

    def _toggle(self, slot: int, parts: Sequence[TypedPart]) -> None:
        bit = 1 << slot
        if all(part.holds(None) for part in parts):
            self._empty ^= bit
        places = set(range(len(self._starts)))
        for part in parts:
            places &= set(self._places(part))
        for place in places:
            self._maybe[place] ^= bit

    def _places(self, part: TypedPart) -> list[int]:
        count = len(self._starts)
        if part.needed is None:
            return list(range(count)) if part.holds(_STARTS[part.type]) else []
        below, _, above = _sides(part.operator.present)
        own = self._place(part.needed)
        inside = [own] if self._may_hold(part, own) else []
        return [*(range(own) if below else ()), *inside, *(range(own + 1, count) if above else ())]

    def _may_hold(self, part: TypedPart, place: int) -> bool:
        """Whether the part can hold for a value in the stretch."""
        if part.needed is None:
            return part.holds(_STARTS[part.type])
        below, at, above = _sides(part.operator.present)
        own, start = self._place(part.needed), self._starts[place]
        if own != place:
            return above if own < place else below
        return at or above or (below and start < part.needed)

    def _cut(self, place: int) -> None:
        """Split a stretch that holds too many points; a single point can't be split."""
        points = self._points[place]
        crowd = sum(map(size_of, points.values())) if len(points) > 1 else 0
        if crowd <= max(_FEWEST, len(self._parts) // _SHARE):
            return
        ordered = sorted(points)
        middle = _middle([size_of(points[point]) for point in ordered])
        self._starts.insert(place + 1, ordered[middle])
        self._maybe.insert(place + 1, self._maybe[place])
        self._points[place : place + 1] = [
            {point: points[point] for point in ordered[:middle]},
            {point: points[point] for point in ordered[middle:]},
        ]
        for slot in {slot for kept in points.values() for slot in slots_of(bits_of(kept))}:
            self._settle(slot, place)
            self._settle(slot, place + 1)

    def _settle(self, slot: int, place: int) -> None:
        bit = 1 << slot
        held = all(self._may_hold(part, place) for part in self._parts[slot])
        self._maybe[place] = self._maybe[place] | bit if held else self._maybe[place] & ~bit

    def _join(self, place: int) -> None:
        """Remove a stretch without points: the one before it has the same slots."""
        if place and not self._points[place]:
            del self._starts[place], self._maybe[place], self._points[place]

    def _place(self, value: Any) -> int:
        return bisect_right(self._starts, value) - 1


def _points(parts: Sequence[TypedPart]) -> set[Any]:
    return {part.needed for part in parts if part.needed is not None}


def _middle(counts: list[int]) -> int:
    """Return the index at which to split so that the halves are about even and neither is empty."""
    half, seen = sum(counts) / 2, 0
    for place, count in enumerate(counts[:-1], start=1):
        seen += count
        if seen >= half:
            return place
    return len(counts) - 1


@cache
def _sides(compare: Compare) -> tuple[bool, bool, bool]:
    """Return whether an operator holds below, at and above its value."""
    below, at, above = (compare(Decimal(actual), Decimal(1)) for actual in (0, 1, 2))
    return below, at, above
