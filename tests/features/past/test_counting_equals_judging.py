"""Asking the whole past at once gives what judging each occurrence gives, whatever rules there are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Condition, Rule, Trigger
from automations.engine.rules.typed_rule import typed_nodes
from automations.features.past import asking, tables
from automations.features.past.columns import MANY
from automations.features.past.judge_columns import all_of, judge
from automations.features.past.period import Period
from automations.models.db.base import db, write
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import MANUAL, Evaluation, Occurrence
from automations.models.tables.store import Store, note_log_change
from tests.engine.strategies import TRIGGERED
from tests.features.past.recorded import add_own_fields, judged, record, rows, rules_of
from tests.kit.shop import occurrences, place_order
from tests.world import NOW

_RECORDED = [
    (subject, key)
    for subject in TRIGGERED
    for key, kind in SUBJECTS[subject].triggers.items()
    if not kind.schedule and key != MANUAL
]
_ALL = Period(NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=1), 2)
_PERIOD = Period(NOW - dt.timedelta(days=30), NOW - dt.timedelta(days=1), 30)
_settings = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _errors(store: Store, rule: Rule) -> list[int]:
    """Return the ids of the occurrences that the columns say cannot be judged."""
    session = db.session()
    custom = fields_of(session, store.id, removed=True).get(rule.subject)
    nodes = typed_nodes(rule, custom)
    found: list[int] = []
    for key in asking.listened_to(store, rule.subject, rule.trigger.key):
        with asking.asked(session, key, nodes, custom) as table:
            errors = all_of([judge(table, node) for node in nodes], len(table)).errors
            within = asking.candidates(table, rule.trigger.key, _PERIOD)
            found += [] if errors is None else table.ids[errors & within].tolist()
    return sorted(found)


def _compare(store: Store, rule: Rule) -> None:
    expected = judged(store, rule, _PERIOD.since, _PERIOD.until)
    found = asking.matches(db.session(), store, rule, _PERIOD)
    assert (found.ids.tolist(), _errors(store, rule)) == expected


@_settings
@given(st.data())
def test_what_is_counted_is_what_explain_says(bloom: Store, data: st.DataObject) -> None:
    """Also after more has come in, late or not, after old occurrences were deleted or rewritten, and after
    the store has changed its currency.
    """
    _begin(bloom, data.draw(st.booleans()))
    subject, trigger = data.draw(st.sampled_from(_RECORDED))
    some = st.lists(rows(subject, trigger), max_size=8)
    rules = st.lists(rules_of(subject, trigger), min_size=1, max_size=3)
    changes = st.lists(st.sampled_from([record, _delete, _rewrite, _other_currency]), max_size=3)
    for change in (record, *data.draw(changes)):
        change(bloom, data.draw(some))
        for rule in data.draw(rules):
            _compare(bloom, rule)


def _begin(store: Store, is_new_process: bool) -> None:
    """Start with an empty log, and tables that know the log of the example before or nothing."""
    if not fields_of(db.session(), store.id):
        add_own_fields(store)
    _delete(store, [])
    with write() as session:
        session.execute(sa.delete(Occurrence))
    if is_new_process:
        tables.clear()


def _delete(store: Store, drawn: list[dict[str, Any]]) -> None:
    """Delete every third occurrence, as cleaning up does."""
    with write() as session:
        ids = session.scalars(sa.select(Occurrence.id).order_by(Occurrence.id)).all()[len(drawn) % 3 :: 3]
        session.execute(sa.delete(Occurrence).where(Occurrence.id.in_(ids)))
        note_log_change(session, store.id)


def _rewrite(store: Store, drawn: list[dict[str, Any]]) -> None:
    """Give the first occurrences other snapshots, as erasing does."""
    with write() as session:
        kept = session.scalars(sa.select(Occurrence).order_by(Occurrence.id))
        for occurrence, row in zip(kept, drawn, strict=False):
            occurrence.snapshot, occurrence.from_value = row["snapshot"], row["from_value"]
        note_log_change(session, store.id, rewritten=True)


def _other_currency(store: Store, drawn: list[dict[str, Any]]) -> None:
    """Let the store's amounts be in another currency from now on."""
    store.currency = "GBP" if store.currency == "EUR" else "EUR"
    db.session.commit()


def test_an_occurrence_that_was_committed_late_is_found(bloom: Store) -> None:
    """Two transactions at once: the one with the lower number may end last."""
    first, second = place_order("1", now=NOW), place_order("2", now=NOW)
    assert second.id > first.id
    (early, late), rule = occurrences(), Rule(0, "order", Trigger("created"))
    row = {name: getattr(early, name) for name in list(Occurrence.__table__.columns.keys())}
    period = Period(NOW, NOW + dt.timedelta(days=1), 1)
    with write() as session:
        session.execute(sa.delete(Evaluation))
        session.execute(sa.delete(Occurrence).where(Occurrence.id == early.id))
    assert asking.matches(db.session(), bloom, rule, period).ids.tolist() == [late.id]
    with write() as session:
        session.execute(sa.insert(Occurrence).values(row))
    assert asking.matches(db.session(), bloom, rule, period).ids.tolist() == [row["id"], late.id]


@pytest.mark.parametrize("field", ["total", "delivery_date", "placed_at"])
def test_many_values_are_asked_about_in_order(bloom: Store, field: str) -> None:
    """The answer changes only at the values that a condition names, so it is asked between them alone."""
    days = [NOW + dt.timedelta(days=place) for place in range(MANY + 20)]
    plain = {
        "total": lambda place: f"{place}.50",
        "delivery_date": lambda place: days[place].date().isoformat(),
        "placed_at": lambda place: f"{days[place]:%Y-%m-%dT%H:%M:%SZ}",
    }[field]
    made = [{"subject": "order", "trigger": "created", "record_id": n, "at": NOW} for n in range(len(days))]
    record(bloom, [{**row, "snapshot": {field: plain(n)}} for n, row in enumerate(reversed(made))])
    low, high = plain(7), plain(200)
    conditions = [Condition(field, key, low) for key in ("equals", "not_equals", "greater_than", "less_than")]
    conditions += [Condition(field, key, high) for key in ("at_least", "at_most")]
    conditions += [Condition(field, "between", (low, high)), Condition(field, "is_empty")]
    for condition in conditions:
        rule = Rule(0, "order", Trigger("created"), (condition,))
        found = asking.matches(db.session(), bloom, rule, _ALL)
        assert found.ids.tolist() == judged(bloom, rule, _ALL.since, _ALL.until)[0], condition
