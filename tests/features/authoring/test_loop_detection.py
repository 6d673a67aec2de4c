"""Circles are named before they run: an automation that starts itself, or others that start it again."""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.features.authoring.loop_detection import ALL_UP_TO, MOST, changes_anything, circles

STATUSES = ("confirmed", "picked", "with_courier", "fulfilled", "cancelled")


def rule(
    trigger: str, target: str = "", value: str = "", subject: str = "order", **more: Any
) -> dict[str, Any]:
    actions = [{"kind": "change_data", "settings": {"field": target, "value": value}}] if target else []
    start = {"key": trigger, "from": None, "to": None, **more}
    return {"subject": subject, "trigger": start, "conditions": [], "actions": actions}


def where(operator: str, value: Any, field: str = "status") -> dict[str, Any]:
    data = rule("status_changed", "status", "Picked")
    return data | {"conditions": [{"field": field, "operator": operator, "value": value}]}


@pytest.mark.parametrize(
    ("data", "change"),
    [
        (rule("status_changed", "status", "Picked"), "status becomes Picked"),
        (rule("status_changed", "status", "{{ order.note }}"), "status changes"),
        (rule("status_changed", "status", "Picked", to="picked"), "status becomes Picked"),
        (rule("field_changed", "note", "x"), "the note is added to"),
        (rule("field_changed", "tags.add", "x", field="tags"), "tag “x” is added"),
        (rule("carrier_changed", "tracking_number", "1"), "tracking number becomes 1"),
        (rule("field_changed", "customer.note", "x", "customer"), "the customer’s note is added to"),
        (where("equals", "picked"), "status becomes Picked"),
        (where("is_one_of", ["picked", "cancelled"]), "status becomes Picked"),
        (where("not_equals", "cancelled"), "status becomes Picked"),
        (where("equals", "paid", "payment_status"), "status becomes Picked"),
        (where("equals", None), "status becomes Picked"),
    ],
)
def test_an_automation_that_starts_itself_is_reported(data: dict[str, Any], change: str) -> None:
    (circle,) = circles("Mine", data)
    assert circle.sentence == f"This automation may start itself again: {change}."
    assert circle.chain == f"Mine → {change} → Mine"


@pytest.mark.parametrize(
    "data",
    [
        rule("created", "status", "Picked"),
        rule("status_changed", "payment_status", "Paid"),
        rule("status_changed", "status", "Ready for Fulfilment", to="confirmed"),
        rule("status_changed", "status", "Picked", **{"from": "picked"}),
        rule("field_changed", "status", "Picked", field="total"),
        rule("field_changed", "customer.note", "x"),
        rule("field_changed"),
        where("equals", "confirmed"),
        where("is_one_of", ["confirmed", "cancelled"]),
        where("not_equals", "picked"),
        where("is_none_of", ["picked"]),
    ],
)
def test_a_change_that_cannot_start_it_is_no_loop(data: dict[str, Any]) -> None:
    assert circles("Mine", data) == []


def test_a_value_is_known_by_any_of_its_names() -> None:
    data = rule("status_changed", "status", "Out for delivery", to="with_courier")
    assert circles("Mine", data) == []
    assert len(circles("Mine", data, (), _renamed)) == 1


def _renamed(_list: str, value: str) -> str | None:
    return {"Out for delivery": "with_courier"}.get(value)


def test_a_loop_through_others_is_listed_step_by_step() -> None:
    mine = rule("status_changed", "payment_status", "Paid")
    other = rule("payment_status_changed", "tags.add", "paid")
    last = rule("field_changed", "status", "Picked", field="tags")
    (circle,) = circles("Mine", mine, [("Tag", other), ("Far", rule("created", "note", "x")), ("Pick", last)])
    assert circle.sentence == "This automation may start itself again through “Tag”, “Pick”."
    steps = [
        "Mine → payment status becomes Paid",
        "Tag → tag “paid” is added",
        "Pick → status becomes Picked",
    ]
    assert circle.chain == " → ".join([*steps, "Mine"])
    assert changes_anything(mine) and not changes_anything(rule("created"))


def test_the_longest_loop_is_found() -> None:
    """Each sets the next status, and the last one the first again."""
    round = [*STATUSES, STATUSES[0]]
    rules = [
        (f"R{place}", rule("status_changed", "status", after, to=before))
        for place, (before, after) in enumerate(pairwise(round))
    ]
    (circle,) = circles(*rules[0], rules[1:])
    assert [step.automation for step in circle.steps] == ["R0", "R1", "R2", "R3", "R4"]


def test_if_everything_starts_everything_the_shortest_loops_are_named() -> None:
    crowd = [(f"R{place}", rule("field_changed", "note", "x")) for place in range(200)]
    found = circles(*crowd[0], crowd[1:])
    assert len(found) == MOST
    assert [len(one.steps) for one in found[:2]] == [1, 2]


EDGES = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14)


@given(EDGES)
@settings(max_examples=150, deadline=None)
def test_exactly_the_loops_of_up_to_four_are_named(edges: set[tuple[int, int]]) -> None:
    """An automation per node: it listens to a status of its own, and sets those it leads to."""
    statuses = [f"s{node}" for node in range(7)]
    rules = []
    for node in range(7):
        data = rule("status_changed", to=statuses[node])
        for _, other in sorted(edge for edge in edges if edge[0] == node):
            settings = {"field": "status", "value": statuses[other]}
            data["actions"].append({"kind": "change_data", "settings": settings})
        rules.append((str(node), data))
    found = [tuple(int(step.automation) for step in one.steps) for one in circles(*rules[0], rules[1:])]
    assert all({*zip(one, [*one[1:], 0], strict=True)} <= edges for one in found)
    assert len(set(found)) == len(found) <= MOST
    wanted = {
        (0, *others)
        for size in range(ALL_UP_TO)
        for others in permutations(range(1, 7), size)
        if {*zip((0, *others), (*others, 0), strict=True)} <= edges
    }
    named = {one for one in found if len(one) <= ALL_UP_TO}
    assert named == wanted or (named < wanted and len(found) == MOST)
