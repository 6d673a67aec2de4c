"""Fields that depend on each other: no false alarm over drawn records, and what is plain is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.engine.checks.proof_search import ProofAnswer
from automations.engine.checks.proofs import Never, Proof
from automations.engine.explain.explanation import explain
from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Condition, Group, LineGroup, Node, Rule, Trigger
from tests.engine import strategies
from tests.engine.checks.test_proofs_are_found import DATE, group, lines, rule
from tests.engine.checks.test_proofs_are_sound import (
    TODAY,
    Facts,
    as_related,
    complete,
    node_at,
    some_facts,
    without,
)

#: By subject, fields that hang together.
RELATED = {
    "order": [
        ["total", "amount_paid", "balance_due", "amount_refunded"],
        ["delivery_date", "storage_until", "placed_at", "now.weekday"],
        ["item_count"],
    ],
    "event": [["total", "amount_paid", "balance_due"], ["event_date", "now.weekday"]],
    "customer": [["order_count", "total_spent", "last_order_date"]],
}
NEVER = [
    rule("total at_most 50", "amount_paid at_least 50", "balance_due greater_than 0"),
    rule("total equals 50", "amount_paid equals 20", "balance_due not_equals 30"),
    rule("amount_paid at_least 50", group("none", "total at_least 50"), "balance_due greater_than 0"),
    rule("total less_than 0.001", "amount_paid at_least 0", "balance_due greater_than 0"),
    rule("total at_least 50", "amount_paid at_most 50", "balance_due less_than 0"),
    rule(
        "total equals 50",
        "amount_paid equals 80",
        "amount_refunded equals 10",
        "balance_due greater_than -20",
    ),
    rule(
        "amount_refunded at_least 30", "total equals 50", "amount_paid at_most 80", "balance_due less_than 0"
    ),
    rule("item_count less_than 3", "item_count greater_than 2.999"),
    rule(
        "delivery_date at_least 2026-12-02",
        "delivery_date within_last 3",
        "storage_until at_most 2026-11-20",
        "storage_until within_next 3",
    ),
    rule("delivery_date equals 2026-12-01", "delivery_date within_next 0", "now.weekday equals monday"),
    rule(
        "placed_at less_than 2026-11-24T10:00:00Z",
        "placed_at within_last 2",
        "delivery_date greater_than 2026-11-30",
        "delivery_date within_last 1",
    ),
    rule("delivery_date is_today", "delivery_date after_today"),
    rule("delivery_date in_exactly 3 months", "delivery_date within_next 85"),
    rule("delivery_date within_last 2 weeks", "delivery_date exactly_ago 1 month"),
    rule("delivery_date equals 2026-12-31", "delivery_date is_today", "now.weekday equals monday"),
    rule(
        "delivery_date equals 2026-12-31",
        "storage_until is_today",
        "storage_until at_most 2026-11-30",
        "delivery_date is_yesterday",
    ),
]
POSSIBLE = [
    rule("total at_most 50", "amount_paid at_least 50", "balance_due at_most 0"),
    rule("total equals 50", "amount_paid equals 20", "balance_due equals 30"),
    rule("balance_due greater_than 0", "amount_paid greater_than 0"),
    rule("amount_paid at_least 50", group("none", "total at_least 50"), "balance_due at_least 0"),
    rule("total less_than 0"),
    rule("item_count at_least 4", lines("any", "line.category equals roses")),
    rule("item_count equals 0", lines("any", "line.category equals roses")),
    rule("item_count less_than 3", lines("any", "line.quantity at_least 5")),
    rule("item_count less_than 0", lines("any", "line.quantity less_than 0")),
    rule("item_count greater_than 2", "item_count less_than 3"),
    rule("total equals 50", "amount_paid equals 80", "amount_refunded equals 10", "balance_due equals -20"),
    rule("total equals 50", "amount_paid equals 80", "amount_refunded equals 40", "balance_due equals 0"),
    rule("amount_refunded greater_than 0", "balance_due less_than 0"),
    rule("delivery_date equals 2026-12-01", "delivery_date within_next 0", "now.weekday equals tuesday"),
    rule("delivery_date within_next 3", "storage_until within_last 3", "placed_at within_last 7"),
    rule("delivery_date within_next 3", trigger="date_reached", schedule=DATE),
    rule("delivery_date in_exactly 3 months", "delivery_date within_next 92"),
    rule("delivery_date is_tomorrow", "storage_until is_yesterday", "placed_at before_today"),
    rule(
        "delivery_date in_exactly 1 month", "storage_until exactly_ago 2 years", "now.weekday equals friday"
    ),
]


def customers(*conditions: Condition) -> Rule:
    return Rule(1, "customer", Trigger("field_changed"), conditions)


COUNT, RECENT = Condition("order_count", "less_than", "1"), Condition("last_order_date", "within_last", "30")
SPENT = Condition("total_spent", "greater_than", "0")


@pytest.mark.parametrize("judged", [*NEVER, customers(COUNT, RECENT), customers(COUNT, SPENT)])
def test_what_cannot_be_together_is_found(judged: Rule) -> None:
    never = Proof(judged).never()
    assert never is not None and not never.trigger and not never.passed
    for path in never.conditions if len(never.conditions) > 1 else ():
        kept = tuple(node_at(judged, one) for one in never.conditions if one != path)
        assert Proof(replace(judged, conditions=kept)).never() is None


@pytest.mark.parametrize("judged", [*POSSIBLE, customers(RECENT, SPENT)])
def test_what_can_be_together_has_an_example_that_adds_up(judged: Rule) -> None:
    example = Proof(judged, today=TODAY).example()
    assert not isinstance(example, ProofAnswer)
    facts = complete(judged.subject, example)
    assert explain(judged, facts).fires
    if "balance_due" in example:
        assert as_related(judged.subject, facts)["balance_due"] == facts["balance_due"]


def test_a_day_that_is_over_never_comes_again() -> None:
    judged = rule("delivery_date less_than 2026-11-20", "delivery_date within_next 3", "total greater_than 9")
    assert Proof(judged).never() is None
    assert Proof(judged, today=date(2026, 11, 16)).never() is None
    assert Proof(judged, today=TODAY).never() == Never(((0,), (1,)), trigger=False, passed=True)


def test_what_follows_from_two_others_says_nothing_new() -> None:
    judged = rule("total at_least 50", "amount_paid at_most 20", "balance_due at_least 30")
    assert [idle.condition for idle in Proof(judged).idle()] == [(2,)]


@pytest.mark.parametrize("subject", sorted(RELATED))
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_proven_about_related_fields_holds_for_every_record(
    subject: str, data: st.DataObject
) -> None:
    judged = data.draw(rules(subject))
    today = data.draw(st.none() | st.just(TODAY))
    proof = Proof(judged, today=today)
    found = [record(data, subject, today) for _ in range(10)]
    if (never := proof.never()) is not None:
        core = replace(judged, conditions=tuple(node_at(judged, path) for path in never.conditions))
        assert not any(explain(core, facts).fires for facts in found)
        return
    example = proof.example()
    if not isinstance(example, ProofAnswer):
        assert explain(judged, complete(subject, example)).fires
    for idle in proof.idle():
        way = without(judged, [idle])
        assert all(explain(judged, facts).fires is explain(way, facts).fires for facts in found)


@st.composite
def rules(draw: st.DrawFn, subject: str) -> Rule:
    """A rule about fields that hang together, close enough that they often exclude each other."""
    entry = SUBJECTS[subject]
    keys = draw(st.sampled_from(RELATED[subject]))
    leaf: st.SearchStrategy[Node] = st.one_of(
        strategies.condition(entry.fields[key], operator)
        for key in keys
        for operator in entry.operators_for(entry.fields[key])
    )
    if "item_count" in keys:
        quantity = entry.line_fields["line.quantity"]
        some = st.one_of(strategies.condition(quantity, one) for one in entry.operators_for(quantity))
        leaf |= st.builds(LineGroup, st.sampled_from(["any", "all", "none"]), st.tuples(some))
    inner = st.lists(leaf, min_size=1, max_size=2).map(tuple)
    nodes = st.lists(leaf | leaf | st.builds(Group, st.sampled_from(["any", "none"]), inner), max_size=4)
    return Rule(1, subject, Trigger("field_changed"), tuple(draw(nodes)))


def record(data: st.DataObject, subject: str, today: date | None) -> Facts:
    keys = frozenset(key for keys in RELATED[subject] for key in keys)
    facts = data.draw(some_facts(subject, keys))
    now = (today or TODAY) + timedelta(data.draw(st.integers(0, 9)) - (0 if today else 5))
    facts |= as_related(subject, facts, now, data.draw(st.sampled_from([-12, 0, 14])))
    return facts | {"now.weekday": list(WEEKDAYS)[now.weekday()]}
