"""Not toothless: what a manager would see at a glance has to be found."""

from __future__ import annotations

from typing import Any

import pytest

from automations.engine.checks.proof_search import ProofAnswer
from automations.engine.checks.proofs import Idle, Never, Proof
from automations.engine.rules.rule import Rule, rule_from

Data = dict[str, Any]


def cond(text: str) -> Data:
    """Return the condition of "field operator value|value"."""
    field, operator, *rest = text.split(" ", 2)
    values = rest[0].split("|") if rest else []
    return {"field": field, "operator": operator, "value": values if len(values) > 1 else "".join(values)}


def group(match: str, *inner: str | Data) -> Data:
    return {"match": match, "conditions": [cond(one) if isinstance(one, str) else one for one in inner]}


def lines(match: str, *inner: str) -> Data:
    return {"match": "line", "lines": match, "conditions": [cond(one) for one in inner]}


def rule(*conditions: str | Data, trigger: str = "status_changed", **more: Any) -> Rule:
    nodes = [cond(one) if isinstance(one, str) else one for one in conditions]
    return rule_from(1, {"subject": "order", "trigger": {"key": trigger, **more}, "conditions": nodes})


STAYS = {"status_field": "status", "status": "confirmed", "amount": 20, "unit": "days"}
DATE = {"field": "delivery_date", "direction": "before", "amount": 1, "unit": "days"}

NEVER = [
    rule("status equals picked", "status equals cancelled"),
    rule("status equals picked", "status not_equals picked"),
    rule("status is_one_of picked|paid", "status is_none_of paid|picked|done"),
    rule("total greater_than 60", "total less_than 40"),
    rule("total greater_than 40", "total at_most 40"),
    rule("total between 10|20", "total between 30|40"),
    rule("delivery_date greater_than 2026-11-24", "delivery_date less_than 2026-11-25"),
    rule("delivery_date is_empty", "delivery_date within_next 3"),
    rule("placed_at less_than 2026-11-24T10:00:00Z", "placed_at at_least 2026-11-24T10:00:00Z"),
    rule("now.time between 22:00|06:00", "now.time equals 12:00"),
    rule("now.weekday is_none_of monday|tuesday|wednesday|thursday|friday|saturday|sunday"),
    rule("now.working_time equals yes", "now.working_time equals no"),
    rule("note is_empty", "note contains card"),
    rule("note equals red rose", "note not_contains Rose"),
    rule("note contains red roses", "note not_contains ROSE"),
    rule("note starts_with red", "note starts_with blue"),
    rule("note starts_with red", "note equals a red rose"),
    rule("tags contains VIP", "tags not_contains vip"),
    rule("tags is_one_of a|b", "tags is_none_of A|B|c"),
    rule("tags is_empty", "tags is_not_empty"),
    rule(group("any", "status equals a", "status equals b"), group("none", "status is_one_of a|b")),
    rule(group("none", "status equals a"), "status equals a"),
    rule(group("all", "total greater_than 9", group("any", "total less_than 5", "total equals 9"))),
    rule(lines("all", "line.category equals flowers"), lines("any", "line.category equals cards")),
    rule(lines("any", "line.quantity greater_than 5", "line.quantity less_than 3")),
    rule(lines("any", "line.name equals rose"), lines("none", "line.name contains ROSE")),
    # With this trigger:
    rule("status equals cancelled", to="picked"),
    rule("status equals picked", **{"from": "picked"}),
    rule("status changed_to cancelled", to="picked"),
    rule("status changed_from confirmed", trigger="created"),
    rule("status changed_to confirmed", trigger="scheduled"),
    rule("delivery_status equals booked", trigger="carrier_changed", to="delivered"),
    rule("status equals picked", trigger="field_changed", field="status", to="cancelled"),
    rule("status equals cancelled", trigger="stays_in_status", schedule=STAYS),
    rule("delivery_date is_empty", trigger="date_reached", schedule=DATE),
    rule(to="picked", **{"from": "picked"}),
]
POSSIBLE = [
    rule("status equals picked", "payment_status equals cancelled"),
    rule("total greater_than 40", "total less_than 60"),
    rule("status changed_from confirmed", trigger="field_changed"),
    rule("tags contains vip", "tags contains trade", "tags not_contains late"),
    rule("note contains red", "note not_contains rose", "note starts_with Please"),
    rule(
        lines("any", "line.name equals a"),
        lines("any", "line.name equals b"),
        lines("none", "line.sku equals c"),
    ),
    rule(lines("all", "line.quantity greater_than 1")),
    rule("delivery_date within_next 3", "now.weekday equals monday", "now.time between 22:00|06:00"),
    rule("payment_status changed_from unpaid", "status equals picked", to="picked"),
    rule("status equals cancelled", to="cancelled", **{"from": "picked"}),
]
SAYS_NOTHING = [
    (rule("total greater_than 40", "total greater_than 60"), [Idle((0,), "said", (1,))]),
    (rule("total greater_than 60", "total greater_than 40"), [Idle((1,), "said", (0,))]),
    (rule("status equals a", "status equals a"), [Idle((1,), "said", (0,))]),
    (rule("status is_one_of a|b", "status equals a"), [Idle((0,), "said", (1,))]),
    (rule("status equals a", "status is_not_empty"), [Idle((1,), "said", (0,))]),
    (rule("note contains red rose", "note contains Red"), [Idle((1,), "said", (0,))]),
    (rule("tags contains vip", "tags is_one_of VIP|trade"), [Idle((1,), "said", (0,))]),
    (rule("status equals picked", to="picked"), [Idle((0,), "always", trigger=True)]),
    (rule("status not_equals picked", **{"from": "picked"}), [Idle((0,), "always", trigger=True)]),
    (
        rule("status equals confirmed", trigger="stays_in_status", schedule=STAYS),
        [Idle((0,), "always", trigger=True)],
    ),
    (
        rule(group("any", "total greater_than 40", "total at_most 40", "total is_empty")),
        [Idle((0,), "always")],
    ),
    (
        rule("now.weekday is_one_of monday|tuesday|wednesday|thursday|friday|saturday|sunday"),
        [Idle((0,), "always")],
    ),
    (rule(group("any", "total greater_than 40", "total greater_than 60")), [Idle((0, 1), "said", (0, 0))]),
    (
        rule(group("any", "status equals a", group("all", "total equals 1", "total equals 2"))),
        [Idle((0, 1), "never")],
    ),
    (rule(group("any", "status equals a", "status equals b"), to="a"), [Idle((0,), "always", trigger=True)]),
    (
        rule("total greater_than 40", group("any", "total greater_than 30", "note is_empty")),
        [Idle((1,), "said", (0,))],
    ),
]
#: The draft, the other, and whether each fires whenever the other does.
PAIRS = [
    (rule("total greater_than 40"), rule("total greater_than 40.00"), True, True),
    (rule("total greater_than 60"), rule("total greater_than 40"), True, False),
    (rule("status equals paid"), rule(to="paid"), True, True),
    (rule("tags contains VIP", "note is_empty"), rule("note is_empty", "tags contains vip"), True, True),
    (rule("status is_one_of a|b"), rule(group("any", "status equals b", "status equals a")), True, True),
    (rule("status not_equals a"), rule(group("none", "status equals a")), True, True),
    (rule("total between 1|9"), rule("total at_least 1", "total at_most 9"), True, True),
    (rule("status equals a"), rule("status equals b"), False, False),
    (rule("note contains a"), rule("note contains b"), False, False),
]


