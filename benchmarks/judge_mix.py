"""What groups, lines and customers cost the index: the same rules with and without them."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import process_time
from typing import Any

from automations.engine.explain.explanation import explain
from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.engine.rules.rule import Condition, Group, LineGroup, Node, Rule

CATEGORIES = [f"Category {number}" for number in range(30)]
CUSTOMER_TAGS = [f"group {number}" for number in range(20)]
#: Of the rules, how many have one of each.
SHARES = {"an or-group": 0.3, "a condition on lines": 0.1, "one on the customer": 0.1}

MakeRule = Callable[[int, int, random.Random], Rule]
MakeRecord = Callable[[int, random.Random], dict[str, Any]]


def mixed_rule(rule: Rule, chance: random.Random) -> Rule:
    """The same rule, where chance has it with an or-group of its last two conditions and with more."""
    conditions = rule.conditions
    groups, lines, customers = (chance.random() < share for share in SHARES.values())
    if groups:
        conditions = (*conditions[:-2], _either(conditions[-2:], chance))
    if lines:
        conditions += (_line(chance),)
    if customers:
        conditions += (_customer(chance),)
    return replace(rule, conditions=conditions)


def mixed_record(record: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same record with one to four lines and a customer."""
    lines = [
        {"category": chance.choice(CATEGORIES), "quantity": chance.randrange(1, 6)}
        for _ in range(chance.randrange(1, 5))
    ]
    tags = chance.sample(CUSTOMER_TAGS, chance.choice((0, 1, 2)))
    return {**record, "lines": lines, "customer": {"tags": tags, "marketing_consent": chance.random() < 0.5}}


def compare(make_rule: MakeRule, make_record: MakeRecord, size: int, records: int) -> dict[str, float]:
    """Microseconds of CPU per record with and without, to judge and to read; stops at a wrong answer."""
    chance = random.Random(size)
    plain = [make_rule(id, size, chance) for id in range(size)]
    mixed = [mixed_rule(rule, chance) for rule in plain]
    given = [mixed_record(make_record(size, chance), chance) for _ in range(records)]
    found = {}
    for name, rules in (("without", plain), ("with", mixed)):
        index = RuleIndex(rules)
        started = process_time()
        known = [_facts(index, record) for record in given]
        found[f"reading {name}"] = (process_time() - started) / records * 1e6
        _check(index, rules, known[: max(2, min(20, 20_000 // size))])
        found[name] = min(_clock(index, known) for _ in range(5))
        found[f"fire {name}"] = sum(len(index.fires(one)) for one in known) / records
    return found


def told(size: int, found: Mapping[str, float]) -> str:
    """One line of the table."""
    mix = ", ".join(f"{share:.0%} with {what}" for what, share in SHARES.items())
    without, mixed = (
        f"{found[name]:,.1f} µs ({found[f'reading {name}']:,.1f} to read, {found[f'fire {name}']:.1f} fire)"
        for name in ("without", "with")
    )
    return f"{size:>7,} rules: {without} as above; {mixed} with the mix ({mix})"


def _either(conditions: tuple[Node, ...], chance: random.Random) -> Group:
    return Group(chance.choice(("any", "any", "none")), conditions)


def _line(chance: random.Random) -> LineGroup:
    category = Condition("line.category", "equals", chance.choice(CATEGORIES))
    quantity = Condition("line.quantity", "at_least", str(chance.randrange(1, 6)))
    lines = chance.choice(("any", "any", "any", "none", "all"))
    return LineGroup(lines, (category, quantity) if chance.random() < 0.5 else (category,))


def _customer(chance: random.Random) -> Condition:
    if chance.random() < 0.5:
        return Condition("customer.marketing_consent", "equals", chance.choice(("yes", "no")))
    return Condition("customer.tags", "contains", chance.choice(CUSTOMER_TAGS))


def _facts(index: RuleIndex, record: Mapping[str, Any]) -> dict[str, Any]:
    return OccurrenceFacts("order", "", record, to_value=record["status"]).read(index.fields)


def _clock(index: RuleIndex, known: list[dict[str, Any]]) -> float:
    started = process_time()
    for one in known:
        index.fires(one)
    return (process_time() - started) / len(known) * 1e6


def _check(index: RuleIndex, rules: list[Rule], known: list[dict[str, Any]]) -> None:
    for one in known:
        expected = [rule.id for rule in rules if explain(rule, one).fires]
        if index.fires(one) != expected:
            sys.exit(f"The index answers {index.fires(one)}, explain {expected}.")
