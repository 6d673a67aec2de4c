"""Index columns for ordered values stay correct while stretches are split and joined."""

from __future__ import annotations

from decimal import Decimal

import pytest

from automations.engine.index.bitset import slots_of
from automations.engine.index.ordered_column import OrderedColumn
from automations.engine.rules.rule import Condition, Rule, Trigger
from automations.engine.rules.typed_rule import TypedPart, typed_nodes


def _parts(*asked: tuple[str, object]) -> list[TypedPart]:
    conditions = tuple(Condition("budget", operator, str(value)) for operator, value in asked)
    return list(typed_nodes(Rule(1, "event", Trigger("created"), conditions)))


def _crowded(count: int) -> OrderedColumn:
    line = OrderedColumn(0, "money")
    for slot in range(count):
        line.put(slot, _parts(("greater_than", slot)))
    return line


def test_a_line_finds_at_least_the_slots_that_hold_and_few_others() -> None:
    line = _crowded(400)
    for value in (-1, 0, 17, 200, 399, 500):
        found = set(slots_of(line.find(Decimal(value))))
        holding = {slot for slot in range(400) if value > slot}
        assert holding <= found
        assert len(found - holding) <= 10


def test_a_missing_value_finds_exactly_what_holds_for_it() -> None:
    line = OrderedColumn(0, "money")
    line.skip(0)
    line.put(1, _parts(("is_empty", "")))
    line.put(2, _parts(("not_equals", 40)))
    line.put(3, _parts(("at_least", 40)))
    assert slots_of(line.find(None)) == [2, 1, 0]


def test_the_number_of_stretches_hardly_grows_with_the_number_of_points() -> None:
    assert len(_crowded(3_000)._starts) < 400


def test_one_crowded_point_stays_whole() -> None:
    line = OrderedColumn(0, "money")
    for slot in range(100):
        line.put(slot, _parts(("at_most", 50)))
    assert len(line._starts) == 1
    assert len(slots_of(line.find(Decimal(50)))) == 100


def test_a_crowded_point_is_cut_off_from_its_neighbours() -> None:
    line = OrderedColumn(0, "money")
    line.put(0, _parts(("less_than", 10)))
    for slot in range(1, 100):
        line.put(slot, _parts(("greater_than", 50)))
    assert slots_of(line.find(Decimal(9))) == [0]


def test_a_line_that_is_emptied_is_one_stretch_again() -> None:
    line = _crowded(500)
    for slot in range(500):
        line.drop(slot)
    assert (len(line._starts), line.find(Decimal(7)), line.find(None)) == (1, 0, 0)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_days_like_others(day: str) -> None:
    condition = Condition("event_date", "equals", day)
    (part,) = typed_nodes(Rule(1, "event", Trigger("created"), (condition,)))
    line = OrderedColumn(0, "date")
    line.put(0, [part])
    assert line.find(part.needed) == 1


def test_a_stretch_that_begins_at_a_point_is_not_below_it() -> None:
    line = OrderedColumn(0, "money")
    line.put(0, _parts(("greater_than", 10)))
    for slot in range(1, 100):
        line.put(slot, _parts(("less_than", 50)))
    assert slots_of(line.find(Decimal(60))) == [0]
