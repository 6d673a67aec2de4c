"""How long judging one occurrence takes: the index beside three rule engines, on the same rules and records.

Every engine is given its best set-up of those tried and the record in the form it likes best, made outside
the clock; a loop over single expressions was 10 to 16 times slower for two of them. The engines take turns
within one run, and a sample of their answers is compared with `explain`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import datalogic_py
import rule_engine
import zen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from automations.engine.explain.explanation import explain
from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.engine.rules.rule import Condition, Rule, Trigger
from benchmarks.judge_mix import compare as compare_mix
from benchmarks.judge_mix import told as mix_told

CHOICES = {
    "status": [
        "unconfirmed",
        "confirmed",
        "picked",
        "ready",
        "with_courier",
        "out",
        "fulfilled",
        "cancelled",
    ],
    "payment_status": ["unpaid", "partially_paid", "paid", "over_paid", "refunded", "void", "expired"],
    "fulfilment_method": ["delivery", "collection", "relay"],
    "order_type": ["gift", "funeral", "corporate", "event", "subscription"],
    "source": ["till", "web", "phone", "api", "marketplace"],
}
TAGS = [f"tag {number}" for number in range(40)]
FIRST_DAY = date(2026, 1, 1)
#: Rules a person would write for the whole shop; beyond them each is for one account.
GENERAL = 1_000
SIGNS = {
    "equals": "==",
    "not_equals": "!=",
    "greater_than": ">",
    "less_than": "<",
    "at_least": ">=",
    "at_most": "<=",
}
Fired = list[int]


@dataclass
class Engine:
    """One contestant: its name, how it judges a prepared record, and how a record is prepared."""

    name: str
    judge: Callable[[Any], Fired]
    prepare: Callable[[dict[str, Any]], Any]
    records: int


# The rules and the records


def make_rule(id: int, size: int, chance: random.Random) -> Rule:
    """A rule on an order's status change: the new status, and two to four conditions."""
    trigger = Trigger("status_changed", None, chance.choice(CHOICES["status"]))
    kinds = [_choice, _choice, _choice, _money, _money, _tag, _day, _items, _account]
    parts = [chance.choice(kinds)(size, chance) for _ in range(chance.choice((2, 3, 3, 4)))]
    special = [] if id < GENERAL else [_account(size, chance)]
    return Rule(id, "order", trigger, (*special, *parts))


def make_record(size: int, chance: random.Random) -> dict[str, Any]:
    """The snapshot of an order, as plain JSON."""
    record: dict[str, Any] = {key: chance.choice(values) for key, values in CHOICES.items()}
    record["total"], record["balance_due"] = _amount(chance), _amount(chance)
    record["item_count"] = chance.randrange(1, 30)
    record["delivery_date"] = (FIRST_DAY + timedelta(chance.randrange(365))).isoformat()
    record["tags"] = chance.sample(TAGS, chance.choice((0, 0, 1, 2)))
    record["account"] = {"id": _account_id(size, chance)}
    return record


def _choice(size: int, chance: random.Random) -> Condition:
    field = chance.choice(list(CHOICES))
    return Condition(field, chance.choice(("equals",) * 5 + ("not_equals",)), chance.choice(CHOICES[field]))


def _money(size: int, chance: random.Random) -> Condition:
    field, signs = (
        chance.choice(("total", "balance_due")),
        ("greater_than", "less_than", "at_least", "at_most"),
    )
    return Condition(field, chance.choice(signs), _amount(chance))


def _tag(size: int, chance: random.Random) -> Condition:
    return Condition("tags", chance.choice(("contains", "contains", "not_contains")), chance.choice(TAGS))


def _day(size: int, chance: random.Random) -> Condition:
    day = FIRST_DAY + timedelta(chance.randrange(365))
    return Condition("delivery_date", chance.choice(("greater_than", "less_than")), day.isoformat())


def _items(size: int, chance: random.Random) -> Condition:
    sign = chance.choice(("greater_than", "less_than", "equals"))
    return Condition("item_count", sign, str(chance.randrange(1, 30)))


def _account(size: int, chance: random.Random) -> Condition:
    return Condition("account", "equals", _account_id(size, chance))


