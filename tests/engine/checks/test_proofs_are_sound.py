"""No false alarm: what is proven about a rule holds for every record that is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.engine.checks.proof_search import ProofAnswer
from automations.engine.checks.proofs import Idle, Path, Proof
from automations.engine.explain.explanation import explain
from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.fields.subject import CHANGE_FIELDS, CHANGE_FROM, CHANGE_TO
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.distances import MEASURES
from automations.engine.operators.value_types import Lines, Value
from automations.engine.rules.rule import Condition, Group, Node, Rule, Trigger
from tests.engine import strategies

Facts = dict[str, Value | None]
TODAY = date(2026, 11, 24)
#: Triggers with a status, with a changed field, and with no change at all.
TRIGGERS = [
    ("order", "payment_status_changed"),
    ("order", "field_changed"),
    ("order", "created"),
    ("event", "status_changed"),
    ("customer", "created"),
]


@pytest.mark.parametrize(("subject", "trigger"), TRIGGERS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_proven_holds_for_every_record(subject: str, trigger: str, data: st.DataObject) -> None:
    rule = data.draw(crowded_rules(subject, trigger))
    proof = Proof(rule)
    if (never := proof.never()) is not None:
        core = replace(rule, conditions=tuple(node_at(rule, path) for path in never.conditions))
        for facts in records(data, rule):
            assert not explain(core, facts).fires
        return
    example = proof.example()
    if not isinstance(example, ProofAnswer):
        assert explain(rule, complete(subject, example)).fires
    idle = proof.idle()
    if not idle:
        return
    ways = [without(rule, [one]) for one in idle] + [without(rule, idle)] * bool(idle)
    for facts in records(data, rule):
        for way in ways:
            assert explain(rule, facts).fires is explain(way, facts).fires
        for one in idle:
            if one.why == "always" and not one.trigger:
                assert explain(alone(rule, one.condition), facts).fires


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_rule_that_is_said_to_fire_with_another_does(data: st.DataObject) -> None:
    first = data.draw(crowded_rules("order", "payment_status_changed"))
    second = data.draw(crowded_rules("order", "payment_status_changed"))
    pair = Proof(first), Proof(second)
    implied, apart = pair[0].implies(pair[1]), pair[0].never_with(pair[1])
    for facts in records(data, first) if implied or apart else ():
        fired = explain(first, facts).fires, explain(second, facts).fires
        assert not implied or fired[1] or not fired[0]
        assert not (apart and all(fired))


@st.composite
def crowded_rules(draw: st.DrawFn, subject: str, trigger: str) -> Rule:
    """A rule whose conditions are about so few fields that they often meet."""
    fields = [SUBJECTS[subject].fields[key] for key in strategies.CROWDED[subject][:3]]
    if subject != "customer":
        fields += [SUBJECTS[subject].fields["payment_status"], SUBJECTS[subject].fields["now.weekday"]]
    leaf: st.SearchStrategy[Node] = st.one_of(
        strategies.condition(field, operator)
        for field in draw(st.lists(st.sampled_from(fields), min_size=1, max_size=2))
        for operator in SUBJECTS[subject].operators_for(field)
    )
    if SUBJECTS[subject].line_fields:
        leaf = leaf | leaf | strategies.line_groups(subject)
    group = st.builds(
        Group, st.sampled_from(["any", "all", "none"]), st.lists(leaf, min_size=1, max_size=3).map(tuple)
    )
    nodes = draw(st.lists(leaf | leaf | group, max_size=4) | st.lists(strategies.nodes(subject), max_size=3))
    return Rule(1, subject, draw(strategies.triggers(subject, trigger)), tuple(nodes))


def records(data: st.DataObject, rule: Rule, count: int = 12) -> list[Facts]:
    """Draw facts as the pipeline would have them for this trigger."""
    few = {*strategies.CROWDED[rule.subject], *rule.fields, "payment_status", "status"}
    drawn = data.draw(st.lists(some_facts(rule.subject, frozenset(few)), min_size=count, max_size=count))
    return [real for facts in drawn if (real := as_recorded(rule, facts)) is not None]


@cache
def some_facts(subject: str, keys: frozenset[str]) -> st.SearchStrategy[Facts]:
    """Facts of these keys and their sides; all others are missing."""
    fields = SUBJECTS[subject].fields
    drawn: dict[str, st.SearchStrategy[Value | None]] = {}
    for field in (fields[key] for key in sorted(keys & fields.keys())):
        drawn[field.key] = strategies.values(field.type)
        if field.type == "choice":
            drawn |= {f"{field.key}@{side}": strategies.values("choice") for side in ("from", "to")}
    drawn[CHANGE_FROM] = strategies.values("choice")
    drawn[CHANGE_FIELDS] = st.sampled_from([None, frozenset({"status"}), frozenset({"note", "total"})])
    plain = st.fixed_dictionaries(drawn).map(lambda facts: complete(subject, facts))
    return st.builds(lambda known, lines: known | lines, plain, strategies.lines(subject))


def as_recorded(rule: Rule, facts: Facts) -> Facts | None:
    """Return the facts with what the pipeline guarantees, None for a change that is none."""
    subject = SUBJECTS[rule.subject]
    kind = subject.triggers[rule.trigger.key]
    facts = facts | {"now.weekday": list(WEEKDAYS)[len(str(facts)) % 7], "now.working_time": "yes"}
    facts["now.time"] = facts["now.time"] or time(12)
    for key, field in subject.fields.items():
        if field.type == "choice":
            before, after = facts[f"{key}@from"], facts[f"{key}@to"]
            updates = bool(kind.needs_field or kind.watches)
            facts[f"{key}@to"] = (
                facts[key] if updates and after is not None and before != facts[key] else None
            )
            facts[f"{key}@from"] = before if facts[f"{key}@to"] is not None else None
    facts |= as_related(rule.subject, facts)
    if kind.named:
        status = kind.watches[0]
        before, after = facts[CHANGE_FROM], facts[status]
        if before == after:
            return None
        facts |= {CHANGE_TO: after, f"{status}@from": before, f"{status}@to": after}
    elif not kind.segment:
        facts |= {CHANGE_FROM: None, CHANGE_TO: None}
    return facts


def as_related(subject: str, facts: Facts, today: date = TODAY, hours: int = 0) -> Facts:
    """Return the facts that follow from others as the pipeline computes them, `hours` east of Greenwich."""
    found: Facts = {}
    for key, field in SUBJECTS[subject].fields.items():
        if field.type in ("date", "datetime"):
            found |= distances(key, facts[key], today, hours)
    if "balance_due" in facts:
        total, paid = facts["total"] or Decimal(0), facts["amount_paid"] or Decimal(0)
        assert isinstance(total, Decimal) and isinstance(paid, Decimal)
        refunded = abs(Decimal(str(facts.get("amount_refunded") or 0)))
        due = total - paid if paid <= total else min(Decimal(0), total - paid + refunded)
        found |= {"total": total, "amount_paid": paid, "balance_due": due}
        if "amount_refunded" in facts:
            found["amount_refunded"] = refunded
    if "line.quantity" in facts:
        quantities = [
            round(one, 3) if isinstance(one, Decimal) else Decimal(1) for one in facts["line.quantity"] or ()
        ]
        found |= {"line.quantity": Lines(quantities), "item_count": sum(quantities, Decimal(0))}
    if "order_count" in facts:
        count = abs(int(str(facts["order_count"] or 0).partition(".")[0].partition("E")[0]))
        last = facts["last_order_date"] or TODAY
        found |= {"order_count": Decimal(count), "last_order_date": last if count else None}
        found |= distances("last_order_date", last if count else None, today, hours)
        found["total_spent"] = facts["total_spent"] if count else Decimal(0)
    return found


def distances(key: str, value: Value | None, today: date, hours: int) -> Facts:
    """Return how far a date is from today, by each measure."""
    if isinstance(value, datetime):
        zone = timezone(timedelta(hours=hours))
        value = value.astimezone(zone).date() if 1 < value.year < 9999 else value.date()
    return {
        f"{key}@{each}": measure(value, today) if isinstance(value, date) else None
        for each, measure in MEASURES.items()
    }


def complete(subject: str, facts: dict[str, Any]) -> Facts:
    """Return an example with every other fact missing."""
    entry = SUBJECTS[subject]
    keys = [*entry.fields, *(f"{key}@{side}" for key in entry.fields for side in ("from", "to", "days"))]
    return dict.fromkeys([*keys, CHANGE_FROM, CHANGE_TO, CHANGE_FIELDS]) | facts


def node_at(rule: Rule, path: Path) -> Node:
    node: Node = Group("all", rule.conditions)
    for step in path:
        assert isinstance(node, Group)
        node = node.conditions[step]
    return node


def alone(rule: Rule, path: Path) -> Rule:
    """Return a rule with this one condition, for any change."""
    return replace(rule, trigger=Trigger(rule.trigger.key), conditions=(node_at(rule, path),))


def without(rule: Rule, idle: list[Idle]) -> Rule:
    gone = {one.condition for one in idle}
    return replace(rule, conditions=left(rule.conditions, (), gone))


def left(nodes: tuple[Node, ...], path: Path, gone: set[Path]) -> tuple[Node, ...]:
    kept: list[Node] = []
    for place, node in enumerate(nodes):
        here = (*path, place)
        if here not in gone:
            kept.append(
                replace(node, conditions=left(node.conditions, here, gone))
                if isinstance(node, Group)
                else node
            )
    return tuple(kept)


def test_conditions_are_named_by_their_place() -> None:
    paid, total = Condition("payment_status", "equals", "paid"), Condition("total", "greater_than", "40")
    rule = Rule(1, "order", Trigger("created"), (paid, Group("any", (paid, total))))
    assert Proof(rule).node((1, 1)) == total
