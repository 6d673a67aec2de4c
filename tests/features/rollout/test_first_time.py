"""When a draft runs first follows from the rhythm of its past."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from automations.features.rollout.first_time import first_time
from automations.messages.store_formats import StoreFormats, formats_of

LONDON = ZoneInfo("Europe/London")
#: A Friday, 14:08 in London.
NOW = dt.datetime(2026, 11, 27, 14, 8, tzinfo=LONDON)
BRITISH = StoreFormats()
WEEK, HOUR = dt.timedelta(weeks=1), dt.timedelta(hours=1)


def test_the_same_weekday_at_this_time_of_day_is_asked() -> None:
    past = [NOW - WEEK * week + HOUR * wait for week, wait in zip((4, 3, 2, 1), (2, 3, 2, 3), strict=True)]
    first, because = first_time(past, None, "order", NOW, BRITISH)
    assert first == "Today, about 17:00."
    assert because == "On Fridays after 14:00 the next order that fits came within 2 to 3 hours."


def test_it_keeps_to_the_clock_on_the_wall_when_the_clocks_were_put_back() -> None:
    # Until 25 October London was an hour ahead of UTC: 16:08 there each Friday.
    fridays = [
        dt.datetime.combine((NOW - WEEK * week).date(), dt.time(16, 8), LONDON) for week in range(9, 0, -1)
    ]
    first, _ = first_time([one.astimezone(dt.UTC) for one in fridays], None, "order", NOW, BRITISH)
    assert first == "Today, about 16:00."


def test_without_a_past_or_with_too_little_it_says_so() -> None:
    assert first_time([], None, "order", NOW, BRITISH)[0] == "Not known."
    assert "too rarely" in first_time([NOW - WEEK], None, "order", NOW, BRITISH)[1]


def test_what_waits_for_a_time_knows_it() -> None:
    first, _ = first_time([], [NOW + 24 * HOUR], "order", NOW, BRITISH)
    assert first == "Tomorrow at 14:08."
    assert first_time([], [], "order", NOW, BRITISH)[1] == "No order has a date it waits for yet."


@given(st.lists(st.integers(1, 90 * 24 * 60), max_size=40))
def test_any_past_has_an_answer(minutes: list[int]) -> None:
    past = sorted(NOW - dt.timedelta(minutes=minute) for minute in minutes)
    first, because = first_time(past, None, "order", NOW, BRITISH)
    assert first.endswith(".") and because.endswith(".")


def test_a_german_store_reads_its_own_dates_and_times_and_english_weekdays() -> None:
    german, past = formats_of("de-DE"), [NOW - dt.timedelta(days=40)]
    assert first_time(past, None, "order", NOW, german)[1].endswith("the last time was 18. Okt.")
    assert first_time([], [NOW + 9 * 24 * HOUR], "order", NOW, german)[0] == "On 6. Dez. at 14:08."
    weeks = [NOW - WEEK * week + HOUR for week in (4, 3, 2, 1)]
    assert first_time(weeks, None, "order", NOW, german)[1].startswith("On Fridays after 14:00 ")