@pytest.mark.parametrize("judged", NEVER)
def test_what_can_never_fire_is_found(judged: Rule) -> None:
    assert Proof(judged).never() is not None


@pytest.mark.parametrize("judged", POSSIBLE)
def test_what_can_fire_has_an_example(judged: Rule) -> None:
    assert Proof(judged).never() is None
    assert not isinstance(Proof(judged).example(), ProofAnswer)


@pytest.mark.parametrize(("judged", "idle"), SAYS_NOTHING)
def test_a_condition_that_says_nothing_is_found(judged: Rule, idle: list[Idle]) -> None:
    assert Proof(judged).idle() == idle


@pytest.mark.parametrize(("draft", "other", "there", "back"), PAIRS)
def test_rules_with_one_meaning_are_found(draft: Rule, other: Rule, there: bool, back: bool) -> None:
    assert (Proof(draft).implies(Proof(other)), Proof(other).implies(Proof(draft))) == (there, back)


def test_only_the_conditions_that_exclude_each_other_are_blamed() -> None:
    judged = rule(
        "total greater_than 40", "status equals a", "note is_empty", group("all", "status equals b")
    )
    assert Proof(judged).never() == Never(((1,), (3, 0)), trigger=False)
    assert Proof(rule("total greater_than 40", "status equals a", to="b")).never() == Never(
        ((1,),), trigger=True
    )
    assert Proof(rule("status changed_from a", trigger="created")).never() == Never(((0,),), trigger=True)


def test_two_rules_that_exclude_each_other_are_told_from_two_that_do_not() -> None:
    paid, unpaid, large = rule(to="paid"), rule(to="unpaid"), rule("total greater_than 40")
    assert Proof(paid).never_with(Proof(unpaid))
    assert not Proof(paid).never_with(Proof(large))


def test_a_hundred_conditions_are_answered_or_left_open() -> None:
    many = [group("any", *(f"total equals {n}{m}" for m in range(4))) for n in range(10, 35)]
    assert Proof(rule(*many)).never() is not None or Proof(rule(*many)).example() is ProofAnswer.UNKNOWN
    differing = [group("any", f"total equals {n}", f"tags contains t{n}") for n in range(50)]
    assert Proof(rule(*differing)).never() is None
