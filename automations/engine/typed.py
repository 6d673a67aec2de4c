"""A rule's parts with their values typed: what `explain` and the index both judge by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from automations.engine.operators import OPERATORS, Operator
from automations.engine.rule import Narrowing, Part, Rule
from automations.engine.subjects import SUBJECTS
from automations.engine.values import Value, parse


class BrokenRule(ValueError):
    """A rule that names something that is not there, or holds a value that does not fit; a sentence."""


@dataclass(frozen=True, slots=True)
class TypedPart:
    """One part of a rule, ready to be judged."""

    part: Part
    field: str
    type: str
    operator: Operator
    needed: Value | None

    def holds(self, actual: Value | None) -> bool:
        """Whether the actual value of the field is what this part asks for."""
        return self.operator.compare(actual, self.needed)


def typed_parts(rule: Rule) -> tuple[TypedPart, ...]:
    """The trigger's narrowings, then the conditions in order; raises BrokenRule."""
    return tuple(_typed(rule.subject, part) for part in rule.parts)


# Rules share most of their conditions; sharing them keeps an index of many rules small.
@lru_cache(maxsize=4_096)
def _typed(subject: str, part: Part) -> TypedPart:
    try:
        type = "choice" if isinstance(part, Narrowing) else SUBJECTS[subject].fields[part.field].type
        operator = OPERATORS[part.operator]
        needed = parse(type, part.value or "") if operator.needs_value else None
    except (KeyError, ValueError) as problem:
        raise BrokenRule(f"The condition on {part.field} can’t be judged: {problem}.") from problem
    if type not in operator.types:
        raise BrokenRule(f"The condition on {part.field} can’t be judged by “{operator.label}”.")
    return TypedPart(part, part.field, type, operator, needed)
