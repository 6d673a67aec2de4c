"""Gained, lost and same are what judging every occurrence by both rules says, whatever the rules."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule
from automations.features.backtest.compare import compare, strides
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
_PERIOD = Period(NOW - dt.timedelta(days=40), NOW - dt.timedelta(days=1), None)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_the_fates_are_those_of_judging_one_after_the_other(bloom: Store, data: st.DataObject) -> None:
    """Read in strides, as the worker does it, and with another trigger in the live version too."""
    subject, trigger = data.draw(st.sampled_from(_RECORDED))
    other = data.draw(st.sampled_from([key for whose, key in _RECORDED if whose == subject] + [trigger] * 3))
    if not fields_of(db.session(), bloom.id):
        add_own_fields(bloom)
    record(bloom, data.draw(st.lists(rows(subject, trigger), max_size=10)))
    draft, live = data.draw(rules_of(subject, trigger)), data.draw(rules_of(subject, other))
    _check(bloom, draft, live)
    _check(bloom, draft, None)


def _check(store: Store, draft: Rule, live: Rule | None) -> None:
    ours = set(judged(store, draft, _PERIOD.since, _PERIOD.until)[0])
    theirs = set(judged(store, live, _PERIOD.since, _PERIOD.until)[0]) if live else set()
    found: dict[str, list[int]] = {"gained": [], "lost": [], "same": []}
    for part in strides(_PERIOD.since, _PERIOD.until, ZoneInfo(store.timezone)):
        for fate, firings in compare(db.session(), store, draft, live, part).fates.items():
            found[fate] += [firing.occurrence_id for firing in firings]
    assert {fate: sorted(ids) for fate, ids in found.items()} == {
        "gained": sorted(ours - theirs),
        "lost": sorted(theirs - ours),
        "same": sorted(ours & theirs),
    }
