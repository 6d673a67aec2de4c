"""Facts derived from a snapshot and its context: days, changes, lines and the time."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from automations.engine.explain.explanation import explain
from automations.engine.fields.shared_fields import custom_field
from automations.engine.fields.subject import UnreadableFact
from automations.engine.fields.subjects import CHANGE_FIELDS
from automations.engine.operators.value_types import Lines
from automations.engine.rules.rule import Condition, Rule, Trigger
from tests.kit.facts import facts

_LONDON = ZoneInfo("Europe/London")
#: Half past midnight in London is still yesterday in UTC.
_NOW = datetime(2026, 7, 6, 0, 30, 15, tzinfo=_LONDON)
_SNAPSHOT = {
    "status": "confirmed",
    "delivery_date": "2026-07-09",
    "placed_at": "2026-07-05T23:10:00Z",
    "customer": {"first_name": "Anna", "marketing_consent": False, "account": None, "tags": ["VIP"]},
    "lines": [
        {"category": "Bouquets", "quantity": 2, "unit_price": "40.00"},
        {"category": "", "quantity": 1, "unit_price": "3.50"},
    ],
    "custom": {"colour": "red", "weight": "2.5"},
}


def test_days_are_counted_from_today_in_the_store() -> None:
    found = facts("order", _SNAPSHOT, only={"delivery_date@days", "placed_at@days"}, now=_NOW)
    assert (found["delivery_date@days"], found["placed_at@days"]) == (Decimal(3), Decimal(0))


@pytest.mark.parametrize(
    ("day", "operator", "value", "fires"),
    [
        ("2026-07-06", "within_next", "3", True),
        ("2026-07-09", "within_next", "3", True),
        ("2026-07-10", "within_next", "3", False),
        ("2026-07-05", "within_next", "3", False),
        ("2026-07-06", "within_last", "3", True),
        ("2026-07-03", "within_last", "3", True),
        ("2026-07-02", "within_last", "3", False),
        (None, "within_last", "3", False),
    ],
)
def test_today_is_the_first_of_the_next_and_of_the_last_days(
    day: str | None, operator: str, value: str, fires: bool
) -> None:
    rule = Rule(1, "order", Trigger("created"), (Condition("delivery_date", operator, value),))
    found = facts("order", {"delivery_date": day}, only=rule.fields, now=_NOW)
    explanation = explain(rule, found)
    assert explanation.fires is fires
    assert explanation.verdicts[0].actual == (date.fromisoformat(day) if day else None)


def test_the_time_is_read_in_the_time_zone_of_the_store() -> None:
    found = facts("order", {}, now=_NOW, working=False)
    assert (found["now.weekday"], found["now.time"]) == ("monday", time(0, 30, 15))
    assert found["now.working_time"] == "no"


@pytest.mark.parametrize(
    "condition",
    [
        Condition("delivery_date", "within_next", "3"),
        Condition("now.weekday", "equals", "monday"),
        Condition("now.working_time", "equals", "yes"),
    ],
)
def test_a_condition_that_needs_an_unknown_time_is_an_error_and_not_false(condition: Condition) -> None:
    rule = Rule(1, "order", Trigger("created"), (condition,))
    with pytest.raises(UnreadableFact, match="can’t be checked without the time in the store"):
        facts("order", _SNAPSHOT, only=rule.fields)
    with pytest.raises(UnreadableFact):
        explain(rule, facts("order", _SNAPSHOT))


@pytest.mark.parametrize(
    ("previous", "before", "after"),
    [
        (None, None, None),
        ({"total": "40"}, None, None),
        ({"status": "confirmed"}, None, None),
        ({"status": "unconfirmed"}, "unconfirmed", "confirmed"),
        ({"status": None}, None, "confirmed"),
    ],
)
def test_only_fields_that_really_changed_have_a_change(
    previous: dict[str, object] | None, before: str | None, after: str | None
) -> None:
    found = facts("order", _SNAPSHOT, only={"status@from", "status@to"}, previous=previous)
    assert (found["status@from"], found["status@to"]) == (before, after)


def test_the_changed_fields_are_those_of_the_previous_values_or_those_named() -> None:
    assert facts("order", {}, only=(), previous={"note": ""})[CHANGE_FIELDS] == {"note"}
    assert facts("order", {}, only=(), changed=["note", "tags"])[CHANGE_FIELDS] == {"note", "tags"}


def test_lines_are_read_field_by_field() -> None:
    found = facts("order", _SNAPSHOT, only={"line.category", "line.category@any", "line.quantity"})
    assert found["line.category"] == Lines(("Bouquets", None))
    assert found["line.quantity"] == Lines((Decimal(2), Decimal(1)))
    assert found["line.category@any"] == {"Bouquets"}
    assert facts("order", {}, only={"line.sku", "line.sku@any"})["line.sku@any"] is None


@pytest.mark.parametrize("lines", ["x", 3, ["x"], [{"category": 3}]])
def test_unreadable_lines_are_an_error(lines: object) -> None:
    with pytest.raises(UnreadableFact):
        facts("order", {"lines": lines}, only={"line.category"})


def test_the_customer_of_a_record_is_read_from_its_snapshot() -> None:
    found = facts("order", _SNAPSHOT)
    assert found["customer.first_name"] == "Anna"
    assert found["customer.marketing_consent"] == "no"
    assert found["customer.tags"] == {"VIP"}
    assert (found["customer.account"], found["customer.email"]) == (None, None)
    assert facts("order", {"customer": None})["customer.first_name"] is None


def test_fields_of_the_store_are_read_like_others() -> None:
    weight = custom_field("weight", "Weight", "number")
    assert facts("order", _SNAPSHOT, custom={weight.key: weight})["custom.weight"] == Decimal("2.5")
    assert "custom.weight" not in facts("order", _SNAPSHOT)
    with pytest.raises(ValueError, match="use one of text, choice"):
        custom_field("when", "When", "datetime")
