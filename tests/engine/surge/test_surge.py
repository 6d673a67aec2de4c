"""A year of a shop without a false hold, and misbuilt rules that are stopped within fifty sends."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.engine.surge.pace import HOURS
from automations.engine.surge.surge import Counting, SurgeLimits
from automations.engine.surge.usual import DAY, HOUR, MINUTE, WEEK, WINDOWS, Usual, usual_of
from tests.engine.surge.a_years_traffic import FIRST, LONDON, Year, a_year, stopped, surges

SECOND = dt.timedelta(seconds=1)
SHOPS = [(6, 0.05), (6, 0.4), (25, 0.14), (40, 0.25), (25, 0.9)]
MISBUILT = [(8, 0.05), (40, 0.14), (40, 0.1), (150, 0.14)]


@pytest.mark.parametrize(("a_day", "share"), SHOPS)
def test_a_year_with_its_great_days_and_growth_is_never_held(a_day: float, share: float) -> None:
    rng = Random(f"{a_day} {share}")
    year = a_year(rng, a_day, share, growth=2.0)
    assert surges(year, FIRST + 2 * WEEK, WEEK, FIRST) == []


@pytest.mark.parametrize(("a_day", "share"), SHOPS)
def test_a_new_automation_is_measured_by_what_would_have_been(a_day: float, share: float) -> None:
    """It is published in the week before Mother's Day, and its past is its backtest."""
    year = a_year(Random(f"new {a_day} {share}"), a_day, share, days=90)
    published = FIRST + 63 * DAY
    would_have = Year(year.changes, [at for at in year.fired if at < published])
    usual = would_have.usual(published, FIRST)
    begin = len(would_have.fired)
    assert Counting(year.fired, SurgeLimits(usual), year.changes).surge(begin) is None


@pytest.mark.parametrize(("a_day", "share"), MISBUILT)
@pytest.mark.parametrize("seed", range(2))
def test_a_condition_that_was_dropped_stops_within_fifty_sends(seed: int, a_day: float, share: float) -> None:
    rng = Random(f"{seed} {a_day} {share}")
    year, begin = _four_months(rng, a_day, share)
    rightly = set(year.fired)
    dropped = [at for at in year.changes if at >= begin and at not in rightly]
    assert stopped(year, dropped, [])[0] <= 50
    wrong_value = [at for at in dropped if rng.random() < 0.9]
    assert stopped(year, wrong_value, [])[0] <= 50


@pytest.mark.parametrize(("a_day", "share"), MISBUILT)
def test_an_import_stops_within_a_minute_and_fifty_sends(a_day: float, share: float) -> None:
    rng = Random(f"{a_day} {share}")
    year, begin = _four_months(rng, a_day, share)
    imported = [begin + place * SECOND / 50 for place in range(3000)]
    for fires in (share, 1.0):
        sent, after = stopped(year, [at for at in imported if rng.random() < fires], imported)
        assert sent <= 50 and after <= MINUTE


@pytest.mark.parametrize(("a_day", "share"), MISBUILT)
def test_a_loop_through_another_shop_stops_within_a_minute_and_fifty_sends(
    a_day: float, share: float
) -> None:
    year, begin = _four_months(Random(f"{a_day} {share}"), a_day, share)
    loop = [begin + place * SECOND for place in range(600)]
    sent, after = stopped(year, loop, loop)
    assert sent <= 50 and after <= MINUTE


def _four_months(rng: Random, a_day: float, share: float) -> tuple[Year, dt.datetime]:
    return a_year(rng, a_day, share, days=120), FIRST + rng.randrange(80, 110) * DAY + 10 * HOUR


@settings(max_examples=40)
@given(gaps=st.lists(st.integers(0, 400), min_size=1, max_size=120), limit=st.integers(1, 40))
def test_what_there_is_room_for_may_fire_without_being_asked_again(gaps: list[int], limit: int) -> None:
    fired, now = [], FIRST
    for gap in gaps:
        now += gap * SECOND
        fired.append(now)
    counting = Counting(fired, SurgeLimits(None, per_hour=limit))
    surge = counting.surge()
    if surge:
        within = [at for at in fired[: surge.place + 1] if at > fired[surge.place] - HOUR]
        assert len(within) == surge.fired == limit + 1
        assert Counting(fired[: surge.place], SurgeLimits(None, per_hour=limit)).surge() is None
    else:
        more = [*fired, *[now] * (counting.room + 1)]
        found = Counting(more, SurgeLimits(None, per_hour=limit)).surge()
        assert found is not None and found.place == len(more) - 1


def test_what_is_usual_comes_back_from_plain_data_and_says_how_much_may_fire() -> None:
    fired = [FIRST + day * DAY + 10 * HOUR + place * MINUTE for day in range(28) for place in range(3)]
    changes = [FIRST + day * DAY + hour * HOUR for day in range(28) for hour in range(24)]
    usual = usual_of(fired, FIRST, FIRST + 4 * WEEK, LONDON, changes)
    assert (usual.per_day, list(usual.busiest.values())) == (3.0, [1, 3, 3, 3])
    assert usual.share == pytest.approx(3 / 24)
    assert [usual.most(window) for window in WINDOWS] == [26, 31, 61, 86]
    again = Usual.from_data(usual.to_data())
    assert [again.most(window) for window in WINDOWS] == [26, 31, 61, 86] and again.length == usual.length


def test_a_short_past_tells_nothing_and_a_large_share_sets_no_limit() -> None:
    short = usual_of([FIRST], FIRST, FIRST + 13 * DAY, LONDON, [])
    assert SurgeLimits(short).most() == [(10 * MINUTE, 50)] and SurgeLimits(short).most_of_latest() is None
    half = Usual(28 * DAY, 1.0, [0.0] * HOURS, dict.fromkeys(WINDOWS, 1), 0.5)
    assert SurgeLimits(half).most_of_latest() is None
    assert SurgeLimits(half, per_hour=3).most() == [(HOUR, 3)]
