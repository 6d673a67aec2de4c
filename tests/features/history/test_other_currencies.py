"""An order in another currency than its store's: judged where it can be, and said where it can't."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from automations.engine.explain.explanation import explain
from automations.engine.operators.value_types import CannotCompare
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.engine.rules.rule import Rule, rule_from
from automations.engine.rules.typed_rule import typed_nodes
from automations.features.history import record_log
from automations.features.history.log_entries import VerdictLine
from automations.features.past import asking
from automations.features.past.funnel import funnel
from automations.features.past.judge_columns import all_of, judge, matching
from automations.features.past.period import Period
from automations.features.past.row_reader import TableKey
from automations.features.scheduling import scan
from automations.features.trial.condition_trial import AssumedChange, condition_results
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.store import Store, note_log_change
from automations.pipeline.evaluation.evaluate import live_of
from automations.pipeline.records import current_records
from tests.kit.shop import condition, place_event, place_order, publish_automation
from tests.kit.time import timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
OVER, PAID = condition("total", "greater_than", "40"), condition("payment_status", "equals", "paid")
OWED = condition("balance_due", "greater_than", "0")
CANNOT = "Total can’t be compared: the order is in USD, the automation’s amounts are in GBP."


def outcomes(number: str) -> dict[str, tuple[str, str | None]]:
    """Return by automation what was written down about an order: the outcome, and the error."""
    query = db.session.query(Automation.name, Evaluation.outcome, Evaluation.error).select_from(Evaluation)
    query = query.join(Automation, Automation.id == Evaluation.automation_id)
    query = query.join(Occurrence, Occurrence.id == Evaluation.occurrence_id)
    rows = query.join(Order, Order.id == Occurrence.record_id).filter(Order.number == number).all()
    return {name: (outcome, error) for name, outcome, error in rows}


def log_of(store: Store, number: str) -> tuple[VerdictLine, ...]:
    id = db.session.query(Order.id).filter_by(number=number).scalar()
    page = record_log.log_for_record(db.session(), store, StoreWords(db.session(), store), "order", id)
    return tuple(page.entries[0].verdicts)


def dollars(number: str, **values: Any) -> None:
    place_order(number, currency="USD", total=Decimal("86.50"), **values)


def test_what_depends_on_an_amount_is_in_error_and_the_rest_is_judged() -> None:
    publish_automation("Over", "created", OVER)
    publish_automation("Over and paid", "created", OVER, PAID)
    publish_automation("Owed", "created", OWED)
    publish_automation("Paid", "created", PAID)
    dollars("1", payment_status="paid")
    dollars("2", payment_status="unpaid")
    place_order("3", total=Decimal("86.50"), payment_status="paid")
    error, fired = ("error", CANNOT), ("fired", None)
    assert outcomes("1") == {"Over": error, "Over and paid": error, "Owed": fired, "Paid": fired}
    assert outcomes("2") == {"Over": error, "Owed": fired}
    assert outcomes("3") == dict.fromkeys(("Over", "Over and paid", "Owed", "Paid"), fired)


def test_the_log_says_why_in_the_currency_of_the_order(bloom: Store) -> None:
    publish_automation("Over and paid", "created", OVER, PAID)
    dollars("1", payment_status="unpaid")
    (verdict,) = log_of(bloom, "1")
    assert [(chip.text, chip.holds) for chip in verdict.chips] == [
        ("Total is $86.50, which can’t be compared with £40.00", False),
        ("Payment status is Unpaid, needs Paid", False),
    ]
    assert verdict.badge.word == "Not applicable"
    dollars("2", payment_status="paid")
    (verdict,) = log_of(bloom, "2")
    assert (verdict.outcome, verdict.error) == ("error", CANNOT)


@pytest.mark.usefixtures("bloom")
def test_a_schedule_passes_over_no_order_in_silence() -> None:
    daily = {"every": "day", "weekday": None, "day": None, "time": "08:00"}
    for name, operator, value in (("Over", "greater_than", "100"), ("Nothing", "equals", "0")):
        timed(name, "scheduled", daily, {"field": "total", "operator": operator, "value": value})
    dollars("1")
    scan.scan(NOW + dt.timedelta(days=1))
    assert outcomes("1") == {"Over": ("error", CANNOT)}


def test_the_past_is_counted_as_it_would_have_been_judged(bloom: Store) -> None:
    id = publish_automation("Over and paid", "created", OVER, PAID)
    dollars("1", payment_status="paid")
    dollars("2", payment_status="unpaid")
    place_order("3", total=Decimal("86.50"), payment_status="paid")
    version = db.session.query(Version).filter_by(automation_id=id).one()
    period = Period(NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=1), 2)
    found = asking.matches(db.session(), bloom, live_of(version).rule, period)
    (third,) = (
        db.session.query(Occurrence.id)
        .join(Order, Order.id == Occurrence.record_id)
        .filter(Order.number == "3", Occurrence.trigger == "created")
        .one()
    )
    assert found.ids.tolist() == [third]
    words = StoreWords(db.session(), bloom)
    steps = funnel(db.session(), bloom, words, version.definition, period).steps
    assert [(step.came, step.passed, step.errors) for step in steps] == [(3, 3, 0), (3, 1, 2), (1, 1, 0)]


def test_trying_a_condition_says_that_it_cannot_be_compared(bloom: Store) -> None:
    dollars("1")
    words, data = StoreWords(db.session(), bloom), {"subject": "order", "trigger": {"key": "created"}}
    row = db.session.query(Order).one()
    present = current_records.present(db.session(), "order", bloom, row.id)
    assert present is not None
    (result,) = condition_results(
        words, {**data, "conditions": [OVER]}, present.snapshot, AssumedChange(), []
    )
    assert (result.holds, result.text) == (None, f"Could not be checked: {CANNOT}")


def test_a_log_keeps_the_currency_of_its_time(bloom: Store) -> None:
    publish_automation("Big", "created", OVER, now=NOW)
    place_order("A-1", now=NOW, total=Decimal(460))
    bloom.currency = "EUR"
    db.session.commit()
    place_order("A-2", now=NOW, total=Decimal(30), currency="EUR")
    (then,), (later,) = log_of(bloom, "A-1"), log_of(bloom, "A-2")
    assert [chip.text for chip in then.chips] == ["Total £460.00 is over £40.00"]
    assert [chip.text for chip in later.chips] == ["Total is €30.00, needs over €40.00"]


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.generate]
)
@given(st.data())
def test_the_past_says_what_the_line_says_whatever_the_store_sold_in_before(
    bloom: Store, data: st.DataObject
) -> None:
    """Orders of three currencies from before and after a change: judged now by hand, and from the log."""
    _empty(bloom)
    money, currencies = st.integers(0, 90), st.sampled_from(["GBP", "EUR", "USD"])
    for currency in ("GBP", "EUR"):
        bloom.currency = currency
        db.session.commit()
        for place in range(3):
            paid = {"payment_status": data.draw(st.sampled_from(["paid", "unpaid"]))}
            amount = {"total": Decimal(data.draw(money)), "currency": data.draw(currencies)}
            place_order(f"{currency}{place}", **paid, **amount)
    value = str(data.draw(money))
    drawn = st.sampled_from([condition("total", "greater_than", value), OWED, PAID])
    conditions = data.draw(st.lists(drawn, min_size=1, max_size=3))
    rule = rule_from(0, {"subject": "order", "trigger": {"key": "created"}, "conditions": conditions})
    live = {"fired": [], "error": []} | _judged_now(bloom, rule)
    nodes, key = typed_nodes(rule, {}), TableKey(bloom.id, "order", "created")
    with asking.asked(db.session(), key, nodes, {}) as past:
        said = all_of([judge(past, node) for node in nodes], len(past))
        errors = [] if said.errors is None else past.record_ids[said.errors].tolist()
        assert {"fired": past.record_ids[matching(said)].tolist(), "error": errors} == live


def _judged_now(store: Store, rule: Rule) -> dict[str, list[int]]:
    """Return which orders a rule fires for as they are now, and which it cannot judge."""
    judged: dict[str, list[int]] = {"fired": [], "error": []}
    for id in db.session.scalars(sa.select(Order.id).order_by(Order.id)):
        present = current_records.present(db.session(), "order", store, id)
        assert present is not None
        try:
            facts = OccurrenceFacts("order", "created", present.snapshot).read(rule.fields)
            if explain(rule, facts).fires:
                judged["fired"].append(id)
        except CannotCompare:
            judged["error"].append(id)
    return judged


def _empty(store: Store) -> None:
    """Leave no order, no log, and nothing that is remembered of it."""
    with write() as session:
        for table in (Evaluation, Occurrence, Order):
            session.execute(sa.delete(table))
        note_log_change(session, store.id)


def test_a_backtest_after_a_change_of_currency_never_compares_the_old_amounts(bloom: Store) -> None:
    id = publish_automation("Big", "created", OVER, now=NOW)
    place_order("GBP", now=NOW, total=Decimal(460))
    place_order("EUR", now=NOW, total=Decimal(460), currency="EUR")
    version = db.session.query(Version).filter_by(automation_id=id).one()
    period = Period(NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=1), 2)
    for currency in ("GBP", "EUR", "GBP"):
        bloom.currency = currency
        db.session.commit()
        found = asking.matches(db.session(), bloom, live_of(version).rule, period)
        numbers = sa.select(Order.number).where(Order.id.in_(found.record_ids.tolist()))
        assert db.session.scalars(numbers).all() == [currency]
        steps = funnel(db.session(), bloom, StoreWords(db.session(), bloom), version.definition, period).steps
        assert [(step.came, step.passed, step.errors) for step in steps] == [(2, 2, 0), (2, 1, 1)]


def test_an_event_from_before_a_change_of_currency_is_not_compared_either(bloom: Store) -> None:
    place_event("E1", budget=Decimal(900))
    bloom.currency = "EUR"
    db.session.commit()
    publish_automation("Large", "status_changed", condition("budget", "greater_than", "40"), subject="event")
    place_event("E1", status="confirmed")
    (evaluation,) = db.session.query(Evaluation).all()
    assert (evaluation.outcome, evaluation.error) == (
        "error",
        "Budget can’t be compared: the event is in GBP, the automation’s amounts are in EUR.",
    )
