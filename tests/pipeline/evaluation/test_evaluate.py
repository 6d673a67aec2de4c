from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from automations.pipeline.evaluation import evaluate
from automations.pipeline.evaluation.evaluate import StoreEvaluator
from tests.kit.shop import condition, place_order, publish_automation, runs, switch_off, switch_on
from tests.world import NOW


def fired(number: str, **values: Any) -> int:
    return place_order(number, **values).fired


def test_an_automation_listens_from_the_moment_it_is_published_until_it_is_switched_off(app: Flask) -> None:
    assert fired("1") == 0
    confirm = publish_automation("Confirm", "created")
    assert fired("2") == 1
    switch_off(confirm)
    assert fired("3") == 0
    switch_on(confirm)
    assert fired("4") == 1


def test_a_process_that_missed_changes_of_the_ruleset_catches_up(app: Flask) -> None:
    first = publish_automation("First", "created")
    assert fired("1") == 1
    kept = dict(evaluate._rulesets)
    evaluate.clear_cache()
    switch_off(first)
    publish_automation("Second", "created", condition("fulfilment_method", "equals", "relay"))
    publish_automation("Third", "created")
    evaluate._rulesets.update(kept)
    assert fired("2", fulfilment_method="relay") == 2
    assert fired("3") == 1


def test_the_patched_index_equals_one_built_anew(app: Flask, bloom: Store) -> None:
    numbers = [publish_automation(f"A{place}", "created") for place in range(6)]
    fired("1")
    switch_off(numbers[1])
    switch_off(numbers[4])
    switch_on(numbers[1])
    patched = _listening(bloom)
    evaluate.clear_cache()
    assert patched == _listening(bloom)
    assert len(patched) == 5


def test_a_stale_read_of_the_store_does_not_revert_the_ruleset(app: Flask, bloom: Store) -> None:
    publish_automation("Confirm", "created")
    newest = StoreEvaluator(db.session(), bloom.id, bloom.ruleset)
    older = StoreEvaluator(db.session(), bloom.id, bloom.ruleset - 1)
    assert older.ruleset == newest.ruleset == bloom.ruleset


def test_an_unreadable_value_is_an_error_only_in_rules_that_read_it(app: Flask, bloom: Store) -> None:
    publish_automation("Looks at the total", "created", condition("total", "greater_than", "40"))
    publish_automation("Looks at the type", "created", condition("order_type", "equals", "gift"))
    view = StoreEvaluator(db.session(), bloom.id, bloom.ruleset)
    occurrence = OccurrenceFacts("order", "created", {"total": "much", "order_type": "gift"})
    evaluated = view.evaluate(occurrence)
    errors = {version.live.rule.conditions[0].field: version.error for version in evaluated}
    assert errors["order_type"] is None
    assert errors["total"] is not None


def test_an_occurrence_never_reaches_automations_of_another_store(app: Flask) -> None:
    publish_automation("Theirs", "created", store="Thorn & Co")
    assert fired("1") == 0
    assert runs() == []


def test_an_automation_fires_each_time(app: Flask) -> None:
    publish_automation("Each step", "status_changed")
    place_order("1", status="unconfirmed")
    for status in ("confirmed", "picked", "confirmed"):
        assert fired("1", status=status) == 1
    assert db.session.query(Evaluation).count() == 3


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("unconfirmed", None, [1, 0]), (None, "picked", [0, 1]), ("confirmed", "picked", [0, 1])],
)
def test_a_change_trigger_can_be_narrowed_by_the_values_before_and_after(
    app: Flask, before: str | None, after: str | None, expected: list[int]
) -> None:
    publish_automation("Narrow", "status_changed", before=before, after=after)
    place_order("1", status="unconfirmed")
    assert [fired("1", status="confirmed"), fired("1", status="picked")] == expected


def _listening(store: Store) -> set[int]:
    db.session.refresh(store)
    return set(StoreEvaluator(db.session(), store.id, store.ruleset).rules.live)


def test_a_version_that_cannot_be_read_is_an_error_until_it_is_switched_off(app: Flask) -> None:
    broken = publish_automation("Broken", "created", condition("total", "greater_than", "40"))
    publish_automation("Sound", "created")
    with write() as session:
        version = session.get_one(Automation, broken).active_version
        assert version is not None
        conditions = [condition("total", "greater_than", "forty")]
        version.definition = version.definition | {"conditions": conditions}
    evaluate.clear_cache()
    assert fired("1") == 1
    outcomes = db.session.query(Evaluation.outcome).order_by(Evaluation.outcome).all()
    assert [outcome for (outcome,) in outcomes] == ["error", "fired"]
    switch_off(broken)
    assert fired("2") == 1
    assert db.session.query(Evaluation).filter_by(outcome="error").count() == 1


def test_working_hours_are_those_of_the_stores_own_time_zone(app: Flask, bloom: Store) -> None:
    publish_automation("Open", "created", condition("now.working_time", "equals", "yes"))
    with write() as session:
        session.get_one(Store, bloom.id).timezone = "America/New_York"
    # A Monday: 18:30 in London, half past one in New York.
    assert place_order("1", now=NOW.replace(day=23, hour=18, minute=30)).fired == 1
    assert place_order("2", now=NOW.replace(day=23, hour=10)).fired == 0
