"""The operators that compare a date with today, against a reader that goes through the days one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automations.engine.operators.distances import MEASURES, in_months
from automations.engine.operators.operators import OPERATORS
from automations.engine.operators.time_spans import parse_span
from automations.engine.operators.value_types import InvalidValue

DAY = timedelta(days=1)
NEAR = st.dates(date(2023, 12, 1), date(2025, 3, 31))
SPANS = st.sampled_from(["1", "30", "2 weeks", "1 month", "2 months", "13 months", "1 year", "2 years"])


def holds(key: str, day: date, today: date, value: str | None = None) -> bool:
    """Ask an operator as a condition does."""
    operator = OPERATORS[key]
    distance = MEASURES[operator.measure(value)](day, today)
    return operator.compare(distance, parse_span(value).size if value else None)


def later(day: date, text: str, times: int = 1) -> date:
    """Count on the calendar: a month ends on its last day if the day is not there."""
    span = parse_span(text)
    if span.unit in ("days", "weeks"):
        return day + times * span.count * DAY * (7 if span.unit == "weeks" else 1)
    months = times * span.count * (12 if span.unit == "years" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("Every month has a first day.")


@given(NEAR, NEAR)
def test_the_days_around_today(day: date, today: date) -> None:
    plain: dict[str, Callable[[], bool]] = {
        "is_today": lambda: day == today,
        "is_tomorrow": lambda: day == today + DAY,
        "is_yesterday": lambda: day == today - DAY,
        "before_today": lambda: day < today,
        "after_today": lambda: day > today,
    }
    assert {key: holds(key, day, today) for key in plain} == {key: is_so() for key, is_so in plain.items()}


@given(NEAR, NEAR, SPANS)
@example(date(2024, 1, 31), date(2024, 2, 29), "1 month")
@example(date(2024, 2, 29), date(2025, 2, 28), "1 year")
@example(date(2024, 3, 31), date(2024, 2, 29), "1 month")
def test_spans_are_counted_from_the_date(day: date, today: date, span: str) -> None:
    first, last = later(day, span, -1), later(day, span)
    found = [
        holds(key, day, today, span) for key in ("in_exactly", "exactly_ago", "within_next", "within_last")
    ]
    assert found == [today == first, today == last, first <= today <= day, day <= today <= last]


@given(NEAR, st.sampled_from(["1 month", "5 months", "1 year"]))
def test_every_date_is_so_long_ago_on_exactly_one_day(day: date, span: str) -> None:
    days = [day + number * DAY for number in range(400)]
    assert sum(holds("exactly_ago", day, today, span) for today in days) == 1


@given(NEAR, NEAR)
def test_months_are_whole_only_to_the_day(day: date, today: date) -> None:
    months = in_months(day, today)
    low, high = floor(months), ceil(months)
    # The nearer end of the stretch is never further from today than the other.
    assert later(day, "1 month", -high) <= today <= later(day, "1 month", -low)
    assert (months == low) is (later(day, "1 month", -low) == today)


@given(st.dates(date(1984, 1, 1), date(2025, 3, 31)), NEAR, st.sampled_from(["1", "3 weeks", "60"]))
@example(date(2000, 2, 29), date(2025, 2, 28), "1")
@example(date(2000, 2, 29), date(2024, 2, 28), "1")
@example(date(1990, 12, 31), date(2024, 12, 30), "1")
def test_a_day_comes_round_in_its_own_year_and_every_later_one(day: date, today: date, span: str) -> None:
    years = (later(day, f"{number} years") for number in range(50))
    coming = next(one for one in years if one >= today)
    found = [holds("yearly_today", day, today)]
    found += [holds(key, day, today, span) for key in ("yearly_in_exactly", "yearly_within_next")]
    assert found == [coming == today, coming == later(today, span), coming <= later(today, span)]


@pytest.mark.parametrize("text", ["", "soon", "1.5", "-1", "2 fortnights", "3days", "one week", "²"])
def test_a_text_that_is_no_span_is_named(text: str) -> None:
    with pytest.raises(InvalidValue, match="needs a number of days or weeks"):
        parse_span(text)


def test_a_unit_may_be_one_or_many() -> None:
    assert parse_span("1 year") == parse_span(" 1 years ")
    assert (parse_span("2 years").size, parse_span("2 weeks").size) == (Decimal(24), Decimal(14))
