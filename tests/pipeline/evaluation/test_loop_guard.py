"""Automations that trigger each other come to rest, and finite chains are left alone."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.features.history import record_log
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation import loop_guard
from tests.kit import shop
from tests.kit.doing import perform_all
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
    return [evaluation.error or "" for evaluation in rows]


def test_two_automations_that_undo_each_other_run_once_each_and_the_log_names_the_chain() -> None:
    sets("Confirm", "picked", "confirmed")
    sets("Pick", "confirmed", "picked")
    shop.place_order(status="unconfirmed")
    shop.place_order(status="confirmed")
    assert perform_all() == 2
    (sentence,) = held()
    assert "it already ran for this record in the same chain" in sentence
    assert "The chain: “Pick” → “Confirm” → “Pick”." in sentence
    assert max(occurrence.depth or 0 for occurrence in shop.occurrences()) == 2


def test_a_circle_further_down_a_chain_runs_once_too() -> None:
    sets("Start", None, "confirmed", trigger="created")
    sets("Pick", "confirmed", "picked")
    sets("Confirm", "picked", "confirmed")
    shop.place_order(status="unconfirmed")
    assert perform_all() == 3
    (sentence,) = held()
    assert "The chain: “Start” → “Pick” → “Confirm” → “Pick”." in sentence


def test_an_automation_that_triggers_itself_runs_once() -> None:
    shop.publish_automation(
        "Count", "status_changed", actions=[change("status", "{{ order.note | default: 'picked' }}")]
    )
    sets("Back", "picked", "confirmed")
    shop.place_order()
    shop.place_order(status="fulfilled")
    perform_all()
    assert len(held()) >= 1
    assert db.session.query(Evaluation).filter_by(outcome="fired").count() <= 3


def test_the_log_gives_the_reason_why_an_automation_was_held_back(bloom: Store) -> None:
    sets("Confirm", "picked", "confirmed")
    sets("Pick", "confirmed", "picked")
    order = shop.place_order()
    shop.place_order(status="confirmed")
    perform_all()
    entries = record_log.log_for_record(
        db.session(), bloom, StoreWords(db.session(), bloom), "order", order.id
    ).entries
    (verdict,) = [line for entry in entries for line in entry.verdicts if line.outcome == "held"]
    assert (verdict.badge.word, verdict.runs) == ("Stopped as a loop", ())
    assert "The chain: “Pick” → “Confirm” → “Pick”." in verdict.error


def test_an_automation_held_back_by_the_loop_guard_has_no_run() -> None:
    sets("Confirm", "picked", "confirmed")
    sets("Pick", "confirmed", "picked")
    shop.place_order()
    received = shop.place_order(status="confirmed")
    perform_all()
    assert received.fired == 1
    assert db.session.query(Run).count() == db.session.query(Evaluation).filter_by(outcome="fired").count()


def test_a_chain_ends_at_the_limit_of_its_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_guard, "DEPTH", 2)
    for name, (before, after) in zip("ABCD", itertools.pairwise(STATUSES), strict=True):
        sets(name, before, after)
    shop.place_order()
    shop.place_order(status=STATUSES[0])
    assert perform_all() == 3
    (sentence,) = held()
    assert "the chain is 3 changes long and the limit is 2. The chain: “A” → “B” → “C” → “D”." in sentence


def test_a_chain_ends_at_the_limit_of_its_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_guard, "ACTIONS_PER_ROOT", 3)
    sets("A", "confirmed", "picked")
    shop.publish_automation("B", "status_changed", after="picked", actions=[change("note", "x")] * 3)
    sets("C", "picked", "fulfilled")
    shop.place_order()
    shop.place_order(status="confirmed")
    perform_all()
    (sentence,) = held()
    assert "the chain would do more than 3 actions" in sentence
    assert db.session.query(Run).count() == 2


def test_a_loop_through_another_system_ends_at_the_limit_of_starts_per_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop_guard, "STARTS_PER_RECORD", 4)
    sets("A", None, "paid")
    shop.place_order()
    for place in range(8):
        shop.place_order(status=STATUSES[place % 2])
    assert len(held()) == 4
    assert "started 4 times for it in 30 minutes" in held()[0]
    later = NOW + loop_guard.WINDOW + dt.timedelta(seconds=1)
    assert shop.place_order(status="fulfilled", now=later).fired == 1


def test_the_loop_guard_leaves_another_record_and_a_new_chain_alone() -> None:
    sets("Confirm", "picked", "confirmed")
    for number in ("1", "2", "3"):
        shop.place_order(number)
        for _ in range(3):
            shop.place_order(number, status="picked")
            perform_all()
    assert held() == []


@pytest.mark.slow
def test_the_loop_guard_leaves_fifty_finite_chains_of_different_shapes_alone() -> None:
    chains = [(1 + number % 8, SHAPES[number % 3]) for number in range(50)]
    for number, (length, before) in enumerate(chains):
        for place in range(length):
            publish_link(str(number), place, before(place))
    for number in range(50):
        shop.place_order(str(number), note=str(number), customer_id=1)
        shop.place_order(str(number), status="confirmed")
    assert perform_all() == sum(length for length, _ in chains)
    assert held() == []


#: What the automation at each place of a chain changes, once, to trigger those after it.
LINKS = (
    ("payment_status", "paid"),
    ("order_type", "gift"),
    ("fulfilment_method", "delivery"),
    ("tracking_number", "T-1"),
    ("delivery_date", "2027-01-01"),
    ("tags.add", "seen"),
    ("delivery_status", "booked"),
    ("customer.note", "seen"),
)
#: A line, a fan and a tree: place -> the place of the automation that triggers it, -1 for the order itself.
SHAPES = (lambda place: place - 1, lambda _: -1, lambda place: (place + 1) // 2 - 1)


def publish_link(number: str, place: int, before: int) -> None:
    """Publish the automation at this place of a chain, for the order whose note is the chain's number."""
    of_this_chain = shop.condition("note", "equals", number)
    actions = [change(*LINKS[place])]
    if before < 0:
        shop.publish_automation(
            f"{number}-{place}", "status_changed", of_this_chain, after="confirmed", actions=actions
        )
        return
    watched = LINKS[before][0].removesuffix(".add")
    shop.publish_automation(
        f"{number}-{place}", "field_changed", of_this_chain, field=watched, actions=actions
    )


