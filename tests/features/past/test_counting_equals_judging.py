"""Asking the whole past at once gives what judging each occurrence gives, whatever rules there are."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule
from automations.engine.rules.typed_rule import typed_nodes
from automations.features.past import asking
from automations.features.past.judging import all_of, judge
from automations.features.past.period import Period
from automations.models.db.base import db
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import MANUAL
from automations.models.tables.store import Store
from tests.engine.strategies import TRIGGERED
from tests.features.past.recorded import add_own_fields, judged, record, rows, rules_of
from tests.world import NOW

_RECORDED = [
    (subject, key)
    for subject in TRIGGERED
    for key, kind in SUBJECTS[subject].triggers.items()
    if not kind.schedule and key != MANUAL
]
_PERIOD = Period(NOW - dt.timedelta(days=30), NOW - dt.timedelta(days=1), 30)
_settings = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _errors(store: Store, rule: Rule) -> list[int]:
    """Return the ids of the occurrences that the columns say cannot be judged."""
    session = db.session()
    nodes = typed_nodes(rule, fields_of(session, store.id, removed=True).get(rule.subject))
    found: list[int] = []
    for key in asking.listened_to(store, rule.subject, rule.trigger.key):
        with asking.asked(session, key, nodes) as table:
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
    """Also after more has come in: between two questions, and between the ids that were known."""
    subject, trigger = data.draw(st.sampled_from(_RECORDED))
    if not fields_of(db.session(), bloom.id):
        add_own_fields(bloom)
    some = st.lists(rows(subject, trigger), max_size=8)
    rules = st.lists(rules_of(subject, trigger), min_size=1, max_size=3)
    for _ in range(data.draw(st.integers(1, 3))):
        record(bloom, data.draw(some))
        for rule in data.draw(rules):
            _compare(bloom, rule)
