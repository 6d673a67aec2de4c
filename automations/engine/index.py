"""Which rules fire: an index that ANDs one set of rules per field instead of judging rule after rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from automations.engine.bits import slots_of
from automations.engine.keyed import Keyed, Tagged
from automations.engine.line import Line
from automations.engine.operators import Compare
from automations.engine.rule import Rule
from automations.engine.typed import TypedPart, typed_parts
from automations.engine.values import ORDERED, Value

#: A field, the comparison to be made with it, and the value it is compared with.
Doubt = tuple[str, Compare, Value | None]


class RuleIndex:
    """The live rules of one subject and one trigger, kept so that judging many costs little.

    Each rule has a slot, each field in use a column that gives the slots a value satisfies. Where a column
    can only say "perhaps", the rule's own comparisons settle it for the few rules that are left.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules: dict[int, Rule] = {}
        self._slots: dict[int, int] = {}
        self._ids: list[int] = []
        self._doubts: list[tuple[Doubt, ...]] = []
        self._spare: list[int] = []
        self._taken = 0
        self._users: Counter[str] = Counter()
        self._keyed: dict[str, Keyed] = {}
        self._lines: dict[str, Line] = {}
        for rule in rules:
            self.add(rule)

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._rules

    @property
    def fields(self) -> frozenset[str]:
        """The facts its rules look at; give them to `facts(only=…)`."""
        return frozenset(self._users)

    def using(self, field: str) -> list[int]:
        """The ids of the rules that look at a fact, ascending: those that fail when it can't be read."""
        return sorted(rule.id for rule in self._rules.values() if field in rule.fields)

    def fires(self, facts: Mapping[str, Value | None]) -> list[int]:
        """The ids of the rules that fire, ascending; `facts` as `subjects.facts` gives them."""
        found, fact, doubts = self._taken, facts.get, self._doubts
        for key, column in self._keyed.items():
            found &= column[fact(key)]
        for key, line in self._lines.items():
            if not found:
                return []
            found &= line.find(fact(key))
        fired = []
        for slot in slots_of(found):
            for field, compare, needed in doubts[slot]:
                # What a column says of a missing value is sure.
                actual = fact(field)
                if actual is not None and not compare(actual, needed):
                    break
            else:
                fired.append(self._ids[slot])
        fired.sort()
        return fired

    def add(self, rule: Rule) -> None:
        """Puts a rule in; raises ValueError for a taken id or another trigger, BrokenRule as explain does."""
        if rule.id in self._rules:
            raise ValueError(f"Rule {rule.id} is in the index already; replace it.")
        _refuse_another_trigger(next(iter(self._rules.values()), rule), rule)
        parts = _by_field(typed_parts(rule))
        for field, group in parts.items():
            self._open(field, group[0].type)
        self._rules[rule.id] = rule
        slot = self._slots[rule.id] = self._new_slot(rule.id)
        doubts = self._toggle(slot, parts)
        for field, group in parts.items():
            if field in self._lines:
                self._lines[field].put(slot, group)
                doubts += group
        self._doubts[slot] = tuple((part.field, part.operator.present, part.needed) for part in doubts)

    def remove(self, rule_id: int) -> None:
        """Takes a rule out; raises KeyError where it is not in."""
        rule, slot = self._rules.pop(rule_id), self._slots.pop(rule_id)
        parts = _by_field(typed_parts(rule))
        self._toggle(slot, parts)
        for field in parts:
            if field in self._lines:
                self._lines[field].drop(slot)
            self._close(field)
        self._doubts[slot] = ()
        self._spare.append(slot)

    def replace(self, rule: Rule) -> None:
        """Puts a rule in the place of the one with its id; nothing is changed where that raises."""
        _refuse_another_trigger(self._rules[rule.id], rule)
        typed_parts(rule)
        self.remove(rule.id)
        self.add(rule)

    def _new_slot(self, rule_id: int) -> int:
        if self._spare:
            slot = self._spare.pop()
            self._ids[slot] = rule_id
            return slot
        self._ids.append(rule_id)
        self._doubts.append(())
        return len(self._ids) - 1

    def _open(self, field: str, type: str) -> None:
        self._users[field] += 1
        if self._users[field] > 1:
            return
        if type in ORDERED:
            self._lines[field] = Line(self._taken, type)
        else:
            self._keyed[field] = (Tagged if type == "tags" else Keyed)(self._taken)

    def _close(self, field: str) -> None:
        self._users[field] -= 1
        if not self._users[field]:
            del self._users[field]
            self._keyed.pop(field, None)
            self._lines.pop(field, None)

    def _toggle(self, slot: int, parts: Mapping[str, Sequence[TypedPart]]) -> list[TypedPart]:
        """Puts a slot in or takes it out everywhere but on the lines it has conditions on."""
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


def _refuse_another_trigger(known: Rule, rule: Rule) -> None:
    if (known.subject, known.trigger.key) != (rule.subject, rule.trigger.key):
        raise ValueError(f"Rule {rule.id} has another trigger than the rules of this index.")


def _by_field(parts: Iterable[TypedPart]) -> dict[str, list[TypedPart]]:
    groups: dict[str, list[TypedPart]] = {}
    for part in parts:
        groups.setdefault(part.field, []).append(part)
    return groups
