"""Whether any record at all can meet some conditions, and one that does.

A tableau: conditions are taken apart until only comparisons of single facts are left, and each fact is tried
with values that stand for all. "Never" is a proof, "possible" comes with the facts, and a search that grows
too large answers neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from automations.engine.checks.assumptions import Assumptions
from automations.engine.checks.field_values import OTHER, Candidate, Literal, satisfying
from automations.engine.checks.related_amounts import Misfit
from automations.engine.checks.related_fields import cases, related_facts
from automations.engine.checks.related_lines import Goal, wanted_lines
from automations.engine.rules.typed_rule import TypedGroup, TypedLines, TypedPart, holds

Facts = dict[str, Candidate]

#: The most alternatives that one search tries, and all searches about one rule together.
PATIENCE, PATIENCE_IN_ALL = 300, 1_500


class ProofAnswer(Enum):
    """What a search found out, if it found no facts."""

    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass
class _State:
    """What has been asked for so far: by fact, the comparisons; and the conditions on lines."""

    literals: dict[str, tuple[Literal, ...]] = field(default_factory=dict)
    lines: list[tuple[TypedLines, bool]] = field(default_factory=list)

    def copy(self) -> _State:
        return _State(dict(self.literals), list(self.lines))


class Search:
    """Searches under the assumptions of one trigger."""

    def __init__(self, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self._left, self._left_in_all = PATIENCE, PATIENCE_IN_ALL
        #: The values that meet some literals, by the identities of these, which are kept so that they last.
        self._known: dict[tuple[tuple[int, bool], ...], tuple[object, list[Candidate] | None]] = {}

    def find(self, goals: Sequence[Goal]) -> Facts | ProofAnswer:
        """Return facts that meet all goals, NEVER if none do, or UNKNOWN."""
        self._left = PATIENCE
        found = self._solve(goals, _State())
        if isinstance(found, ProofAnswer):
            return found
        facts = self.assumptions.spelled_out(found)
        return facts if all(holds(node, facts) is wanted for node, wanted in goals) else ProofAnswer.UNKNOWN

    def never(self, goals: Sequence[Goal]) -> bool:
        """Whether it is proven that nothing meets all goals."""
        return self.find(goals) is ProofAnswer.NEVER

    def _solve(self, goals: Sequence[Goal], state: _State) -> Facts | ProofAnswer:
        open_goals, waiting = list(goals), []
        touched: set[str] = set()
        while open_goals:
            node, wanted = open_goals.pop()
            if isinstance(node, TypedPart):
                touched |= (keys := self._add(state, (node, wanted)))
                if not keys:
                    return ProofAnswer.NEVER
            elif isinstance(node, TypedLines):
                state.lines.append((node, wanted))
            else:
                each, all_of_them = _taken_apart(node, wanted)
                if all_of_them:
                    open_goals += each
                else:
                    waiting.append((node, wanted))
        if any(self._values(key, state.literals[key]) == [] for key in touched):
            return ProofAnswer.NEVER
        return self._branch(waiting, state) if waiting else self._finish(state)

    def _branch(self, waiting: list[tuple[TypedGroup, bool]], state: _State) -> Facts | ProofAnswer:
        """Try the alternatives of the smallest group, with all others still to come."""
        first, *later = sorted(waiting, key=lambda goal: len(goal[0].nodes))
        alternatives, _ = _taken_apart(*first)
        answer = ProofAnswer.NEVER
        for alternative in alternatives:
            self._left -= 1
            self._left_in_all -= 1
            if min(self._left, self._left_in_all) < 0:
                return ProofAnswer.UNKNOWN
            found = self._solve([*later, alternative], state.copy())
            if not isinstance(found, ProofAnswer):
                return found
            if found is ProofAnswer.UNKNOWN:
                answer = found
        return answer

    def _add(self, state: _State, literal: Literal) -> set[str]:
        """Add a literal and what it implies to the state; return the keys, none if it is impossible."""
        touched: set[str] = set()
        if self.assumptions.impossible(literal):
            return touched
        for part, wanted in (literal, *self.assumptions.implied(literal)):
            key = self.assumptions.key(part.field)
            state.literals[key] = (*state.literals.get(key, ()), (part, wanted))
            touched.add(key)
        return touched

    def _values(self, key: str, literals: tuple[Literal, ...]) -> list[Candidate] | None:
        name = tuple((id(part), wanted) for part, wanted in literals)
        if name not in self._known:
            self._known[name] = literals, satisfying(literals, self.assumptions.field(key))
        return self._known[name][1]

    def _finish(self, state: _State) -> Facts | ProofAnswer:
        """Try the alternatives of related fields; one of them holds for every record."""
        answer = ProofAnswer.NEVER
        for more in cases(self.assumptions, state.literals):
            tried = state.copy()
            if not all(self._add(tried, literal) for literal in more):
                continue
            found = self._choose(tried)
            if not isinstance(found, ProofAnswer):
                return found
            answer = found if found is ProofAnswer.UNKNOWN else answer
        return answer

    def _choose(self, state: _State) -> Facts | ProofAnswer:
        values = {key: self._values(key, literals) for key, literals in state.literals.items()}
        chosen = {key: fitting[0] for key, fitting in values.items() if fitting}
        if [] in values.values() or not self._set_apart(values, chosen):
            return ProofAnswer.NEVER
        related = related_facts(self.assumptions, state.literals)
        if related is Misfit.NEVER or (lines := self._lines(state)) is ProofAnswer.NEVER:
            return ProofAnswer.NEVER
        if isinstance(related, Misfit) or isinstance(lines, ProofAnswer) or None in values.values():
            return ProofAnswer.UNKNOWN
        return chosen | related | lines

    def _set_apart(self, values: Mapping[str, list[Candidate] | None], chosen: Facts) -> bool:
        """Choose two different values for the sides of the change; return False if there are none."""
        sides = self.assumptions.apart()
        before, after = (values.get(key) for key in sides) if sides else (None, None)
        if sides is None or not before or not after:
            return True
        pairs = [(one, other) for one in before for other in after if one != other]
        if pairs:
            chosen |= zip(sides, pairs[0], strict=True)
        # Two unnamed values can differ.
        return bool(pairs) or str(before[0]).startswith(OTHER)

    def _lines(self, state: _State) -> Facts | ProofAnswer:
        """Return the columns of lines that meet the conditions on lines; none at all if that will do."""
        wanted = wanted_lines(state.lines, self.assumptions, state.literals)
        if wanted is None:
            return ProofAnswer.NEVER
        if not wanted.some:
            return {}
        found = [self._solve(goals, _State()) for goals in wanted.goals()]
        if ProofAnswer.NEVER in found:
            return ProofAnswer.NEVER
        rows = [row for row in found if not isinstance(row, ProofAnswer)]
        columns = wanted.columns(rows) if len(rows) == len(found) else None
        return ProofAnswer.UNKNOWN if columns is None else columns


def _taken_apart(group: TypedGroup, wanted: bool) -> tuple[list[Goal], bool]:
    """Return the goals of a group's nodes, and whether all of them must be met or one."""
    inner_wanted = wanted is (group.group.match != "none")
    return [(inner, inner_wanted) for inner in group.nodes], wanted is (group.group.match != "any")
