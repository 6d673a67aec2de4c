"""The funnel of a draft: what each row lets through, whom it turned away last, and what is left out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from automations.features.past.funnel import Funnel, Step, funnel
from automations.features.past.period import period_of
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from tests.kit.shop import condition, occurrences, place_order
from tests.world import NOW

DAY = dt.timedelta(days=1)
DELIVERY, PAID = condition("fulfilment_method", "equals", "delivery"), condition("total", "at_least", "40")


def _draft(*conditions: dict[str, Any], trigger: str = "created", **more: Any) -> dict[str, Any]:
    return {"subject": "order", "trigger": {"key": trigger}, "conditions": list(conditions), **more}


def _ask(store: Store, data: dict[str, Any], key: str = "30", now: dt.datetime = NOW) -> Funnel:
    session = db.session()
    return funnel(session, store, StoreWords(session, store), data, period_of(key, store, now))


@pytest.fixture
def three_orders(bloom: Store) -> list[int]:
    """A delivery for 86.50, a collection for 50 and a delivery for 12, on three days; their occurrences."""
    for number, method, total, ago in (("1", "delivery", "86.5", 2), ("2", "collection", "50", 1)):
        place_order(number, now=NOW - ago * DAY, fulfilment_method=method, total=_money(total))
    place_order("3", fulfilment_method="delivery", total=_money("12"))
    return [occurrence.id for occurrence in occurrences()]


def _money(text: str) -> Decimal:
    return Decimal(text)


def test_each_row_says_what_came_through_and_whom_it_turned_away_last(
    bloom: Store, three_orders: list[int]
) -> None:
    asked = _ask(bloom, _draft(DELIVERY, PAID))
    _, second, third = three_orders
    assert list(asked.steps) == [
        Step("trigger", 3, 3, None),
        Step("conditions.0", 3, 2, second),
        Step("conditions.1", 2, 1, third),
    ]
    assert (asked.base, asked.base_words, asked.fired, asked.records) == (3, "new orders", 1, 1)
    days = {str(day): count for day, count in asked.per_day if count}
    assert (len(asked.per_day), days) == (30, {"2026-11-20": 1})


def test_the_rows_of_a_group_are_each_asked_about_all_that_came_to_it(
    bloom: Store, three_orders: list[int]
) -> None:
    group = {"match": "any", "conditions": [DELIVERY, PAID]}
    asked = _ask(bloom, _draft(group))
    shares = {step.path: (step.came, step.passed) for step in asked.steps}
    assert shares == {
        "trigger": (3, 3),
        "conditions.0": (3, 3),
        "conditions.0.conditions.0": (3, 2),
        "conditions.0.conditions.1": (3, 2),
    }


def test_the_rows_of_a_group_on_lines_say_whether_any_line_is_like_this(bloom: Store) -> None:
    line = {"sku": "R", "name": "Roses", "category": "bouquet", "quantity": 1, "unit_price": "30.00"}
    place_order("1", lines=[line], item_count=1)
    place_order("2", lines=[{**line, "category": "plant"}], item_count=1)
    plants = {"match": "line", "lines": "none"}
    asked = _ask(bloom, _draft({**plants, "conditions": [condition("line.category", "equals", "plant")]}))
    assert [(step.path, step.passed) for step in asked.steps[1:]] == [
        ("conditions.0", 1),
        ("conditions.0.conditions.0", 1),
    ]
    first, second = occurrences()
    assert [step.last_no for step in asked.steps[1:]] == [second.id, first.id]


def test_what_is_not_complete_is_left_out_and_named(bloom: Store, three_orders: list[int]) -> None:
    empty = {"field": "", "operator": "", "value": ""}
    unknown = condition("status", "equals", "no such status")
    data = _draft(DELIVERY, empty, {"match": "any", "conditions": [empty, PAID]}, unknown)
    data["trigger"] |= {"from": "no such status"}
    asked = _ask(bloom, data)
    assert asked.fired == 1
    assert asked.unjudged == ("trigger.from", "conditions.1", "conditions.2.conditions.0", "conditions.3")
    assert "conditions.1" not in {step.path for step in asked.steps}


@pytest.mark.parametrize("data", [{}, {"subject": "order"}, {"subject": "order", "trigger": {"key": "x"}}])
def test_without_a_trigger_nothing_is_counted_and_the_draft_says_so(
    bloom: Store, data: dict[str, Any]
) -> None:
    asked = _ask(bloom, data)
    assert (asked.base, asked.fired, asked.unjudged) == (0, 0, ("trigger",))
    assert sum(count for _, count in asked.per_day) == 0


def test_the_automations_own_limits_leave_fewer(bloom: Store) -> None:
    for minute, number in enumerate(("1", "1", "2", "1")):
        place_order(number, now=NOW - 2 * DAY + dt.timedelta(minutes=minute), note=f"note {minute}")
    place_order("1", now=NOW, note="another")
    changes = _draft(trigger="field_changed")
    assert (_ask(bloom, changes).fired, _ask(bloom, changes).capped) == (3, None)
    by_record = _ask(bloom, changes | {"caps": {"once_per_record": True}})
    by_hour = _ask(bloom, changes | {"caps": {"per_hour": "1"}})
    assert (by_record.capped, by_hour.capped) == (1, 2)


def test_one_customer_counts_once_in_so_many_days(bloom: Store) -> None:
    anna, bob = 1, 2
    for number, customer, ago in (
        ("1", anna, 9),
        ("2", bob, 8),
        ("3", anna, 8),
        ("4", anna, 2),
        ("5", None, 2),
    ):
        place_order(number, now=NOW - ago * DAY, customer_id=customer)
    asked = _ask(bloom, _draft(caps={"once_per_customer_days": 7}))
    assert (asked.fired, asked.capped) == (5, 4)


def test_a_value_that_cannot_be_read_is_an_error_and_not_a_no(bloom: Store, three_orders: list[int]) -> None:
    with write() as session:
        broken = session.get_one(type(occurrences()[0]), three_orders[0])
        broken.snapshot = broken.snapshot | {"total": "many"}
    step = _ask(bloom, _draft(PAID)).steps[-1]
    assert (step.came, step.passed, step.errors, step.last_no) == (3, 1, 1, three_orders[2])


def test_where_old_entries_were_deleted_it_says_since_when_it_knows(bloom: Store) -> None:
    place_order("1", now=NOW)
    with write() as session:
        session.get_one(Store, bloom.id).retention = {"nothing": 31}
    in_a_year = NOW + 365 * DAY
    assert _ask(bloom, _draft(), "30", in_a_year).known_from is None
    known_from = _ask(bloom, _draft(), "90", in_a_year).known_from
    assert known_from is not None and known_from.date() == dt.date(2027, 10, 23)
    assert _ask(bloom, _draft(), "all").known_from is None


def test_all_that_is_kept_begins_with_the_first_occurrence(bloom: Store) -> None:
    place_order("1", now=NOW - 100 * DAY, fulfilment_method="collection")
    place_order("2", now=NOW, fulfilment_method="delivery")
    asked = _ask(bloom, _draft(DELIVERY), "all")
    assert (len(asked.per_day), asked.per_day[-1][1], asked.base) == (101, 1, 2)
    assert _ask(bloom, _draft(DELIVERY), "90").base == 1
