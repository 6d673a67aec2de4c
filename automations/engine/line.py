"""A column of the index for values on a line: numbers, money, dates and times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from automations.engine.bits import Few, bits_of, size_of, slots_of, toggled
from automations.engine.operators import Compare
from automations.engine.typed import TypedPart
from automations.engine.values import Value

#: Where each type's line begins.
_STARTS: dict[str, Value] = {
    "number": Decimal("-Infinity"),
    "money": Decimal("-Infinity"),
    "date": date.min,
    "datetime": datetime.min.replace(tzinfo=UTC),
    "time": time.min,
}
#: The line is cut so that no stretch holds more than this share of all points, nor is cut below so many.
_SHARE, _FEWEST = 64, 8


class Line:
    """The line in stretches, each with the slots whose conditions may hold somewhere on it.

    A slot's thresholds are its points. Only where a stretch holds one of its points can the answer be
    too generous, so what is found must be looked at again. One edit changes one bit of each stretch,
    and the number of stretches hardly grows with the number of points.
    """

    def __init__(self, slots: int, type: str) -> None:
        self._free = slots
        self._empty = 0
        self._starts: list[Any] = [_STARTS[type]]
        self._maybe = [0]
        self._points: list[dict[Any, Few | int]] = [{}]
        self._parts: dict[int, Sequence[TypedPart]] = {}

    def find(self, value: Value | None) -> int:
        """The slots that may hold for the value; all that hold for a missing one."""
        if value is None:
            return self._free | self._empty
        return self._free | self._maybe[bisect_right(self._starts, value) - 1]

    def skip(self, slot: int) -> None:
        """Puts in or takes out a slot without a condition here."""
        self._free ^= 1 << slot

    def put(self, slot: int, parts: Sequence[TypedPart]) -> None:
        """Puts in a slot that has these conditions here."""
        self._parts[slot] = tuple(parts)
        self._toggle(slot, parts)
        for point in _points(parts):
            place = self._place(point)
            self._points[place][point] = toggled(self._points[place].get(point, ()), slot)
            self._cut(place)

    def drop(self, slot: int) -> None:
        """Takes a slot out that was put in."""
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
        """Whether the part holds anywhere on one stretch."""
        if part.needed is None:
            return part.holds(_STARTS[part.type])
        below, at, above = _sides(part.operator.present)
        own, start = self._place(part.needed), self._starts[place]
        if own != place:
            return above if own < place else below
        return at or above or (below and start < part.needed)

    def _cut(self, place: int) -> None:
        """Cuts a stretch in two where it holds too many points; one crowded point stays whole."""
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
        """Takes away a stretch without points: the one before it says the same of every slot."""
        if place and not self._points[place]:
            del self._starts[place], self._maybe[place], self._points[place]

    def _place(self, value: Any) -> int:
        return bisect_right(self._starts, value) - 1


def _points(parts: Sequence[TypedPart]) -> set[Any]:
    return {part.needed for part in parts if part.needed is not None}


def _middle(counts: list[int]) -> int:
    """Where to cut so that the halves are about even and neither is empty."""
    half, seen = sum(counts) / 2, 0
    for place, count in enumerate(counts[:-1], start=1):
        seen += count
        if seen >= half:
            return place
    return len(counts) - 1


@cache
def _sides(compare: Compare) -> tuple[bool, bool, bool]:
    """What an operator says below, at and above its value."""
    below, at, above = (compare(Decimal(actual), Decimal(1)) for actual in (0, 1, 2))
    return below, at, above