#: How an automation starts (subject, trigger, field), and to which status if it is narrowed to one.
STARTS = (
    ("order", "status_changed", None),
    ("order", "payment_status_changed", None),
    ("order", "field_changed", None),
    ("order", "field_changed", "tags"),
    ("order", "field_changed", "note"),
    ("customer", "field_changed", None),
)
CHANGES = (
    *(("status", value) for value in STATUSES),
    *(("payment_status", value) for value in PAID),
    ("tags.add", "a"),
    ("tags.remove", "a"),
    ("note", "x"),
    ("customer.note", "x"),
    ("customer.tags.add", "a"),
    ("customer.tags.remove", "a"),
)
AUTOMATION = st.tuples(
    st.sampled_from(STARTS),
    st.none() | st.integers(0, 3),
    st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3),
)


@pytest.mark.slow
@given(graph=st.lists(AUTOMATION, min_size=1, max_size=8), start=st.sampled_from(STATUSES))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_graph_of_automations_comes_to_rest_within_the_limits(
    app: Flask, graph: list[Any], start: str
) -> None:
    for id in db.session.scalars(
        sa.select(Automation.id).where(Automation.active_version_id.is_not(None))
    ).all():
        shop.switch_off(id)
    round = next(_numbers)
    for place, (begins, after, changes) in enumerate(graph):
        publish_random(f"{round}-{place}", begins, after, changes)
    shop.place_order(f"L{round}", customer_id=shop.place_customer(f"C-L{round}").id)
    shop.place_order(f"L{round}", status=start, payment_status="void")
    perform_all(most=loop_guard.DEPTH + 3)
    _check_bounds(f"L{round}", len(graph))


def publish_random(name: str, begins: Any, after: int | None, changes: list[tuple[str, str]]) -> None:
    subject, trigger, narrowed_to = begins
    statuses = {"status_changed": STATUSES, "payment_status_changed": PAID}.get(trigger)
    wanted = statuses[after] if statuses and after is not None else None
    possible = [
        (field, value) for field, value in changes if subject == "order" or field.startswith("customer.")
    ]
    actions = [change(*field_and_value) for field_and_value in possible] or [change("customer.note", "y")]
    options = {"subject": subject, "field": narrowed_to, "after": wanted, "actions": actions}
    shop.publish_automation(name, trigger, **options)


def _check_bounds(number: str, automations: int) -> None:
    of_order = [occurrence for occurrence in shop.occurrences() if occurrence.snapshot["number"] == number]
    chains = {occurrence.root_id or occurrence.id for occurrence in of_order}
    for root in chains:
        of_chain = sa.or_(Occurrence.root_id == root, Occurrence.id == root)
        assert (
            db.session.scalar(sa.select(sa.func.max(Occurrence.depth)).where(of_chain)) or 0
        ) <= loop_guard.DEPTH + 1
        columns = (Evaluation.automation_id, Occurrence.subject, Occurrence.record_id)
        starts = sa.select(*columns).join(Evaluation.occurrence).where(of_chain)
        started = db.session.execute(starts.where(Evaluation.outcome == "fired")).all()
        assert len(started) == len(set(started)) <= 2 * automations
        runs = sa.select(sa.func.count(Run.id)).join(Run.evaluation).join(Evaluation.occurrence)
        assert (db.session.scalar(runs.where(of_chain)) or 0) <= loop_guard.ACTIONS_PER_ROOT
    held = sa.select(Evaluation.automation_id).where(Evaluation.outcome == "held")
    paused = sa.select(Automation.id).where(Automation.paused_at.is_not(None))
    assert set(db.session.scalars(paused)) <= set(db.session.scalars(held))
