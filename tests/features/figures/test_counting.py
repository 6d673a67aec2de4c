"""The kept figures equal a count of the log, whatever happens between two rounds of counting."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.features.figures import counting, standings
from automations.features.figures.day_figures import figures, last_days
from automations.features.figures.outcomes import DELAYED, standing_of_run, worst
from automations.features.history import daily_counts, outcome_days
from automations.features.history.run_lines import lines_of
from automations.models.db.base import db, write
from automations.models.tables.day_figure import CountedTo, DayFigure, OpenFigure
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import (
    CANCELLED,
    FAILED,
    HELD,
    QUEUED,
    SKIPPED,
    SUCCEEDED,
    UNKNOWN,
    WAITING,
    Run,
)
from automations.models.tables.store import Store
from automations.worker import cleanup
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)
LATER = NOW + counting.SETTLED + dt.timedelta(seconds=1)
TWO = [shop.email_to(), shop.email_to("manager")]
#: What may become of a run that has not come to its end.
STATES = (
    *({"state": state} for state in (SUCCEEDED, CANCELLED, QUEUED, WAITING)),
    *({"state": state, "reason": "No."} for state in (SKIPPED, FAILED, UNKNOWN, WAITING)),
    {"state": WAITING, "reason": "Busy.", "tries": 1, "due_at": NOW + DAY},
    {"state": WAITING, "reason": "Held: off."},
    {"state": HELD, "reason": "Held: far too many."},
)
Counted = Counter[tuple[int, dt.date, str]]


def kept(store: Store, days: int = 60, now: dt.datetime = NOW) -> Counted:
    db.session.rollback()
    found: Counted = Counter()
    for one in figures(db.session(), store, last_days(store.timezone, now, days)):
        found[one.automation_id, one.day, one.standing] += one.count
    return +found


def counted(store: Store) -> Counted:
    """The same, one evaluation after the other, in Python."""
    found: Counted = Counter()
    runs = db.session.query(Run).all()
    for one in db.session.query(Evaluation).filter_by(store_id=store.id):
        own = [run for run in runs if run.evaluation_id == one.id]
        found[one.automation_id, one.at.date(), standing(one.outcome, own)] += 1
    return found


def standing(outcome: str, runs: list[Run]) -> str:
    if outcome != "fired":
        return outcome
    states = {standing_of_run(run.state, run.reason, run.tries) for run in runs}
    became = worst(line.outcome for line in lines_of(db.session(), [run.id for run in runs]).values())
    under_way = states & {WAITING, DELAYED, QUEUED}
    if under_way and became == SKIPPED:
        return standings.UNDER_WAY_SKIPPED
    return standings.UNDER_WAY if became == "waiting" else became


def work(rng: Random) -> None:
    """Place a few orders on some day, and let some runs that are not at their end become something else."""
    day = NOW - rng.randrange(25) * DAY
    for _ in range(rng.randrange(4)):
        shop.place_order(f"{rng.random()}", now=day)
    going = [run.id for run in shop.runs() if run.state not in (SUCCEEDED, SKIPPED, CANCELLED)]
    for id in rng.sample(going, len(going) // 2):
        if rng.random() < 0.2:
            shop.keep_here(id)
        else:
            shop.set_run(id, **({"reason": None, "tries": 0} | rng.choice(STATES)))


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_a_count_between_any_steps(bloom: Store, seed: int) -> None:
    rng = Random(seed)
    for name in ("Thanks", "Tell the manager"):
        shop.publish_automation(name, "created", actions=TWO, now=NOW - 40 * DAY)
    shop.never_held()
    worker = counting.FigureCounting()
    bloom = db.session.merge(bloom)
    for _ in range(8):
        work(rng)
        if rng.random() < 0.7:
            worker.once(LATER)
            assert kept(bloom) == counted(bloom)
            assert db.session.query(OpenFigure).count() == sum(
                count for (*_, name), count in counted(bloom).items() if name in standings.OPEN
            )
    worker.once(LATER)
    with write() as session:
        assert session.query(sa.func.sum(DayFigure.count)).scalar() == session.query(Evaluation).count()


def test_what_is_not_settled_is_counted_by_the_page_and_not_twice(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", now=NOW - 40 * DAY)
    shop.place_order("1", now=NOW - counting.SETTLED)
    shop.place_order("2", now=NOW)
    assert counting.count_batch(NOW) == 1
    assert kept(bloom).total() == 2
    assert (counting.count_batch(LATER), counting.count_batch(LATER)) == (1, 0)
    assert kept(bloom).total() == 2


def test_the_pages_say_the_same_before_and_after_counting(bloom: Store) -> None:
    automation_id = shop.publish_automation("Thanks", "created", actions=TWO, now=NOW - 80 * DAY)
    for place in range(12):
        shop.place_order(f"{place}", now=NOW - place * 5 * DAY)
    for place, run in enumerate(shop.runs()):
        shop.set_run(run.id, **STATES[place % len(STATES)])
    before = _asked(bloom, automation_id)
    counting.FigureCounting().once(LATER)
    assert _asked(bloom, automation_id) == before


def _asked(store: Store, automation_id: int) -> tuple[object, object]:
    db.session.rollback()
    session = db.session()
    days = daily_counts.per_day(session, store, automation_id, NOW)
    return days, outcome_days.outcomes(session, store, automation_id, NOW)


def test_figures_of_past_days_stay_when_the_log_is_cleaned_up(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", now=NOW - 900 * DAY)
    for place, state in enumerate((SUCCEEDED, SKIPPED, FAILED)):
        shop.place_order(f"{place}", now=NOW - 500 * DAY)
        shop.set_run(shop.runs()[-1].id, state=state, reason="No.")
    counting.FigureCounting().once(NOW)
    then = NOW - 490 * DAY
    before = kept(bloom, now=then)
    assert before.total() == 3 and db.session.query(OpenFigure).count() == 1
    cleanup.clean_up(None, NOW + 9000 * DAY, lambda seconds: True)
    assert db.session.query(Evaluation).count() == 0
    assert kept(bloom, now=then) == before
    assert db.session.query(OpenFigure).count() == 0


def test_other_days_after_the_time_zone_changed_are_counted_anew(app: Flask, bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", now=NOW - 40 * DAY)
    shop.place_order("1", now=NOW.replace(hour=23))
    counting.FigureCounting().once(NOW + DAY)
    with write() as session:
        session.get_one(Store, bloom.id).timezone = "Asia/Tokyo"
    bloom = db.session.merge(bloom)
    tomorrow = {(NOW + DAY).date()}
    assert {day for _, day, _ in kept(bloom, now=NOW + DAY)} == tomorrow, (
        "the page does not wait for the worker"
    )
    counting.FigureCounting().once(NOW + DAY)
    assert {day for _, day, _ in kept(bloom, now=NOW + DAY)} == tomorrow
    assert db.session.query(CountedTo).filter_by(store_id=bloom.id).one().zone == "Asia/Tokyo"
    assert db.session.query(sa.func.sum(DayFigure.count)).scalar() == 1


def test_an_evaluation_that_two_workers_look_at_is_moved_once(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", now=NOW - 40 * DAY)
    shop.place_order("1")
    counting.FigureCounting().once(LATER)
    shop.set_run(shop.runs()[0].id, state=SUCCEEDED)
    first, second = counting.look_again(0), counting.look_again(0)
    assert (first[0], second[0]) == (1, 0)
    assert list(kept(bloom).values()) == [1]
