"""What automations did on each of the last days, counted."""

from __future__ import annotations

import datetime as dt

import pytest

from automations.features.figures.counting import FigureCounting
from automations.features.history.daily_counts import DAYS, DayCounts, per_day
from automations.models.db.base import db, write
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.statements import plan_of, recorded_statements
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)


def days(store: Store, automation_id: int | None = None, now: dt.datetime = NOW) -> dict[dt.date, DayCounts]:
    found = per_day(db.session(), store, automation_id, now)
    assert [day.date for day in found] == sorted(day.date for day in found) and len(found) == DAYS
    return {day.date: day for day in found}


def numbers(day: DayCounts) -> tuple[int, int, int]:
    return day.of("sent") + day.of("waiting"), day.of("skipped"), day.of("wrong")


def fire(*instants: dt.datetime) -> list[int]:
    """One order at each instant; returns the ids of the runs that were made for it."""
    known = {run.id for run in shop.runs()}
    for instant in instants:
        shop.place_order(f"{instant:%d-%H%M}", now=instant)
    return [run.id for run in shop.runs() if run.id not in known]


def test_an_empty_store_has_thirty_empty_days(bloom: Store) -> None:
    assert {numbers(day) for day in days(bloom).values()} == {(0, 0, 0)}


def test_each_evaluation_counts_once_by_its_worst_outcome(bloom: Store) -> None:
    two = [shop.email_to(), shop.email_to("manager")]
    shop.publish_automation("Thanks", "created", actions=two, now=NOW - 40 * DAY)
    first, second, third, fourth, *_ = fire(NOW - DAY, NOW - DAY + dt.timedelta(hours=1), NOW)
    shop.set_run(first, state="skipped", reason="No address.")
    shop.set_run(second, state="failed", reason="Refused.")
    shop.set_run(third, state="skipped", reason="No address.")
    shop.set_run(fourth, state="skipped", reason="No address.")
    found = days(bloom)
    assert numbers(found[NOW.date() - DAY]) == (0, 1, 1)
    assert numbers(found[NOW.date()]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("values", "series"),
    [
        ({"state": "unknown", "reason": "Nobody knows."}, "wrong"),
        ({"state": "waiting", "reason": "Busy.", "tries": 1}, "wrong"),
        ({"state": "waiting", "reason": "The host is silent."}, "waiting"),
        ({"state": "waiting", "reason": "Held: it is off."}, "kept_back"),
        ({"state": "held", "reason": "Held: far too many."}, "kept_back"),
        ({"state": "waiting"}, "waiting"),
        ({"state": "succeeded"}, "sent"),
    ],
)
def test_a_day_counts_by_what_became_of_the_run(bloom: Store, values: dict[str, object], series: str) -> None:
    shop.publish_automation("Thanks", "created")
    (run,) = fire(NOW)
    shop.set_run(run, **values)
    day = days(bloom)[NOW.date()]
    assert (day.of(series), day.drawn) == (1, 1)


def test_what_was_cancelled_is_not_drawn(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created")
    (run,) = fire(NOW)
    shop.set_run(run, state="cancelled", reason="Switched off.")
    assert days(bloom)[NOW.date()].drawn == 0


def test_what_could_not_be_evaluated_is_counted_apart(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created")
    fire(NOW)
    with write() as session:
        session.query(Evaluation).update({"outcome": "error", "error": "Broken."})
    day = days(bloom)[NOW.date()]
    assert (day.of("error"), day.drawn) == (1, 1)


def test_days_are_the_stores_days_across_clock_changes(bloom: Store) -> None:
    with write() as session:
        session.get_one(Store, bloom.id).timezone = "Europe/London"
    shop.publish_automation("Thanks", "created", now=NOW - 60 * DAY)
    # In London the 25th of October 2026 lasts from 23:00 to 24:00 the day after, in UTC.
    begin = dt.datetime(2026, 10, 24, 23, 0, tzinfo=dt.UTC)
    fire(begin - dt.timedelta(minutes=1), begin, begin + dt.timedelta(hours=24, minutes=59))
    fire(begin + dt.timedelta(hours=25))
    found = days(bloom, now=dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC))
    assert [found[dt.date(2026, 10, day)].of("waiting") for day in (24, 25, 26)] == [1, 2, 1]


def test_older_evaluations_are_left_out(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", now=NOW - 60 * DAY)
    (run,) = fire(NOW - 31 * DAY)
    shop.set_run(run, state="skipped", reason="No address.")
    assert {numbers(day) for day in days(bloom).values()} == {(0, 0, 0)}


def test_counts_can_be_limited_to_one_automation(bloom: Store) -> None:
    thanks = shop.publish_automation("Thanks", "created")
    other = shop.publish_automation("Courier", "created")
    _, of_other = fire(NOW)
    shop.set_run(of_other, state="failed", reason="Refused.")
    assert numbers(days(bloom)[NOW.date()]) == (1, 0, 1)
    assert numbers(days(bloom, thanks)[NOW.date()]) == (1, 0, 0)
    assert numbers(days(bloom, other)[NOW.date()]) == (0, 0, 1)
    assert numbers(days(bloom, other + 99)[NOW.date()]) == (0, 0, 0)


def test_another_stores_evaluations_are_not_counted(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", store="Thorn & Co")
    shop.place_order("1", "Thorn & Co")
    assert numbers(days(bloom)[NOW.date()]) == (0, 0, 0)


def test_what_came_after_the_figures_is_read_with_them_in_one_query_if_there_is_any(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created")
    fire(NOW)
    store = db.session.merge(bloom)
    assert store.timezone
    with recorded_statements() as statements:
        counts = per_day(db.session(), store, None, NOW)
    assert len(statements) == 2 and "UNION" in statements[1][0]
    FigureCounting().once(NOW.replace(year=2030))
    with recorded_statements() as counted:
        assert per_day(db.session(), db.session.merge(bloom), None, NOW) == counts
    assert not [one for one in counted if "UNION" in one[0]]
    if db.engine.dialect.name != "sqlite":
        return
    plan = plan_of(statements[1])
    assert not [step for step in plan if step in ("SCAN evaluation", "SCAN run", "SCAN automation")], plan
    assert any("ix_day_figure_store_id_day" in step for step in plan), plan
    assert any("SEARCH evaluation USING" in step and "id>" in step for step in plan), plan
