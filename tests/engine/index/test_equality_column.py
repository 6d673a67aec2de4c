"""Index columns for equality: the usual slots, and the values that differ."""

from __future__ import annotations

import pytest

from automations.engine.index.bitset import slots_of
from automations.engine.index.equality_column import EqualityColumn, Tagged
from automations.engine.operators.operators import OPERATORS
from automations.engine.operators.value_types import parse
from automations.engine.rules.rule import Condition
from automations.engine.rules.typed_rule import TypedPart


def _part(type: str, operator: str, value: str = "") -> TypedPart:
    entry = OPERATORS[operator]
    needed = parse(type, value) if entry.needs_value else None
    return TypedPart(Condition("field", operator, value), "field", type, entry, needed)


def test_a_value_no_rule_mentions_costs_no_memory() -> None:
    column = EqualityColumn(0)
    column.toggle(0, [_part("choice", "not_equals", "till")])
    for number in range(10_000):
        assert column[f"value {number}"] == 1
    assert len(column) <= 512
    assert list(column._odd) == ["till"]


@pytest.mark.parametrize(
    ("parts", "holding"),
    [
        ([("equals", "web")], ["web"]),
        ([("not_equals", "web")], [None, "till"]),
        ([("equals", "web"), ("not_equals", "till")], ["web"]),
        ([("equals", "web"), ("equals", "till")], []),
        ([("is_empty", "")], [None]),
        ([("is_not_empty", ""), ("not_equals", "web")], ["till"]),
        ([], [None, "web", "till"]),
    ],
)
def test_conditions_on_one_field_become_one_answer_per_value(
    parts: list[tuple[str, str]], holding: list[str | None]
) -> None:
    column = EqualityColumn(0)
    assert column.toggle(0, [_part("choice", *part) for part in parts]) is False
    assert [value for value in (None, "web", "till") if column[value]] == holding


def test_toggling_a_slot_twice_removes_it() -> None:
    column = EqualityColumn(0)
    for _ in range(2):
        column.toggle(3, [_part("choice", "equals", "web"), _part("choice", "not_equals", "till")])
    assert (column["web"], column["till"], column._odd) == (0, 0, {})


def test_a_search_in_a_text_is_left_to_the_comparison_but_never_for_a_missing_one() -> None:
    column = EqualityColumn(0)
    assert column.toggle(0, [_part("text", "contains", "rose")]) is True
    assert column.toggle(1, [_part("text", "not_contains", "rose")]) is True
    assert slots_of(column["a red rose"]) == [1, 0]
    assert slots_of(column[None]) == [1]


def test_each_tag_of_a_record_counts_once_in_any_case() -> None:
    column = Tagged(0)
    assert column.toggle(0, [_part("tags", "contains", "VIP")]) is False
    assert column.toggle(1, [_part("tags", "not_contains", "vip")]) is False
    assert column[frozenset({"vip", "Vip", "late"})] == 1
    assert column[frozenset({"late"})] == 2
    assert column[None] == 2


def test_two_tags_of_one_rule_are_left_to_the_comparison() -> None:
    column = Tagged(0)
    assert column.toggle(0, [_part("tags", "contains", "vip"), _part("tags", "contains", "late")]) is True
    assert column[frozenset({"vip"})] == 1
    assert column[None] == 0