def _account_id(size: int, chance: random.Random) -> str:
    return str(chance.randrange(max(20, size // 10)))


def _amount(chance: random.Random) -> str:
    return f"{chance.randrange(500, 40_000) / 100:.2f}"


# The engines


def index_engine(rules: list[Rule], records: int) -> Engine:
    """Ours: the record as typed facts, the way `facts` gives them."""
    index = RuleIndex(rules)
    return Engine("index", index.fires, lambda record: typed(index, record), records)


def typed(index: RuleIndex, record: dict[str, Any]) -> dict[str, Any]:
    """The facts of a record whose status has just changed."""
    return OccurrenceFacts("order", "", record, to_value=record["status"]).read(index.fields)


def zen_engine(rules: list[Rule], records: int) -> Engine:
    """One compiled expression for all rules, an array of booleans; a table and a decision were slower."""
    texts = (" and ".join(_zen(part) for part in rule.parts) for rule in rules)
    expression = zen.compile_expression("[" + ",".join(f"({text})" for text in texts) + "]")
    ids = [rule.id for rule in rules]

    def judge(record: Any) -> Fired:
        return [id for id, fired in zip(ids, expression.evaluate(record), strict=True) if fired]

    return Engine("zen-engine", judge, flat, records)


def datalogic(rules: list[Rule], records: int) -> Engine:
    """One compiled rule that merges the ids of those that hold, a session and a parsed record."""
    engine = datalogic_py.Engine()
    merged = {
        "merge": [{"if": [{"and": list(map(_jsonlogic, rule.parts))}, [rule.id], []]} for rule in rules]
    }
    compiled, session = engine.compile(merged), engine.session()

    def judge(record: Any) -> Fired:
        return list(session.evaluate_data(compiled, record))

    return Engine("datalogic-py", judge, lambda record: datalogic_py.DataHandle(flat(record)), records)


def rule_engine_loop(rules: list[Rule], records: int) -> Engine:
    """One parsed rule after another: it has no other way."""
    parsed = [(rule.id, rule_engine.Rule(" and ".join(_zen(part) for part in rule.parts))) for rule in rules]
    return Engine(
        "rule-engine", lambda record: [id for id, rule in parsed if rule.matches(record)], flat, records
    )


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """A record as the other engines want it: one level, floats for amounts, a number for a day."""
    day = date.fromisoformat(record["delivery_date"]).toordinal()
    amounts = {key: float(record[key]) for key in ("total", "balance_due")}
    account = record["account"]["id"]
    return {**record, **amounts, "account": account, "delivery_date": day, "change_to": record["status"]}


def _zen(part: Any) -> str:
    if part.field == "tags":
        inside = f"{json.dumps(part.value)} in tags"
        return inside if part.operator == "contains" else f"not ({inside})"
    return f"{part.field.replace('.', '_')} {SIGNS[part.operator]} {json.dumps(_plain(part))}"


def _jsonlogic(part: Any) -> dict[str, Any]:
    if part.field == "tags":
        inside = {"in": [part.value, {"var": "tags"}]}
        return inside if part.operator == "contains" else {"!": [inside]}
    return {SIGNS[part.operator]: [{"var": part.field.replace(".", "_")}, _plain(part)]}


def _plain(part: Any) -> str | float:
    if part.field == "delivery_date":
        return date.fromisoformat(part.value).toordinal()
    return float(part.value) if part.field in ("total", "balance_due", "item_count") else part.value


# The run


def measure(size: int, quick: bool) -> dict[str, float]:
    """Microseconds per occurrence by engine for one number of rules; stops where an answer is wrong."""
    chance = random.Random(size)
    rules = [make_rule(id, size, chance) for id in range(size)]
    records = [make_record(size, chance) for _ in range(400 if quick else 2_000)]
    engines = [index_engine(rules, len(records))]
    if size <= 10_000 or not quick:
        engines += [make(rules, max(3, min(200, 200_000 // size))) for make in (zen_engine, datalogic)]
    if size <= 1_000:
        engines.append(rule_engine_loop(rules, max(2, 1_000 // size)))
    prepared = {engine.name: [engine.prepare(record) for record in records] for engine in engines}
    fired = compare(engines, prepared, rules, max(2, min(20, 20_000 // size)))
    times: dict[str, list[float]] = {engine.name: [] for engine in engines}
    for _ in range(3 if quick else 7):
        for engine in engines:
            times[engine.name].append(clock(engine.judge, prepared[engine.name][: engine.records]))
    print_row(size, fired, times)
    return {name: statistics.median(found) for name, found in times.items()}


def clock(judge: Callable[[Any], object], records: list[Any]) -> float:
    """Microseconds of CPU per record."""
    started = process_time()
    for record in records:
        judge(record)
    return (process_time() - started) / len(records) * 1e6


def compare(engines: list[Engine], prepared: dict[str, list[Any]], rules: list[Rule], sample: int) -> float:
    """Holds every engine's first answers against explain; gives how many rules fire on average."""
    total = 0
    for place in range(sample):
        found = prepared["index"][place]
        expected = [rule.id for rule in rules if explain(rule, found).fires]
        total += len(expected)
        for engine in engines:
            given = engine.judge(prepared[engine.name][place])
            if sorted(given) != expected:
                sys.exit(f"{engine.name} answers {given} for record {place}, explain {expected}.")
    return total / sample


def edits(size: int, count: int) -> list[float]:
    """Return the milliseconds of each of `count` replacements of one rule."""
    chance = random.Random(7)
    index = RuleIndex(make_rule(id, size, chance) for id in range(size))
    taken = []
    for _ in range(count):
        rule = make_rule(chance.randrange(size), size, chance)
        started = perf_counter()
        index.replace(rule)
        taken.append((perf_counter() - started) * 1e3)
    return sorted(taken)


def reading() -> float:
    """Microseconds to read the typed facts of one record."""
    chance = random.Random(3)
    index = RuleIndex(make_rule(id, 1_000, chance) for id in range(1_000))
    return clock(
        lambda record: list(typed(index, record)), [make_record(1_000, chance) for _ in range(2_000)]
    )


def print_row(size: int, fired: float, times: dict[str, list[float]]) -> None:
    """One line of the table: the median, and in brackets the best and worst repeat."""
    cells = (
        f"{statistics.median(found):>11,.1f} ({min(found):,.1f}–{max(found):,.1f})"
        for found in times.values()
    )
    named = "  ".join(f"{name} {cell.strip()}" for name, cell in zip(times, cells, strict=True))
    print(f"{size:>7,} rules, {fired:5.1f} fire  {named}", flush=True)


def main() -> None:
    """Prints the table and, as the last line, the numbers to keep as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer records and repeats, and no other engine at 100,000 rules"
    )
    quick = parser.parse_args().quick
    print(f"µs of CPU per occurrence, median (best–worst) of {3 if quick else 7} repeats, engines in turn")
    print(
        f"load average {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors, Python {sys.version.split()[0]}"
    )
    found = {size: measure(size, quick) for size in (10, 100, 1_000, 10_000, 100_000)}
    mixed = {
        size: compare_mix(make_rule, make_record, size, 400 if quick else 2_000) for size in (1_000, 10_000)
    }
    for size, row in mixed.items():
        print(mix_told(size, row))
    taken = edits(10_000, 200)
    print(f"reading the facts of a record: {reading():.1f} µs more, whatever the number of rules")
    print(
        f"replacing one of 10,000 rules: median {statistics.median(taken):.3f} ms, worst {taken[-1]:.3f} ms"
    )
    print(f"load average {os.getloadavg()[0]:.2f}")
    peers = {
        size: min(found[size][name] for name in found[size] if name != "index") for size in (1_000, 10_000)
    }
    result = {
        "speedup_1000": round(peers[1_000] / found[1_000]["index"], 1),
        "speedup_10000": round(peers[10_000] / found[10_000]["index"], 1),
        "growth_1000_to_100000": round(found[100_000]["index"] / found[1_000]["index"], 2),
        "edit_ms_10000": round(statistics.median(taken), 3),
        "mix_us_10000": round(mixed[10_000]["with"], 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
