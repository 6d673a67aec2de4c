"""Automations that set each other off come to rest, and honest chains are left alone."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.models.automation import Automation
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.models.occurrence import Evaluation, Occurrence
from automations.models.run import Run
from automations.models.store import Store
from automations.pipeline import loops, why
from tests.kit import shop
from tests.kit.doing import do_all
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")

STATUSES = ("confirmed", "picked", "with_courier", "fulfilled", "cancelled")
PAID = ("paid", "partially_paid", "refunded", "void")
_numbers = itertools.count(1)


def change(field: str, value: str) -> dict[str, Any]:
    return {"kind": "change_data", "settings": {"field": field, "value": value}}


def sets(name: str, after: str | None, *values: str, trigger: str = "status_changed") -> int:
    actions = [change("payment_status" if value in PAID else "status", value) for value in values]
    return shop.publish_automation(name, trigger, after=after, actions=actions)


def held() -> list[str]:
    rows = db.session.query(Evaluation).filter_by(outcome="held").order_by(Evaluation.id)
    return [one.error or "" for one in rows]


def test_two_that_undo_each_other_run_once_each_and_the_chain_is_named() -> None:
    sets("Confirm", "picked", "confirmed")
    sets("Pick", "confirmed", "picked")
    shop.place_order(status="unconfirmed")
    shop.place_order(status="confirmed")
    assert do_all() == 2
    (sentence,) = held()
    assert "it already ran for this record in the same chain" in sentence
    assert "The chain: “Pick” → “Confirm” → “Pick”." in sentence
    assert max(one.depth or 0 for one in shop.occurrences()) == 2


def test_one_that_sets_itself_off_runs_once() -> None:
    shop.publish_automation(
        "Count", "status_changed", actions=[change("status", "{{ order.note | default: 'picked' }}")]
    )
    sets("Back", "picked", "confirmed")
    shop.place_order()
    shop.place_order(status="fulfilled")
    do_all()
    assert len(held()) >= 1
    assert db.session.query(Evaluation).filter_by(outcome="fired").count() <= 3


def test_the_log_says_that_it_was_held_back_and_why(bloom: Store) -> None:
    sets("Confirm", "picked", "confirmed")
    sets("Pick", "confirmed", "picked")
    order = shop.place_order()
    shop.place_order(status="confirmed")
    do_all()
    entries = why.log_for_record(
        db.session(), bloom, StoreWords(db.session(), bloom), "order", order.id
    ).entries
    (verdict,) = [one for entry in entries for one in entry.verdicts if one.outcome == "held"]
    assert (verdict.badge.word, verdict.runs) == ("Held back", ())
    assert "The chain: “Pick” → “Confirm” → “Pick”." in verdict.error


def test_a_held_automation_has_no_run() -> None:
    sets("Confirm", "picked", "confirmed")
    sets("Pick", "confirmed", "picked")
    shop.place_order()
    received = shop.place_order(status="confirmed")
    do_all()
    assert received.fired == 1
    assert db.session.query(Run).count() == db.session.query(Evaluation).filter_by(outcome="fired").count()


def test_a_chain_ends_at_its_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "DEPTH", 2)
    for name, (before, after) in zip("ABCD", itertools.pairwise(STATUSES), strict=True):
        sets(name, before, after)
    shop.place_order()
    shop.place_order(status=STATUSES[0])
    assert do_all() == 3
    (sentence,) = held()
    assert "the chain is 3 changes long and the most is 2. The chain: “A” → “B” → “C” → “D”." in sentence


def test_a_chain_ends_at_its_number_of_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "ACTIONS_PER_ROOT", 3)
    sets("A", "confirmed", "picked")
    shop.publish_automation("B", "status_changed", after="picked", actions=[change("note", "x")] * 3)
    sets("C", "picked", "fulfilled")
    shop.place_order()
    shop.place_order(status="confirmed")
    do_all()
    (sentence,) = held()
    assert "the chain would do more than 3 actions" in sentence
    assert db.session.query(Run).count() == 2


def test_a_loop_through_the_outside_ends_at_the_starts_of_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "STARTS_PER_RECORD", 4)
    sets("A", None, "paid")
    shop.place_order()
    for place in range(8):
        shop.place_order(status=STATUSES[place % 2])
    assert len(held()) == 4
    assert "started 4 times for it in 30 minutes" in held()[0]
    later = NOW + loops.WINDOW + dt.timedelta(seconds=1)
    assert shop.place_order(status="fulfilled", now=later).fired == 1


def test_another_record_and_a_new_chain_are_not_held_back() -> None:
    sets("Confirm", "picked", "confirmed")
    for number in ("1", "2", "3"):
        shop.place_order(number)
        for _ in range(3):
            shop.place_order(number, status="picked")
            do_all()
    assert held() == []


def test_fifty_honest_chains_are_not_held_back() -> None:
    sets("Pay", "confirmed", "paid")
    sets("Pick", "paid", "picked", trigger="payment_status_changed")
    sets("Ship", "picked", "with_courier")
    shop.publish_automation(
        "Done", "status_changed", after="with_courier", actions=[change("tags.add", "sent")]
    )
    for number in range(50):
        shop.place_order(str(number))
        shop.place_order(str(number), status="confirmed")
    assert do_all() == 200
    assert held() == []


AUTOMATION = st.tuples(
    st.sampled_from(["status", "payment_status"]),
    st.none() | st.integers(0, 3),
    st.lists(st.sampled_from([*STATUSES, *PAID]), min_size=1, max_size=3),
)


@given(graph=st.lists(AUTOMATION, min_size=1, max_size=8), start=st.sampled_from(STATUSES))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_graph_of_automations_comes_to_rest_within_its_bounds(
    app: Flask, graph: list[tuple[str, int | None, list[str]]], start: str
) -> None:
    for id in db.session.scalars(
        sa.select(Automation.id).where(Automation.active_version_id.is_not(None))
    ).all():
        shop.switch_off(id)
    round = next(_numbers)
    for place, (field, after, values) in enumerate(graph):
        among = STATUSES if field == "status" else PAID
        wanted = None if after is None else among[after]
        sets(f"{round}-{place}", wanted, *values, trigger=f"{field}_changed")
    shop.place_order(f"L{round}")
    shop.place_order(f"L{round}", status=start, payment_status="void")
    do_all(most=loops.DEPTH + 3)
    _check_bounds(f"L{round}", len(graph))


def _check_bounds(number: str, automations: int) -> None:
    mine = [one for one in shop.occurrences() if one.snapshot["number"] == number]
    assert max(one.depth or 0 for one in mine) <= loops.DEPTH + 1
    chains = {one.root_id or one.id for one in mine}
    for root in chains:
        of_chain = sa.or_(Occurrence.root_id == root, Occurrence.id == root)
        starts = sa.select(Evaluation.automation_id).join(Evaluation.occurrence).where(of_chain)
        started = db.session.scalars(starts.where(Evaluation.outcome == "fired")).all()
        assert len(started) == len(set(started)) <= automations
        runs = sa.select(sa.func.count(Run.id)).join(Run.evaluation).join(Evaluation.occurrence)
        assert (db.session.scalar(runs.where(of_chain)) or 0) <= loops.ACTIONS_PER_ROOT
