"""Which rules fire: an index that intersects one set of rules per field instead of evaluating each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from automations.engine.fields.subject import Field
from automations.engine.index.alternatives import Alternative, Check, alternatives
from automations.engine.index.bitset import slots_of
from automations.engine.index.equality_column import EqualityColumn, Tagged
from automations.engine.index.ordered_column import OrderedColumn
from automations.engine.operators.operators import Compare
from automations.engine.operators.value_types import ORDERED, ForeignAmount, Needed, Value
from automations.engine.rules.rule import Rule
from automations.engine.rules.typed_rule import TypedPart, holds, looked_at, typed_nodes

#: A fact, the comparison to make, and the value to compare it with.
Doubt = tuple[str, Compare, Needed | None]


class RuleIndex:
    """The live rules of one subject and one trigger, indexed so that evaluating many is cheap.

    Each rule has a slot for each of its alternatives; each field in use has a column that returns the slots a
    value satisfies. Where a column is inexact, the rule's own comparisons decide for the few slots that are
    left; so do the conditions and groups that no column can hold.
    """

    def __init__(self, rules: Iterable[Rule] = (), custom: Mapping[str, Field] | None = None) -> None:
        #: The store's custom fields by key, for the rules added from now on.
        self.custom = custom
        self._rules: dict[int, Rule] = {}
        self._slots: dict[int, list[tuple[int, Alternative]]] = {}
        self._ids: list[int] = []
        self._doubts: list[tuple[Doubt, ...]] = []
        self._checks: list[tuple[Check, ...]] = []
        self._spare: list[int] = []
        self._taken = 0
        self._users: Counter[str] = Counter()
        self._checked: Counter[str] = Counter()
        #: What `fields` returns, until a rule comes or goes.
        self._fields: frozenset[str] | None = None
        self._keyed: dict[str, EqualityColumn] = {}
        self._lines: dict[str, OrderedColumn] = {}
        for rule in rules:
            self.add(rule)

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._rules

    @property
    def fields(self) -> frozenset[str]:
        """The keys of the facts that its rules need; pass them to `OccurrenceFacts.read`."""
        if self._fields is None:
            self._fields = frozenset(self._users) | frozenset(self._checked)
        return self._fields

    def using(self, field: str) -> list[int]:
        """Return the sorted ids of the rules that need a fact and so fail if it can't be read."""
        return sorted(rule.id for rule in self._rules.values() if field in rule.fields)

    def fires(self, facts: Mapping[str, Value | None]) -> list[int]:
        """Return the sorted ids of the rules that fire; `facts` as returned by `subjects.facts`."""
        slots, fact, doubts, checks = self._taken, facts.get, self._doubts, self._checks
        for key, column in self._keyed.items():
            slots &= column[fact(key)]
        for key, line in self._lines.items():
            if not slots:
                return []
            slots &= line.find(fact(key))
        fired = []
        for slot in slots_of(slots):
            for field, compare, needed in doubts[slot]:
                # Columns are exact for missing values.
                actual = fact(field)
                if actual is not None and not compare(actual, needed):
                    break
            else:
                if not checks[slot] or all(holds(node, facts) is wanted for node, wanted in checks[slot]):
                    fired.append(self._ids[slot])
        return sorted(fired if len(self._rules) == len(self._ids) else set(fired))

    def possible(self, facts: Mapping[str, Value | None]) -> list[int]:
        """Return the sorted ids of the rules that fire, or would if their foreign amounts were compared.

        It may name more rules than that, so each is then evaluated alone.
        """
        slots = self._taken
        for key, column in self._keyed.items():
            slots &= column[facts.get(key)]
        for key, line in self._lines.items():
            fact = facts.get(key)
            if not isinstance(fact, ForeignAmount):
                slots &= line.find(fact)
        return sorted({self._ids[slot] for slot in slots_of(slots)})

    def add(self, rule: Rule) -> None:
        """Add a rule. Raises ValueError for a taken id or another trigger, BrokenRule as `explain` does."""
        if rule.id in self._rules:
            raise ValueError(f"Rule {rule.id} is in the index already; replace it.")
        _refuse_another_trigger(next(iter(self._rules.values()), rule), rule)
        ways = alternatives(typed_nodes(rule, self.custom))
        self._rules[rule.id], self._fields = rule, None
        self._slots[rule.id] = [(self._put(rule.id, way), way) for way in ways]

    def remove(self, rule_id: int) -> None:
        """Remove a rule. Raises KeyError if it is not in the index."""
        del self._rules[rule_id]
        self._fields = None
        for slot, way in self._slots.pop(rule_id):
            self._drop(slot, way)

    def replace(self, rule: Rule) -> None:
        """Replace the rule with the same id; if this raises, nothing has changed."""
        _refuse_another_trigger(self._rules[rule.id], rule)
        typed_nodes(rule, self.custom)
        self.remove(rule.id)
        self.add(rule)

    def _put(self, rule_id: int, way: Alternative) -> int:
        parts = _by_field(way.parts)
        for field, group in parts.items():
            self._open(field, group[0].type)
        slot = self._new_slot(rule_id)
        doubts = self._toggle(slot, parts)
        for field, group in parts.items():
            if field in self._lines:
                self._lines[field].put(slot, group)
                doubts += group
        self._doubts[slot] = tuple((part.field, part.operator.present, part.needed) for part in doubts)
        self._checks[slot] = way.checks
        self._checked.update(_checked(way))
        return slot

    def _drop(self, slot: int, way: Alternative) -> None:
        parts = _by_field(way.parts)
        self._toggle(slot, parts)
        for field in parts:
            if field in self._lines:
                self._lines[field].drop(slot)
            self._close(field)
        self._checked -= Counter(_checked(way))
        self._doubts[slot] = self._checks[slot] = ()
        self._spare.append(slot)

    def _new_slot(self, rule_id: int) -> int:
        if self._spare:
            slot = self._spare.pop()
            self._ids[slot] = rule_id
            return slot
        self._ids.append(rule_id)
        self._doubts.append(())
        self._checks.append(())
        return len(self._ids) - 1

    def _open(self, field: str, type: str) -> None:
        self._users[field] += 1
        if self._users[field] > 1:
            return
        if type in ORDERED:
            self._lines[field] = OrderedColumn(self._taken, type)
        else:
            self._keyed[field] = (Tagged if type == "tags" else EqualityColumn)(self._taken)

    def _close(self, field: str) -> None:
        self._users[field] -= 1
        if not self._users[field]:
            del self._users[field]
            self._keyed.pop(field, None)
            self._lines.pop(field, None)

    def _toggle(self, slot: int, parts: Mapping[str, Sequence[TypedPart]]) -> list[TypedPart]:
        """Add or remove a slot in all columns except the ordered ones it has conditions on."""
        self._taken ^= 1 << slot
        for field, line in self._lines.items():
            if field not in parts:
                line.skip(slot)
        doubts: list[TypedPart] = []
        for field, column in self._keyed.items():
            group = parts.get(field, ())
            if column.toggle(slot, group):
                doubts += group
        return doubts


def _refuse_another_trigger(present: Rule, rule: Rule) -> None:
    if (present.subject, present.trigger.key) != (rule.subject, rule.trigger.key):
        raise ValueError(f"Rule {rule.id} has another trigger than the rules of this index.")


def _checked(way: Alternative) -> list[str]:
    return [key for node, _ in way.checks for key in looked_at(node)]


def _by_field(parts: Iterable[TypedPart]) -> dict[str, list[TypedPart]]:
    groups: dict[str, list[TypedPart]] = {}
    for part in parts:
        groups.setdefault(part.field, []).append(part)
    return groups
