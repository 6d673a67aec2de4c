"""Weeks, months and years, days of every year and nth weekdays of a month, against a slow reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automations.engine.rules import calendar_ranges
from automations.engine.rules.calendar import due_between, due_instants, local_instant, moved, next_times
from automations.engine.rules.trigger_schedule import NTH, DateReached, Scheduled

LONDON = ZoneInfo("Europe/London")
ZONES = st.sampled_from([LONDON, ZoneInfo("America/Santiago"), ZoneInfo("Asia/Kathmandu")])
DAY, NINE = timedelta(days=1), time(9)
DAYS = st.dates(date(2023, 12, 1), date(2025, 3, 31))
UNITS = st.sampled_from(["days", "weeks", "months", "years"])
SIDES = st.sampled_from(["before", "after"])


def plain(day: date, amount: int, unit: str) -> date:
    """Count units on the calendar, one day back as long as the month has no such day."""
    if unit in ("days", "weeks"):
        return day + amount * (7 if unit == "weeks" else 1) * DAY
    year, month = divmod(day.year * 12 + day.month - 1 + amount * (12 if unit == "years" else 1), 12)
    number = day.day
    while True:
        try:
            return date(year, month + 1, number)
        except ValueError:
            number -= 1


def at_nine(day: date, zone: ZoneInfo = LONDON) -> datetime:
    return local_instant(datetime.combine(day, NINE), zone)


@given(DAYS, st.integers(-30, 30), UNITS, ZONES)
@example(date(2024, 1, 31), 1, "months", LONDON)
@example(date(2024, 2, 29), 1, "years", LONDON)
def test_a_unit_ends_on_the_calendar(day: date, amount: int, unit: str, zone: ZoneInfo) -> None:
    assert moved(day, amount, unit, NINE, zone) == at_nine(plain(day, amount, unit), zone)


@given(DAYS, st.integers(0, 9), UNITS, SIDES, st.integers(1, 5), UNITS)
@example(date(2024, 1, 31), 1, "months", "after", 1, "months")
def test_repeats_are_counted_from_the_date_where_both_are_months(
    day: date, amount: int, unit: str, side: str, every: int, again: str
) -> None:
    schedule = DateReached("event_date", side, amount, unit, NINE, every, again, 3)
    signed = amount if side == "after" else -amount
    months = {"months": 1, "years": 12}
    if unit in months and again in months:
        turns = [
            plain(day, signed * months[unit] + turn * every * months[again], "months") for turn in range(4)
        ]
    else:
        turns = [plain(plain(day, signed, unit), turn * every, again) for turn in range(4)]
    assert list(due_instants(schedule, day, LONDON)) == [at_nine(due) for due in turns]


@given(DAYS, st.integers(0, 40), UNITS, SIDES, ZONES)
@example(date(2024, 2, 29), 0, "days", "before", LONDON)
@example(date(2024, 1, 3), 7, "days", "before", LONDON)
def test_every_year_counts_from_the_same_day(
    day: date, amount: int, unit: str, side: str, zone: ZoneInfo
) -> None:
    schedule = DateReached("custom.birthday", side, amount, unit, NINE, yearly=True)
    signed = amount if side == "after" else -amount
    years = [plain(plain(day, year, "years"), signed, unit) for year in range(12)]
    expected = [at_nine(due, zone) for due in years]
    assert list(islice(due_instants(schedule, day, zone), 12)) == expected
    low, high = at_nine(date(2028, 5, 1), zone), at_nine(date(2031, 5, 1), zone)
    longer = [at_nine(plain(plain(day, year, "years"), signed, unit), zone) for year in range(60)]
    assert due_between(schedule, day, low, high, zone) == sorted({at for at in longer if low < at <= high})


@given(
    st.builds(
        DateReached,
        st.just("event_date"),
        SIDES,
        st.integers(0, 14),
        UNITS,
        st.sampled_from([None, NINE]),
        st.none() | st.integers(1, 3),
        UNITS,
        st.just(2),
        yearly=st.booleans(),
    ),
    st.dates(date(2027, 12, 1), date(2029, 3, 5)),
    st.sampled_from([0, 1, 2, 40]),
    ZONES,
)
@example(DateReached("event_date", "before", 0, "days", NINE, yearly=True), date(2027, 2, 27), 1, LONDON)
@example(DateReached("event_date", "before", 0, "days", NINE, yearly=True), date(2028, 2, 28), 1, LONDON)
def test_the_ranges_hold_exactly_the_dates_that_are_due(
    schedule: DateReached, start: date, length: int, zone: ZoneInfo
) -> None:
    if schedule.yearly:
        schedule = replace(schedule, at=NINE, repeat_every=None)
    low, high = at_nine(start, zone), at_nine(start + length * DAY, zone)
    ranges = calendar_ranges.ranges(schedule, low, high, zone, days=True)
    day = date(2020, 1, 1)
    while day < date(2032, 1, 1):
        found = any(first <= day <= last for first, last in ranges if isinstance(first, date))
        assert found is bool(due_between(schedule, day, low, high, zone)), day
        day += DAY
    if not schedule.yearly:
        moments = calendar_ranges.ranges(schedule, low, high, zone, days=False)
        for number in range(0, 24 * 900, 7):
            moment = datetime(2027, 6, 1, 0, 40, tzinfo=UTC) + number * timedelta(hours=1)
            if due_between(schedule, moment, low, high, zone):
                assert any(first <= moment <= last for first, last in moments), moment


@given(st.sampled_from([*NTH]), st.integers(0, 6), DAYS, ZONES)
def test_the_nth_weekday_comes_once_a_month(nth: str, weekday: int, day: date, zone: ZoneInfo) -> None:
    schedule = Scheduled("month", NINE, weekday, None, None, NTH[nth])
    found = next_times(schedule, at_nine(day, zone), zone, 4)
    expected: list[date] = []
    first = day.replace(day=1)
    while len(expected) < 5:
        month = [one for one in (first + number * DAY for number in range(31)) if one.month == first.month]
        those = [one for one in month if one.weekday() == weekday]
        expected.append(those[-1] if nth == "last" else those[NTH[nth] - 1])
        first = plain(first, 1, "months")
    assert found == [at_nine(one, zone) for one in expected if one > day][:4]


@pytest.mark.parametrize("unit", ["months", "years"])
def test_the_ends_of_the_calendar_end_it_without_an_error(unit: str) -> None:
    for day in (date.min, date.max, date(9998, 2, 28)):
        schedule = DateReached("event_date", "after", 100, unit, None, 100, unit, 50)
        assert all(isinstance(one, datetime) for one in due_instants(schedule, day, LONDON))
        yearly = DateReached("event_date", "before", 1, unit, None, yearly=True)
        found = due_between(yearly, day, datetime.min.replace(tzinfo=UTC), at_nine(date(2026, 1, 1)), LONDON)
        assert len(found) == len(set(found)) <= 2026
