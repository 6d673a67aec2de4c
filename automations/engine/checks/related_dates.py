"""Dates and how far away they are: all of them from one day that is today, and its weekday."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from automations.engine.checks.assumptions import Assumptions
from automations.engine.checks.field_values import Literal, mentioned
from automations.engine.checks.integer_spans import FAR, NumberSpan
from automations.engine.checks.related_amounts import Facts, Literals, Misfit, fits
from automations.engine.checks.span_sets import met, spans_where
from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.fields.subject import Field
from automations.engine.operators.distances import MEASURES, is_distance
from automations.engine.operators.value_types import Value

WEEKDAY = "now.weekday"
_DAYS = NumberSpan(dt.date.min.toordinal(), dt.date.max.toordinal())
#: A date is another one elsewhere on earth.
_ELSEWHERE = NumberSpan(-1, 1)


def related_dates(assumptions: Assumptions, literals: Literals) -> Facts | Misfit:
    """Return dates with how far away they are, all from one day that is today.

    It is unknown where it depends on the time zone.
    """
    asked = {key.partition("@")[0] for key in literals if is_distance(key)}
    dates = [
        date for key in sorted(asked) if (date := _dated(assumptions.fields.get(key), literals)) is not None
    ]
    if not dates:
        return {}
    todays: Sequence[NumberSpan] = (_DAYS.meet(NumberSpan(low=assumptions.today or _DAYS.low)),)
    for date in dates:
        todays = met(todays, date.todays())
    weekdays = _weekdays(literals.get(WEEKDAY, ()))
    found = Misfit.NEVER
    for today in _some_days(todays, weekdays):
        facts = {WEEKDAY: list(WEEKDAYS)[_weekday(today)]} if WEEKDAY in literals else {}
        chosen = [date.on(today) for date in dates]
        if all(chosen):
            return dict(facts, **{key: value for one in chosen if one for key, value in one.items()})
        found = Misfit.UNKNOWN
    return found


@dataclass(frozen=True)
class _Dated:
    """A date that is asked about by itself and by its distance; both are there."""

    field: Field
    of_date: tuple[Literal, ...]
    of_days: tuple[Literal, ...]
    #: What is asked about its distance by the month, and about when it comes round.
    of_months: tuple[Literal, ...] = ()
    of_yearly: tuple[Literal, ...] = ()

    def todays(self) -> tuple[NumberSpan, ...]:
        """Return the days that may be today, by this date."""
        return tuple(
            day.minus(distance) for day in self._days() for distance in self._distances() if not day.empty
        )

    def on(self, today: int) -> Facts | None:
        """Return the date and its distance from today."""
        for distance in self._distances():
            for day in self._days():
                if not (on := day.meet(NumberSpan(today, today).plus(distance))).empty:
                    for choice in self._choices(on, today):
                        for value, ordinal in self._values(choice):
                            known = self._distances_of(ordinal, today)
                            if fits(self.of_date, value) and all(fits(*pair) for pair in known.values()):
                                away = {f"{self.field.key}@{each}": pair[1] for each, pair in known.items()}
                                return {self.field.key: value, **away}
        return None

    def _distances_of(self, day: int, today: int) -> dict[str, tuple[tuple[Literal, ...], Decimal]]:
        """Return by measure what is asked about the distance, and the distance itself."""
        asked = {"days": self.of_days, "months": self.of_months, "yearly": self.of_yearly}
        dates = dt.date.fromordinal(day), dt.date.fromordinal(today)
        return {
            measure: (literals, MEASURES[measure](*dates))
            for measure, literals in asked.items()
            if literals or measure == "days"
        }

    def _choices(self, on: NumberSpan, today: int) -> list[int]:
        """Return days to try: the ends, today, and those next to what is asked by the month and the year."""
        tried = {on.low, on.high, max(on.low, min(today, on.high))}
        months = (float(point) * 30.44 for point in mentioned(self.of_months))
        near = [round(away) for away in months] + [int(away) for away in mentioned(self.of_yearly)]
        tried |= {today + away + step for away in near for step in range(-3, 4)} if near else set()
        return sorted(day for day in tried if day in on and day in _DAYS)

    def _distances(self) -> tuple[NumberSpan, ...]:
        points = [value for value in mentioned(self.of_days) if isinstance(value, Decimal)]
        by_day = spans_where(points, lambda days: fits(self.of_days, Decimal(days)))
        return met(by_day, self._by_month()) if self.of_months else by_day

    def _by_month(self) -> tuple[NumberSpan, ...]:
        """Return the distances in days that there are for those by the month, and some more at the ends."""
        halves = [value * 2 for value in mentioned(self.of_months)]
        spans = spans_where(halves, lambda half: fits(self.of_months, Decimal(half) / 2))
        return tuple(NumberSpan(_in_days(span.low, -1), _in_days(span.high, 1)) for span in spans)

    def _days(self) -> tuple[NumberSpan, ...]:
        named = sorted(_instants(self.of_date)) if self.field.type == "datetime" else ()
        if not named:
            points = [value.toordinal() for value in mentioned(self.of_date) if isinstance(value, dt.date)]
            return (
                spans_where(points, lambda day: fits(self.of_date, dt.date.fromordinal(day)), _DAYS)
                if (self.field.type == "date")
                else (_DAYS,)
            )
        return tuple(
            NumberSpan(low, high).plus(_ELSEWHERE).meet(_DAYS)
            for low, high, within in _between(named)
            if any(fits(self.of_date, instant) for instant in within)
        )

    def _values(self, day: int) -> Iterator[tuple[Value, int]]:
        date = dt.date.fromordinal(min(max(day, _DAYS.low), _DAYS.high))
        if self.field.type == "date":
            yield date, date.toordinal()
            return
        noon = dt.datetime.combine(date, dt.time(12), dt.UTC)
        for instant in (noon, *_instants(self.of_date)):
            yield instant, instant.date().toordinal()


def _dated(field: Field | None, literals: Literals) -> _Dated | None:
    """Return the date if it must be there; where it may be missing, nothing depends on today."""
    if field is None:
        return None
    of_date, of_days = literals.get(field.key, ()), literals.get(f"{field.key}@days", ())
    others = literals.get(f"{field.key}@months", ()), literals.get(f"{field.key}@yearly", ())
    missing = all(fits(asked, None) for asked in (of_date, of_days, *others))
    return None if missing else _Dated(field, of_date, of_days, *others)


def _in_days(halves: int, way: int) -> int:
    """Return the days of some half months, or a few more of them that way."""
    if abs(halves) >= FAR:
        return way * FAR
    months = halves // 2 if way < 0 else -(-halves // 2)
    # Months differ from their average over four centuries by hardly more than three days.
    return round(months * 30.436875) + way * 4


def _instants(literals: Sequence[Literal]) -> list[dt.datetime]:
    return [value for value in mentioned(literals) if isinstance(value, dt.datetime)]


def _between(named: Sequence[dt.datetime]) -> Iterator[tuple[int, int, tuple[dt.datetime, ...]]]:
    """Yield the stretches between instants by their days, each with instants that stand for it."""
    instant = dt.timedelta.resolution
    edges: list[dt.datetime | None] = [None, *named, None]
    for low, high in pairwise(edges):
        inside = [
            edge + step
            for edge, step in ((low, instant), (high, -instant))
            if edge is not None and dt.datetime.min.replace(tzinfo=dt.UTC) < edge < _LAST
        ]
        first = low.date().toordinal() if low else _DAYS.low
        last = high.date().toordinal() if high else _DAYS.high
        yield first, last, (*inside, *(edge for edge in (low, high) if edge is not None))


_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


def _weekdays(literals: tuple[Literal, ...]) -> frozenset[int]:
    return frozenset(place for place, key in enumerate(WEEKDAYS) if fits(literals, key))


def _weekday(ordinal: int) -> int:
    return (ordinal + 6) % 7


def _some_days(spans: Sequence[NumberSpan], weekdays: frozenset[int]) -> Iterator[int]:
    """Yield days of each span on which today may be: those next to its ends."""
    for span in spans:
        ends = {*range(span.low, min(span.low + 7, span.high + 1))}
        ends |= {*range(max(span.high - 6, span.low), span.high + 1)}
        yield from (day for day in sorted(ends) if _weekday(day) in weekdays)
