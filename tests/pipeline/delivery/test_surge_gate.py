"""An automation that fires far more than its past says is held at the relay: the first go, the rest wait."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from flask import Flask

from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.run import HELD, QUEUED, WAITING, Run
from automations.models.tables.surge_hold import SurgeHold
from automations.pipeline.delivery import surge_gate
from tests.kit import shop
from tests.kit.statements import recorded_statements
from tests.kit.surging import FREE, hold, import_orders, relay_all, states, usually
from tests.world import NOW

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def thanks(app: Flask) -> int:
    """An automation that fires for every new order, of which there were few."""
    id = shop.publish_automation("Thanks", "created")
    usually(id)
    return id


def test_the_first_go_and_the_rest_wait_with_a_sentence(thanks: int) -> None:
    import_orders(500)
    assert len(relay_all()) == FREE
    assert states() == {QUEUED: FREE, HELD: 500 - FREE}
    held = db.session.query(Run).filter_by(state=HELD).all()
    assert {run.reason for run in held} == {surge_gate.REASON} and {run.held_at for run in held} == {NOW}
    figures = hold().figures
    assert (figures["fired"], figures["limit"], figures["seconds"]) == (FREE + 1, FREE, 60)
    assert figures["per_day"] == pytest.approx(2.4)


def test_what_is_held_is_looked_for_once_and_not_anew_for_each_run(thanks: int) -> None:
    import_orders(FREE + 5)
    with recorded_statements() as statements:
        relay_all()
    holding = {text for text, _ in statements if "UPDATE run SET" in text and "held_at" in text}
    assert len(holding) == 1
    # Without statistics, Postgres compares each run with each that is found: of 500, that took over 10 s.
    assert holding.pop().count("FROM run ") == 1


def test_nothing_slips_by_in_small_steps_or_while_it_is_held(thanks: int) -> None:
    gone = []
    for step in range(40):
        import_orders(2, begin=step * 2, now=NOW + step * dt.timedelta(seconds=1))
        gone += relay_all(NOW + step * dt.timedelta(seconds=1))
    assert gone == [run.id for run in shop.runs()][: len(gone)]
    assert len(gone) == FREE
    assert states() == {QUEUED: FREE, HELD: 80 - FREE}


def test_an_action_that_is_due_later_is_held_at_once_and_keeps_its_time(app: Flask) -> None:
    later = shop.email_to() | {"timing": {"when": "after", "amount": "2", "unit": "hours"}}
    usually(shop.publish_automation("Thanks", "created", actions=[shop.email_to(), later]))
    import_orders(60)
    assert len(relay_all()) == FREE
    assert states() == {QUEUED: FREE, WAITING: FREE, HELD: 120 - 2 * FREE}
    due = {run.due_at for run in db.session.query(Run).filter_by(state=HELD)}
    assert due == {NOW, NOW + dt.timedelta(hours=2)}


def test_what_is_only_due_later_is_held_when_it_comes_to_its_turn(app: Flask) -> None:
    later = shop.email_to() | {"timing": {"when": "after", "amount": "2", "unit": "hours"}}
    usually(shop.publish_automation("Thanks", "created", actions=[later]))
    import_orders(60)
    assert relay_all() == []
    assert len(relay_all(NOW + dt.timedelta(hours=2))) == FREE and states()[HELD] == 60 - FREE


def test_other_automations_and_other_runs_of_the_same_record_go_on(thanks: int) -> None:
    other = shop.publish_automation("Also", "created", shop.condition("total", "at_least", "500"))
    usually(other)
    import_orders(60, total=Decimal(600))
    assert states() == {WAITING: 120}
    relay_all()
    mine = {thanks: 0, other: 0}
    for run in db.session.query(Run).filter_by(state=HELD):
        mine[run.evaluation.automation_id] += 1
    assert mine == {thanks: 60 - FREE, other: 60 - FREE}
    shop.publish_automation("Picked", "status_changed", after="picked")
    shop.place_order("I-59", status="picked", now=NOW + MINUTE)
    assert len(relay_all(NOW + MINUTE)) == 1


def test_another_version_is_not_held_for_the_one_before_it(thanks: int) -> None:
    import_orders(60)
    relay_all()
    shop.publish_again(thanks, "created", shop.condition("total", "at_least", "500"), now=NOW + MINUTE)
    import_orders(3, begin=100, total=Decimal(600), now=NOW + 2 * MINUTE)
    assert len(relay_all(NOW + 2 * MINUTE)) == 3 and states()[HELD] == 60 - FREE


def test_what_a_person_sends_now_and_what_was_begun_is_not_held(thanks: int) -> None:
    import_orders(60)
    first, second, *_ = db.session.query(Run).order_by(Run.id.desc())
    shop.set_run(first.id, hastened_at=NOW)
    shop.set_run(second.id, tries=1, reason="Busy.")
    assert {first.id, second.id} <= set(relay_all()) and states()[HELD] == 60 - FREE - 2


def test_a_limit_of_ones_own_takes_the_place_of_the_past(thanks: int) -> None:
    with write() as session:
        session.get_one(Automation, thanks).hold_limit = 5
    import_orders(60)
    assert len(relay_all()) == 5 and hold().figures["seconds"] == 3600


def test_it_is_never_held_where_a_manager_says_so(thanks: int) -> None:
    with write() as session:
        session.get_one(Automation, thanks).hold_off = "It prints a label for each order of the import."
    import_orders(60)
    assert len(relay_all()) == 60 and db.session.query(SurgeHold).count() == 0


def test_without_a_past_fifty_in_ten_minutes_go(app: Flask) -> None:
    shop.publish_automation("Thanks", "created")
    import_orders(60)
    assert len(relay_all()) == 50
    assert hold().figures["per_day"] is None


def test_a_condition_that_was_dropped_shows_in_the_share(app: Flask) -> None:
    usually(shop.publish_automation("Thanks", "created"), per_hour=3, share=0.1)
    gone = 0
    for place in range(60):
        now = NOW + place * dt.timedelta(minutes=13)
        import_orders(1, begin=place, now=now)
        gone += len(relay_all(now))
    assert gone == 25 and hold().figures["seconds"] is None
