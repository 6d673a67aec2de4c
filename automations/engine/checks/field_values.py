"""Finitely many values of one fact that stand for all of its values, as far as some comparisons can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from itertools import combinations, pairwise
from typing import Any

from automations.engine.fields.subject import NOW, Field
from automations.engine.operators.value_types import ORDERED, Lines, Value, fold
from automations.engine.rules.typed_rule import TypedPart

#: A comparison, and whether it must hold.
Literal = tuple[TypedPart, bool]
#: A value, and None for a missing one.
Candidate = Value | None

#: Stands for every choice or text that no comparison names.
OTHER = "another value"
#: The most tags whose every combination is tried.
_MOST_TAGS = 6
_EXACT = Context(prec=80)
_DAY_IN_MICROSECONDS = 24 * 60 * 60 * 1_000_000
#: The distances from today that are whole numbers of days.
_WHOLE = frozenset({"days", "yearly"})
_SECOND = timedelta(seconds=1)
#: A value of each ordered type, for comparisons that name none.
_SOME: Mapping[str, Value] = {
    "number": Decimal(0),
    "money": Decimal(0),
    "date": date(2026, 1, 1),
    "datetime": datetime(2026, 1, 1, tzinfo=UTC),
    "time": time(12),
}
_POSITIVE, _NEGATIVE = frozenset({"equals", "is_one_of"}), frozenset({"not_equals", "is_none_of"})


def satisfying(literals: Sequence[Literal], field: Field | None) -> list[Candidate] | None:
    """Return values of one fact that meet all literals, [] only if no value does; None if it is not known.

    `field` is the fact's field, None for a fact that is none. The values that are returned are examples of
    all those that meet the literals: any other that does is told apart from them by no comparison.
    """
    values, complete = _values(literals, field)
    fitting = [value for value in values if all(part.holds(value) is wanted for part, wanted in literals)]
    return fitting if fitting or complete else None


def _values(literals: Sequence[Literal], field: Field | None) -> tuple[list[Candidate], bool]:
    """Return the values to try, and whether they stand for all there are."""
    type = literals[0][0].type
    missing: list[Candidate] = [] if field is not None and field.key.startswith(NOW) else [None]
    if type == "tags":
        tags, complete = _sets(literals)
        return [*missing, *tags], complete
    if type == "text":
        texts, complete = _texts(literals)
        return [*missing, *texts], complete
    if type in ORDERED:
        measure = literals[0][0].field.partition("@")[2]
        points = set(mentioned(literals)) or {_SOME[type]}
        # A day that comes round is never over.
        values = [
            value for value in _points(points, measure in _WHOLE) if measure != "yearly" or _ahead(value)
        ]
        return [*values, *missing], True
    if type == "bool":
        return ["yes", "no", *missing], True
    if field is not None and field.key.startswith(NOW) and field.labels:
        return [*field.labels], True
    named = sorted(set(map(str, mentioned(literals))))
    return [*named, _unlike(named), *missing], True


def mentioned(literals: Iterable[Literal]) -> Iterator[Any]:
    """Yield every value that the comparisons name; for a distance from today, both ends of its range."""
    for part, _ in literals:
        needed = part.needed
        if part.operator.range and (needed is None or isinstance(needed, Decimal)):
            yield from (end for end in part.operator.range.ends(needed) if end is not None)
        elif isinstance(needed, frozenset | tuple) and not isinstance(needed, Lines):
            yield from needed
        elif needed is not None:
            yield needed


def _ahead(distance: Any) -> bool:
    return bool(distance >= 0)


def _unlike(named: Sequence[str]) -> str:
    value = OTHER
    while value in named:
        value += "…"
    return value


def _sets(literals: Sequence[Literal]) -> tuple[list[Candidate], bool]:
    by_fold = {fold(str(tag)): str(tag) for tag in mentioned(literals)}
    complete = len(by_fold) <= _MOST_TAGS
    named = sorted(by_fold.values())[:_MOST_TAGS]
    other = _unlike(list(by_fold))
    chosen = [combination for count in range(len(named) + 1) for combination in combinations(named, count)]
    with_other = [frozenset({*tags, other}) for tags in chosen]
    return [*(frozenset(tags) for tags in chosen if tags), *with_other], complete


def _points(named: set[Any], whole_days: bool) -> Iterator[Value]:
    """Yield each named value, one between each two neighbours if there is any, one below and one above."""
    points = sorted(named)
    yield from points
    for low, high in pairwise(points):
        middle = _middle(low, high)
        if whole_days and isinstance(middle, Decimal):
            middle = middle.to_integral_value()
        if low < middle < high:
            yield middle
    yield from _beyond(points[0], -1)
    yield from _beyond(points[-1], 1)


def _middle(low: Any, high: Any) -> Any:
    if isinstance(low, Decimal):
        return _EXACT.divide(_EXACT.add(low, high), Decimal(2))
    if isinstance(low, time):
        return _time((_microseconds(low) + _microseconds(high)) // 2)
    # Of two dates the half is rounded down to a whole day.
    return low + (high - low) / 2


def _beyond(point: Any, way: int) -> Iterator[Value]:
    if isinstance(point, Decimal):
        yield _EXACT.add(point, Decimal(way))
    elif isinstance(point, time):
        moved = _microseconds(point) + way
        if 0 <= moved < _DAY_IN_MICROSECONDS:
            yield _time(moved)
    else:
        step = way * (_SECOND if isinstance(point, datetime) else timedelta(days=1))
        try:
            yield point + step
        except OverflowError:
            return


def _microseconds(value: time) -> int:
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def _time(microseconds: int) -> time:
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).time()


def _texts(literals: Sequence[Literal]) -> tuple[list[Candidate], bool]:
    """Return texts to try; they stand for all where one is named, or where none can meet the literals."""
    for part, wanted in literals:
        if part.operator.key in (_POSITIVE if wanted else _NEGATIVE):
            return list(mentioned([(part, wanted)])), True
    starts = [fold(str(part.needed)) for part, wanted in literals if wanted and _is(part, "starts_with")]
    pieces = [str(part.needed) for part, wanted in literals if _contains(part, wanted)]
    if _no_text(literals, starts, [*map(fold, pieces), *starts]):
        return [], True
    first = max(starts, key=len, default="")
    built = " ".join(filter(None, (first, *pieces)))
    named = [str(value) for value in mentioned(literals)]
    return [built or _unlike(named), f"{built} {_unlike(named)}".strip(), *named], False


def _no_text(literals: Sequence[Literal], starts: Sequence[str], within: Sequence[str]) -> bool:
    """Whether no text at all meets the literals: two starts differ, or what must stand in it must not."""
    if any(not long.startswith(short) for short, long in pairwise(sorted(starts, key=len))):
        return True
    for part, wanted in literals:
        if _is(part, "is_empty" if wanted else "is_not_empty"):
            return True
        unwanted = fold(str(part.needed))
        if _contains(part, not wanted) and any(unwanted in piece for piece in within):
            return True
        if _is(part, "starts_with") and not wanted and any(start.startswith(unwanted) for start in starts):
            return True
    return False


def _contains(part: TypedPart, wanted: bool) -> bool:
    """Whether the literal asks for a text that contains another."""
    return _is(part, "contains" if wanted else "not_contains")


def _is(part: TypedPart, key: str) -> bool:
    return part.operator.key == key
