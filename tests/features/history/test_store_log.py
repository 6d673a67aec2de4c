"""The store’s log, read through its indexes and page by page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from automations.features.history import id_by_date, log_walk, store_log
from automations.features.history.log_filter import ActivityPage, LogFilter
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.statements import plan_of, recorded_statements
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
HOUR = dt.timedelta(hours=1)


def look(store: Store, before: int | None = None, **asked: Any) -> ActivityPage:
    words = StoreWords(db.session(), store)
    return store_log.activity(db.session(), store, words, LogFilter(**asked), before)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "ix_occurrence_store_id_id"),
        ({"subject": "order"}, "ix_occurrence_trigger"),
        ({"number": "10482"}, "ix_occurrence_record"),
        ({"outcome": "fired"}, "ix_evaluation_outcome"),
        ({"outcome": "error"}, "ix_evaluation_outcome"),
        ({"outcome": "fired", "automation_id": 1}, "ix_evaluation_automation"),
        ({"outcome": "failing"}, "ix_run_store_state"),
        ({"outcome": "skipped"}, "ix_run_store_state"),
        ({"automation_id": 1}, "ix_occurrence_trigger"),
        ({"automation_id": 1, "outcome": "not_applicable"}, "ix_occurrence_trigger"),
    ],
)
def test_each_filter_uses_its_index(bloom: Store, asked: dict[str, Any], index: str) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    shop.publish_automation("Thank you", "created")
    shop.place_order()
    with recorded_statements() as statements:
        look(bloom, before=10**6, **asked)
    keyed = [one for one in statements if "DESC" in one[0] and "LIMIT" in one[0]]
    plan = plan_of(keyed[0])
    assert any(index in step for step in plan), plan
    scans = [step for step in plan if step.startswith("SCAN") and not step.startswith("SCAN anon")]
    assert not [step for step in scans if "CONSTANT" not in step], plan


@pytest.mark.parametrize("close", [0, 7, 500])
def test_an_old_day_is_found_without_reading_newer_rows(
    bloom: Store, monkeypatch: pytest.MonkeyPatch, close: int
) -> None:
    monkeypatch.setattr(id_by_date, "CLOSE", close)
    for hour in range(60):
        shop.place_order(str(hour), now=NOW + hour * HOUR)
    page = look(bloom, since=NOW + 2 * HOUR, until=NOW + 5 * HOUR)
    assert [entry.record for entry in page.entries] == ["Order 4", "Order 3", "Order 2"]
    assert look(bloom, since=NOW + 99 * HOUR).entries == ()
    assert look(bloom, until=NOW).entries == ()


def test_paging_shows_every_occurrence_of_a_trigger_once(
    bloom: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation = shop.publish_automation("Big ones", "created", shop.condition("total", "greater_than", "40"))
    for number in range(25):
        shop.place_order(str(number))
        shop.place_event(str(number))
    monkeypatch.setattr(store_log, "SCANNED", (3, 4))
    found: list[str] = []
    page = look(bloom, automation_id=automation)
    while True:
        found += [entry.record for entry in page.entries]
        if page.next is None:
            break
        page = look(bloom, page.next, automation_id=automation)
    assert found == [f"Order {number}" for number in reversed(range(25))]


def test_runs_that_need_a_person_are_counted(bloom: Store) -> None:
    shop.publish_automation("Thank you", "created")
    for number, state in enumerate(("failed", "unknown", "waiting", "succeeded")):
        shop.place_order(str(number))
        shop.set_run(shop.runs()[-1].id, state=state)
    assert store_log.needs_you(db.session(), bloom) == 2


def test_the_export_goes_through_all_pages(bloom: Store) -> None:
    for number in range(450):
        shop.place_order(str(number % 45), note=str(number))
    words = StoreWords(db.session(), bloom)
    assert len(list(store_log.exported(db.session(), bloom, words, LogFilter()))) == 450


@pytest.mark.parametrize(
    "asked",
    [
        {"outcome": "fired"},
        {"outcome": "fired", "subject": "event"},
        {"outcome": "sent"},
        {"outcome": "sent", "subject": "event"},
        {"outcome": "sent", "automation_id": 1},
        {"outcome": "wrong", "automation_id": 2},
        {"outcome": "failed", "number": "4"},
        {"outcome": "sent", "since": NOW + HOUR, "until": NOW + 10 * HOUR},
    ],
)
def test_pages_that_look_at_a_few_rows_each_show_everything_once(
    bloom: Store, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    shop.publish_automation("Orders", "created", subject="order")
    shop.publish_automation("Paid ones", "created", shop.condition("total", "greater_than", "-1"))
    shop.publish_automation("Events", "created", subject="event")
    for number in range(8):
        shop.place_order(str(number), now=NOW + number * 2 * HOUR)
        shop.place_event(str(number), now=NOW + number * 2 * HOUR)
    for number, run in enumerate(shop.runs()):
        shop.set_run(run.id, state="succeeded" if number % 4 else "failed")
    at_once = look(bloom, **asked)
    assert at_once.next is None and at_once.looked_to is None and len(at_once.entries) >= 1
    monkeypatch.setattr(log_walk, "LOOKED_AT", (1, 3))
    found, stopped = [], 0
    page = look(bloom, **asked)
    while True:
        found += page.entries
        stopped += page.looked_to is not None
        if page.next is None:
            break
        page = look(bloom, page.next, **asked)
    # An occurrence that led to two runs may stand on two pages.
    assert list(dict.fromkeys(entry.id for entry in found)) == [entry.id for entry in at_once.entries]
    assert stopped >= 1 or "number" in asked


def test_what_is_rare_is_looked_for_among_a_bounded_number_of_rows(
    bloom: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.publish_automation("Thank you", "created")
    for number in range(30):
        shop.place_order(str(number), now=NOW + number * HOUR)
    for run in shop.runs():
        shop.set_run(run.id, state="failed" if run.id == 1 else "succeeded")
    monkeypatch.setattr(log_walk, "LOOKED_AT", (2, 4))
    page = look(bloom, outcome="failed", automation_id=1)
    # Six of the newest were looked at, and the page says so: the last of them is of the 24th hour.
    assert page.entries == () and page.next and page.looked_to == NOW + 24 * HOUR


def test_the_log_of_a_record_is_read_by_its_own_evaluations(bloom: Store) -> None:
    shop.publish_automation("Thank you", "created")
    shop.place_order("1")
    with recorded_statements() as statements:
        look(bloom, outcome="sent", number="1")
    walked = next(one for one in statements if "evaluation" in one[0] and "DESC" in one[0])
    if db.engine.dialect.name == "sqlite":
        assert any("(occurrence_id=?)" in step for step in plan_of(walked))
    else:
        assert "occurrence_id IN" in walked[0] and "store_id" not in walked[0].split("occurrence.id")[0]
