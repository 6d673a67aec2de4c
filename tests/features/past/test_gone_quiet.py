"""An automation that should have fired ten times and has not: told once, and hardly ever in a steady year."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.engine.surge.pace import Pace
from automations.features.past.gone_quiet import LONGER, MOST, TIMES, WEEK, silence, tell_all, told
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.notification import Notification
from automations.models.tables.people import User
from tests.kit.shop import condition, place_order, publish_automation, switch_off
from tests.kit.time import at
from tests.web.pages import sign_in
from tests.world import NOW

LONDON = ZoneInfo("Europe/London")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FIRST = at("2027-01-04 00:00")


def a_shop(rng: Random, days: int, a_day: float) -> list[dt.datetime]:
    """Return when a shop sells something: open from 9 to 18, busier on Saturdays, closed on Sundays."""
    sold, now = [], FIRST
    while now < FIRST + days * DAY:
        local = now.astimezone(LONDON)
        if local.weekday() < 6 and 9 <= local.hour < 18:
            often = a_day / 9 * (2 if local.weekday() == 5 else 1)
            sold += [now + rng.random() * HOUR for _ in range(_poisson(rng, often))]
        now += HOUR
    return sorted(sold)


def _poisson(rng: Random, mean: float) -> int:
    count, passed = 0, rng.expovariate(1.0)
    while passed < mean:
        count, passed = count + 1, passed + rng.expovariate(1.0)
    return count


@pytest.mark.parametrize("a_day", [0.4, 1.5, 6.0, 12.0])
def test_in_five_steady_years_a_shop_gives_at_most_one_false_alarm(a_day: float) -> None:
    # Chance makes a silence as long as this about once in twenty-five years.
    assert sum(_false_alarms(a_shop(Random(seed), 365, a_day)) for seed in range(5)) <= 1


def _false_alarms(sold: Sequence[dt.datetime]) -> int:
    alarms = recent = 0
    for place, (before, after) in enumerate(pairwise(sold)):
        # A silence is longest at its end; a short one is none.
        if after - before > 4 * HOUR:
            while sold[recent] < before - (MOST + 1) * WEEK:
                recent += 1
            lately = sold[recent : place + 1]
            alarms += silence(lately, after - dt.timedelta(seconds=1), LONDON) is not None
    return alarms


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32), a_day=st.sampled_from([1.5, 6.0]))
def test_a_broken_till_is_noticed_once_enough_is_missing(seed: int, a_day: float) -> None:
    sold = a_shop(Random(seed), 90, a_day)
    pace = Pace.of([each for each in sold if each > sold[-1] - MOST * WEEK], MOST, LONDON)
    enough = max(
        TIMES, LONGER * pace.longest_silence([each for each in sold if each > sold[-1] - MOST * WEEK])
    )
    quiet = [sold[-1] + hour * HOUR for hour in range(24 * 21)]
    place = bisect_left(quiet, True, key=lambda now: silence(sold, now, LONDON) is not None)
    noticed = quiet[place]
    assert pace.expected(sold[-1], noticed - HOUR) < enough <= pace.expected(sold[-1], noticed)


def test_nothing_is_said_about_what_has_fired_for_less_than_three_weeks() -> None:
    sold = a_shop(Random(1), 20, 10.0)
    assert silence(sold, sold[-1] + 30 * DAY, LONDON) is None
    assert silence([], NOW, LONDON) is None


@pytest.fixture
def greeted(app: Flask) -> int:
    """An automation that fired for four orders a day, on four days a week, for four weeks."""
    id = publish_automation("Greet", "created", condition("total", "at_least", "0"), now=NOW)
    for week in range(4):
        for day in range(4):
            for hour in range(3 if week else 4):
                _sell(f"{week}-{day}-{hour}", NOW + week * WEEK + day * DAY + hour * HOUR)
    return id


def _sell(number: str, now: dt.datetime) -> None:
    place_order(number, now=now)


def test_the_managers_are_told_once_and_again_only_after_it_fired(greeted: int) -> None:
    last = NOW + 3 * WEEK + 3 * DAY + 2 * HOUR
    assert tell_all(last + 4 * DAY) == 0
    assert tell_all(last + 9 * DAY) == 1 and tell_all(last + 9 * DAY + HOUR) == tell_all(last + 40 * DAY) == 0
    notices = db.session.query(Notification).all()
    assert {notice.title for notice in notices} == {"“Greet” has gone quiet"}
    people = {db.session.get_one(User, notice.user_id).name for notice in notices}
    assert people == {"Ada Quill", "Rosa Lind"} and len(notices) == 2
    _sell("again", last + 41 * DAY)
    assert told(db.session(), db.session.get_one(Automation, greeted)) is None


def test_what_is_switched_off_is_meant_to_be_quiet(greeted: int) -> None:
    switch_off(greeted, NOW + 4 * WEEK)
    assert tell_all(NOW + 8 * WEEK) == 0


def test_the_overview_says_it(app: Flask, greeted: int) -> None:
    rosa = sign_in(app.test_client(), "rosa")
    page = f"/automations/{greeted}/overview"
    assert "Gone quiet." not in rosa.get(page).text
    assert tell_all(NOW + 6 * WEEK) == 1
    assert "Gone quiet." in rosa.get(page).text
    assert "it should have fired" in rosa.get("/notifications").text
