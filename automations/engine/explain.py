"""Why a rule fired or not: slow, complete, and the meaning the index is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from automations.engine.rule import Part, Rule
from automations.engine.typed import TypedPart, typed_parts
from automations.engine.values import Value


@dataclass(frozen=True, slots=True)
class Verdict:
    """One part of a rule beside what it found; a missing `actual` is None."""

    condition: Part
    holds: bool
    actual: Value | None
    needed: Value | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every part's verdict, the trigger's narrowing first."""

    verdicts: tuple[Verdict, ...]
    fires: bool


def explain(rule: Rule, facts: Mapping[str, Value | None]) -> Explanation:
    """Judges every part of the rule, also after one has failed; raises BrokenRule for a rule out of shape."""
    verdicts = tuple(_verdict(test, facts.get(test.field)) for test in typed_parts(rule))
    return Explanation(verdicts, all(verdict.holds for verdict in verdicts))


def _verdict(test: TypedPart, actual: Value | None) -> Verdict:
    return Verdict(test.part, test.holds(actual), actual, test.needed)
