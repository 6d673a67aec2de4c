"""Times are counted in the store's time zone, across both clock changes of a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.rules.calendar import (
    due_at,
    due_instants,
    lasted_at,
    local_instant,
    local_time,
    moved,
    next_times,
)
from automations.engine.rules.trigger_schedule import DateReached, Scheduled, StaysInStatus

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
#: Half an hour wide, and at midnight.
LORD_HOWE, SANTIAGO = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Santiago")
ZONES = st.sampled_from([LONDON, NEW_YORK, LORD_HOWE, SANTIAGO, ZoneInfo("Asia/Kathmandu"), UTC])
TIMES = st.times(min_value=time(0), max_value=time(23, 59)).map(
    lambda at: at.replace(second=0, microsecond=0)
)
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown", "instant"),
    [
        (LONDON, "2026-01-15T09:00", "2026-01-15T09:00"),
        (LONDON, "2026-07-15T09:00", "2026-07-15T08:00"),
        # The hour that does not exist: 01:30 becomes 02:30.
        (LONDON, "2026-03-29T00:59", "2026-03-29T00:59"),
        (LONDON, "2026-03-29T01:00", "2026-03-29T01:00"),
        (LONDON, "2026-03-29T01:30", "2026-03-29T01:30"),
        (LONDON, "2026-03-29T02:30", "2026-03-29T01:30"),
        # The hour that comes twice: the first.
        (LONDON, "2026-10-25T01:30", "2026-10-25T00:30"),
        (LONDON, "2026-10-25T02:00", "2026-10-25T02:00"),
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:30"),
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30"),
        (LORD_HOWE, "2026-10-04T02:15", "2026-10-03T15:45"),
        (SANTIAGO, "2026-09-06T00:00", "2026-09-06T04:00"),
    ],
)
def test_a_local_time_is_one_instant_whatever_the_clock_does(
    zone: ZoneInfo, shown: str, instant: str
) -> None:
    assert local_instant(datetime.fromisoformat(shown), zone) == _at(instant)


def test_a_time_that_does_not_exist_is_shown_later_by_the_gap() -> None:
    moment = local_instant(datetime(2026, 3, 29, 1, 30), LONDON)
    assert local_time(moment, LONDON) == datetime(2026, 3, 29, 2, 30)
    assert local_time(local_instant(datetime(2026, 10, 4, 2, 15), LORD_HOWE), LORD_HOWE).minute == 45


@pytest.mark.parametrize(
    ("anchor", "amount", "unit", "at", "instant"),
    [
        (date(2026, 4, 1), -3, "days", time(9), "2026-03-29T08:00"),
        (date(2026, 4, 1), -3, "days", None, "2026-03-29T00:00"),
        (date(2026, 3, 29), 0, "days", time(1, 30), "2026-03-29T01:30"),
        (date(2026, 3, 29), 24, "hours", None, "2026-03-30T00:00"),
        (date(2026, 7, 1), -90, "minutes", time(9), "2026-07-01T06:30"),
        (_at("2026-03-28T12:00"), 1, "days", None, "2026-03-29T11:00"),
        (_at("2026-03-28T12:00"), 24, "hours", None, "2026-03-29T12:00"),
        (_at("2026-03-28T12:00"), 1, "days", time(9), "2026-03-29T08:00"),
        (_at("2026-10-25T01:30"), 0, "days", None, "2026-10-25T01:30"),
        (_at("2026-07-01T23:30"), 0, "days", time(9), "2026-07-02T08:00"),
    ],
)
def test_days_are_counted_on_the_calendar_and_hours_by_the_clock(
    anchor: date, amount: int, unit: str, at: time | None, instant: str
) -> None:
    assert moved(anchor, amount, unit, at, LONDON) == _at(instant)


def test_repeats_keep_the_time_of_day_they_were_meant_for() -> None:
    schedule = DateReached("delivery_date", "after", 1, "days", time(1, 30), 1, "days", 2)
    found = list(due_instants(schedule, date(2026, 3, 27), LONDON))
    assert found == [_at("2026-03-28T01:30"), _at("2026-03-29T01:30"), _at("2026-03-30T00:30")]


def test_repeats_of_hours_go_by_the_clock_that_never_jumps() -> None:
    schedule = DateReached("delivery_date", "before", 2, "hours", time(2), 12, "hours", 2)
    found = list(due_instants(schedule, date(2026, 3, 29), LONDON))
    assert found == [_at("2026-03-28T23:00"), _at("2026-03-29T11:00"), _at("2026-03-29T23:00")]


def test_a_status_that_lasts_days_is_counted_on_the_calendar() -> None:
    stays = StaysInStatus("status", "confirmed", 20, "days")
    assert lasted_at(stays, _at("2026-03-15T10:00"), LONDON) == _at("2026-04-04T09:00")


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Scheduled("day", time(1, 30)), ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]),
        (Scheduled("week", time(8), weekday=0), ["2026-03-30T07:00", "2026-04-06T07:00", "2026-04-13T07:00"]),
        (Scheduled("month", time(8), day=31), ["2026-03-31T07:00", "2026-04-30T07:00", "2026-05-31T07:00"]),
        (Scheduled("month", time(8), day=1), ["2026-04-01T07:00", "2026-05-01T07:00", "2026-06-01T07:00"]),
    ],
)
def test_a_schedule_comes_again_at_the_same_local_time(schedule: Scheduled, expected: list[str]) -> None:
    assert next_times(schedule, _at("2026-03-27T09:00"), LONDON, 3) == [_at(text) for text in expected]


def test_the_last_day_of_february_stands_for_the_thirty_first() -> None:
    schedule = Scheduled("month", time(8), day=31)
    assert next_times(schedule, _at("2028-02-01T00:00"), LONDON, 1) == [_at("2028-02-29T08:00")]


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK])
@pytest.mark.parametrize("at", [time(0), time(1, 30), time(2, 30), time(23, 59)])
def test_a_daily_schedule_comes_once_on_each_day_of_a_year(zone: ZoneInfo, at: time) -> None:
    found = next_times(Scheduled("day", at), local_instant(datetime(2026, 1, 1), zone) - _MINUTE, zone, 365)
    days = [local_time(one, zone).date() for one in found]
    assert days == [date(2026, 1, 1) + timedelta(number) for number in range(365)]
    off = [one for one in found if local_time(one, zone).time() != at]
    assert len(off) <= 1


_MINUTE = timedelta(minutes=1)


@given(st.builds(Scheduled, st.just("day"), TIMES), DAYS, ZONES)
def test_next_times_are_later_and_skip_none(schedule: Scheduled, day: date, zone: ZoneInfo) -> None:
    after = local_instant(datetime.combine(day, time(12)), zone)
    found = next_times(schedule, after, zone, 5)
    assert after < found[0] and all(one < other for one, other in pairwise(found))
    assert next_times(schedule, found[0], zone, 4) == found[1:]
    assert next_times(schedule, found[0] - _MINUTE, zone, 1) == found[:1]


@given(DAYS, st.integers(0, 400), TIMES, ZONES, st.sampled_from(["before", "after"]))
def test_days_from_a_date_fall_at_the_set_time_or_later_by_the_gap(
    day: date, amount: int, at: time, zone: ZoneInfo, direction: str
) -> None:
    schedule = DateReached("event_date", direction, amount, "days", at)
    shown = local_time(due_at(schedule, day, 0, zone), zone)
    asked = day + timedelta(amount if direction == "after" else -amount)
    assert timedelta(0) <= shown - datetime.combine(asked, at) <= timedelta(hours=1)


@given(DAYS, st.integers(1, 40), st.sampled_from(["minutes", "hours", "days"]), TIMES, ZONES)
def test_repeats_ascend_and_there_are_as_many_as_asked(
    day: date, every: int, unit: str, at: time, zone: ZoneInfo
) -> None:
    schedule = DateReached("event_date", "before", 3, "days", at, every, unit, 6)
    found = list(due_instants(schedule, day, zone))
    assert len(found) == 7
    assert all(one <= other for one, other in pairwise(found))
    assert all(one.utcoffset() == timedelta(0) for one in found)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar_end_it_without_an_error(day: date) -> None:
    for direction in ("before", "after"):
        schedule = DateReached("event_date", direction, 10_000, "days", None, 10_000, "days", 10_000)
        assert all(isinstance(one, datetime) for one in due_instants(schedule, day, LONDON))


def test_without_repeats_it_is_due_once() -> None:
    schedule = DateReached("event_date", "before", 3, "days", time(9), None, "days", 5)
    assert list(due_instants(schedule, date(2026, 11, 24), LONDON)) == [_at("2026-11-21T09:00")]
