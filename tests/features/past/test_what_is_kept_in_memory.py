"""The columns in memory follow the log: what is deleted or erased there is gone here too."""

from __future__ import annotations

import datetime as dt
import threading
import time
from decimal import Decimal

import pytest

from automations.engine.rules.rule import Condition, Rule, Trigger
from automations.features.past import asking, occurrence_table, tables
from automations.features.past.period import Period
from automations.features.privacy import complete_erasure
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.worker import cleanup
from tests.kit.shop import place_order
from tests.world import NOW

_PERIOD = Period(NOW - dt.timedelta(days=400), NOW + dt.timedelta(days=1), None)


def _orders_of(store: Store, *conditions: Condition) -> list[int]:
    rule = Rule(0, "order", Trigger("created"), conditions)
    return asking.matches(db.session(), store, rule, _PERIOD).record_ids.tolist()


def _named(name: str) -> Condition:
    return Condition("customer.first_name", "equals", name)


def _values() -> set[object]:
    return {value for table in tables.kept() for column in table.columns.values() for value in column.values}


def test_a_cleaned_up_log_is_counted_anew(bloom: Store) -> None:
    old = place_order("1", now=NOW - dt.timedelta(days=200))
    new = place_order("2", now=NOW)
    assert _orders_of(bloom) == [old.id, new.id]
    cleanup.clean_up(None, NOW, lambda _: True)
    assert _orders_of(bloom) == [new.id]


def test_an_erased_customer_is_not_kept_in_memory(bloom: Store) -> None:
    anna = db.session.query(Customer).filter_by(number="C-1").one().id
    order = place_order("1", now=NOW, customer_id=anna)
    assert _orders_of(bloom, _named("Anna")) == [order.id]
    assert "Anna" in _values()
    complete_erasure.erase_completely(bloom.id, anna, NOW, lambda _: None)
    tables.look(time.monotonic())
    assert tables.kept() == []
    assert _orders_of(bloom, _named("Anna")) == []
    assert "Anna" not in _values()


def test_what_is_not_used_for_some_minutes_is_dropped(bloom: Store) -> None:
    _orders_of(bloom)
    tables.look(time.monotonic() + tables.UNUSED - 10)
    assert len(tables.kept()) == 1
    tables.look(time.monotonic() + tables.UNUSED + 1)
    assert tables.kept() == []


def test_a_table_in_use_is_not_dropped(bloom: Store) -> None:
    _orders_of(bloom)
    (table,) = tables.kept()
    is_used, is_over = threading.Event(), threading.Event()

    def use() -> None:
        with table.lock:
            is_used.set()
            is_over.wait(30)

    user = threading.Thread(target=use)
    user.start()
    is_used.wait(30)
    tables.look(time.monotonic() + tables.UNUSED + 1)
    assert tables.kept() == [table]
    is_over.set()
    user.join()
    tables.look(time.monotonic() + tables.UNUSED + 1)
    assert tables.kept() == []


def test_other_stores_keep_theirs(bloom: Store) -> None:
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    place_order("1", store="Thorn & Co", now=NOW)
    assert (len(_orders_of(bloom)), len(_orders_of(thorn))) == (0, 1)
    tables.forget(db.engine, bloom.id)
    assert [table.key.store_id for table in tables.kept()] == [thorn.id]


def test_columns_nobody_asks_for_make_room(bloom: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    place_order("1", now=NOW, total=Decimal(50))
    monkeypatch.setattr(occurrence_table, "LEAST_BYTES", 1)
    _orders_of(bloom, Condition("total", "at_least", "40"))
    assert len(_orders_of(bloom, Condition("status", "is_not_empty"))) == 1
    (table,) = tables.kept()
    assert "status" in table.columns and "total" not in table.columns
    assert len(_orders_of(bloom, Condition("total", "at_least", "40"))) == 1
