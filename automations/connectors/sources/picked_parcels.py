"""The parcels of an order, by a tracking number that a person picked: each entry of its lists gives one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, takewhile

from automations.connectors.plain_text import one_line
from automations.connectors.sources.json_paths import MISSING, Path, in_words, value_at
from automations.connectors.sources.json_tree import text_of
from automations.connectors.sources.mapping_targets import PARCEL_CARRIER, PARCEL_NUMBER, PARCEL_STATUS
from automations.connectors.sources.payload import NAME
from automations.connectors.sources.picked_values import PickedValue
from automations.connectors.sources.shop_messages import ShopParcel, Word

#: More places than any order has parcels.
_MOST = 200
#: Between several numbers in one text.
_BETWEEN = re.compile(r"[,;|\r\n]+")

Paths = Mapping[str, Path]


def parcels_of(data: object, paths: Paths) -> PickedValue:
    """Return the parcels, one for each number; none twice. None if nothing is said of any."""
    places = places_of(data, paths, PARCEL_NUMBER)
    found: dict[str, ShopParcel] = {}
    for place in places:
        value = value_at(data, place)
        if isinstance(value, dict):
            return PickedValue(problem="Tracking number of each parcel: there is not a single value.")
        for part in _BETWEEN.split("" if isinstance(value, bool) else text_of(value)):
            number = one_line(part, NAME)
            if number and number not in found:
                found[number] = _parcel(number, data, place, paths)
    is_told = bool(places) or _has_list(data, paths)
    return PickedValue(list(found.values())) if is_told else PickedValue()


def places_of(data: object, paths: Paths, key: str) -> list[Path]:
    """Return every place at which a part of parcels is, in the order of the payload."""
    return list(islice(_walk(data, paths[key], _kept(paths, key), ()), _MOST))


def in_each(paths: Paths, key: str) -> str:
    """Return the path of a part of parcels for people: “fulfillments.each.tracking_number”."""
    kept = _kept(paths, key)
    steps = ("each" if isinstance(step, int) and at >= kept else step for at, step in enumerate(paths[key]))
    return in_words(tuple(steps))


def _parcel(number: str, data: object, place: Path, paths: Paths) -> ShopParcel:
    carrier, status = (
        _beside(data, place, paths, key) if key in paths else "" for key in (PARCEL_CARRIER, PARCEL_STATUS)
    )
    return ShopParcel(number, carrier, Word("delivery_status", status) if status else None)


def _beside(data: object, place: Path, paths: Paths, key: str) -> str:
    """Return what is said of the parcel whose number is at `place`; "" if it is of another one."""
    near = [other for other in places_of(data, paths, key) if not _is_of_another(place, other)]
    same = [other for other in near if _entries(other) == _entries(place)] or (near if len(near) == 1 else [])
    value = value_at(data, same[0]) if same else None
    return "" if isinstance(value, dict | bool) else one_line(text_of(value), NAME)


def _is_of_another(place: Path, other: Path) -> bool:
    """Whether the first step that differs is the entry of a list in both."""
    differing = next(((one, two) for one, two in zip(place, other, strict=False) if one != two), ("", ""))
    return all(isinstance(step, int) for step in differing)


def _entries(place: Path) -> list[int]:
    return [step for step in place if isinstance(step, int)]


def _kept(paths: Paths, key: str) -> int:
    """Return how many steps lead to the order: those that a part of its parcels shares with its number."""
    pairs = zip(paths.get("number", ()), paths[key], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _has_list(data: object, paths: Paths) -> bool:
    """Whether the list on the way to the numbers is there, so that having none says something."""
    path = paths[PARCEL_NUMBER]
    lists = (
        at for at, step in enumerate(path) if isinstance(step, int) and at >= _kept(paths, PARCEL_NUMBER)
    )
    first = next(lists, None)
    return first is not None and isinstance(value_at(data, path[:first]), list)


def _walk(data: object, path: Path, kept: int, before: Path) -> Iterator[Path]:
    """Yield the place of each value at a path; behind its first `kept` steps, lists give all they have."""
    if isinstance(data, list) and kept <= 0:
        rest: Sequence[str | int] = path[1:] if path and isinstance(path[0], int) else path
        for entry, value in enumerate(data):
            yield from _walk(value, tuple(rest), 0, (*before, entry))
    elif not path:
        yield before
    elif kept <= 0 and isinstance(path[0], int):
        # What is made of XML has a list only of several.
        yield from _walk(data, path[1:], 0, before)
    else:
        inner = value_at(data, path[:1])
        if inner is not MISSING:
            yield from _walk(inner, path[1:], kept - 1, (*before, path[0]))
