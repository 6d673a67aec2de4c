"""Fields that depend on each other: an amount on two others, a date on today, what was bought on how often.

Each relation answers for the comparisons of one search: facts that fit together, or that none do. A relation
takes in more than there is where it must, as a "never" has to hold for every record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import pairwise, product

from automations.engine.checks.assumptions import Assumptions, plain_part
from automations.engine.checks.field_values import Candidate, Literal, mentioned
from automations.engine.checks.integer_spans import NumberSpan, met, spans_where
from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.fields.subject import Field
from automations.engine.operators.value_types import Value

Literals = Mapping[str, tuple[Literal, ...]]
Facts = dict[str, Candidate]


class Misfit(Enum):
    """Why there are no facts that fit together: none do, or it is not known."""

    NEVER = "never"
    UNKNOWN = "unknown"


#: The total is the sum of the other two; amounts are kept in thousandths.
TOTAL, PAID, BALANCE = "total", "amount_paid", "balance_due"
_THOUSANDTHS, _UNIT = 1000, 1000
#: What a customer bought: see pipeline.records.purchase_totals.
COUNT, SPENT, LAST = "order_count", "total_spent", "last_order_date"
WEEKDAY = "now.weekday"
_DAYS = NumberSpan(dt.date.min.toordinal(), dt.date.max.toordinal())
#: A date is another one elsewhere on earth.
_ELSEWHERE = NumberSpan(-1, 1)


def cases(assumptions: Assumptions, literals: Literals) -> list[tuple[Literal, ...]]:
    """Return what else may hold, as alternatives of which one always does."""
    if sum(key in literals for key in (COUNT, SPENT, LAST)) < 2 or COUNT not in assumptions.fields:
        return [()]
    count, spent, last = (assumptions.fields[key] for key in (COUNT, SPENT, LAST))
    nothing = (_literal(count, "equals", "0"), _literal(spent, "equals", "0"), _literal(last, "is_empty"))
    something = (_literal(count, "at_least", "1"), _literal(last, "is_not_empty"))
    unknown = tuple(_literal(field, "is_empty") for field in (count, spent, last))
    return [nothing, something, unknown]


def related_facts(assumptions: Assumptions, literals: Literals) -> Facts | Misfit:
    """Return facts that fit together, or why there are none."""
    amounts = _amounts(assumptions, literals)
    if isinstance(amounts, Misfit):
        return amounts
    days = _dates(assumptions, literals)
    return days if isinstance(days, Misfit) else amounts | days


def _amounts(assumptions: Assumptions, literals: Literals) -> Facts | Misfit:
    """Return a total, what was paid and what is due; {} if none is asked about."""
    keys = (TOTAL, PAID, BALANCE)
    if not all(key in assumptions.fields for key in keys) or not any(key in literals for key in keys):
        return {}
    asked = [key for key in keys if key in literals]
    if len(asked) == 1 and not _amount_spans(literals[asked[0]]):
        # Nothing hangs on what is not there.
        return {}
    for total, paid, due in product(*(_amount_spans(literals.get(key, ())) for key in keys)):
        if (left := paid.meet(total.minus(due))).empty:
            continue
        paid_then = left.plainest(_UNIT)
        due_then = due.meet(total.minus(NumberSpan(paid_then, paid_then))).plainest(_UNIT)
        amounts = (paid_then + due_then, paid_then, due_then)
        return {key: _money(amount) for key, amount in zip(keys, amounts, strict=True)}
    return Misfit.NEVER


def _amount_spans(literals: tuple[Literal, ...]) -> tuple[NumberSpan, ...]:
    points = [value * _THOUSANDTHS for value in mentioned(literals) if isinstance(value, Decimal)]
    return spans_where(points, lambda amount: _fit(literals, _money(amount)))


def _money(thousandths: int) -> Decimal:
    amount = Decimal(thousandths).scaleb(-3)
    return amount if thousandths % 10 else amount.quantize(Decimal("0.01"))


def count_spans(literals: tuple[Literal, ...]) -> tuple[NumberSpan, ...]:
    """Return the whole numbers from 0 on that meet the literals."""
    points = [value for value in mentioned(literals) if isinstance(value, Decimal)]
    return spans_where(points, lambda number: _fit(literals, Decimal(number)), NumberSpan(low=0))


def _dates(assumptions: Assumptions, literals: Literals) -> Facts | Misfit:
    """Return dates with how far away they are, all from one day that is today.

    It is unknown where it depends on the time zone.
    """
    asked = {key.partition("@")[0] for key in literals if key.endswith("@days")}
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
                    for choice in {on.low, on.high, max(on.low, min(today, on.high))}:
                        for value in self._values(choice):
                            away = Decimal(value[1] - today)
                            if _fit(self.of_date, value[0]) and _fit(self.of_days, away):
                                return {self.field.key: value[0], f"{self.field.key}@days": away}
        return None

    def _distances(self) -> tuple[NumberSpan, ...]:
        points = [value for value in mentioned(self.of_days) if isinstance(value, Decimal)]
        return spans_where(points, lambda days: _fit(self.of_days, Decimal(days)))

    def _days(self) -> tuple[NumberSpan, ...]:
        named = sorted(_instants(self.of_date)) if self.field.type == "datetime" else ()
        if not named:
            points = [value.toordinal() for value in mentioned(self.of_date) if isinstance(value, dt.date)]
            return (
                spans_where(points, lambda day: _fit(self.of_date, dt.date.fromordinal(day)), _DAYS)
                if (self.field.type == "date")
                else (_DAYS,)
            )
        return tuple(
            NumberSpan(low, high).plus(_ELSEWHERE).meet(_DAYS)
            for low, high, within in _between(named)
            if any(_fit(self.of_date, instant) for instant in within)
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
    missing = _fit(of_date, None) and _fit(of_days, None)
    return None if missing else _Dated(field, of_date, of_days)


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
    return frozenset(place for place, key in enumerate(WEEKDAYS) if _fit(literals, key))


def _weekday(ordinal: int) -> int:
    return (ordinal + 6) % 7


def _some_days(spans: Sequence[NumberSpan], weekdays: frozenset[int]) -> Iterator[int]:
    """Yield days of each span on which today may be: those next to its ends."""
    for span in spans:
        ends = {*range(span.low, min(span.low + 7, span.high + 1))}
        ends |= {*range(max(span.high - 6, span.low), span.high + 1)}
        yield from (day for day in sorted(ends) if _weekday(day) in weekdays)


def _fit(literals: Sequence[Literal], value: Candidate) -> bool:
    return all(part.holds(value) is wanted for part, wanted in literals)


@lru_cache(maxsize=64)
def _literal(field: Field, operator: str, value: str | None = None) -> Literal:
    return plain_part(field, operator, value), True
