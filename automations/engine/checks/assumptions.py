"""What holds for every record that a trigger lets through, whatever the conditions say.

The pipeline guarantees it: a status trigger comes with the status it changed to, a change has two different
sides, and only an update has values before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from automations.engine.checks.field_values import Literal
from automations.engine.fields.subject import CHANGE_FROM, CHANGE_TO, Field, TriggerKind
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.distances import MEASURES
from automations.engine.operators.operators import OPERATORS, fact_key
from automations.engine.operators.value_types import Needed, Value, parse
from automations.engine.rules.rule import Condition, Rule
from automations.engine.rules.trigger_schedule import DateReached, StaysInStatus
from automations.engine.rules.typed_rule import Fields, TypedNode, TypedPart

_SIDES = ("from", "to")


@dataclass(frozen=True)
class Assumptions:
    """The fields of a rule's subject, and what its kind of trigger says about their values."""

    fields: Fields
    line_fields: Fields
    kind: TriggerKind | None
    #: The ordinal of the first day on which anything can happen; None for any.
    today: int | None = None

    @property
    def status(self) -> str | None:
        """The field whose change the occurrence is named after."""
        return self.kind.watches[0] if self.kind and self.kind.named else None

    def key(self, fact: str) -> str:
        """Return the one key of facts that always have the same value."""
        if self.status:
            if fact in (CHANGE_TO, fact_key(self.status, "to")):
                return self.status
            if fact == fact_key(self.status, "from"):
                return CHANGE_FROM
        return fact

    def field(self, fact: str) -> Field | None:
        """Return the field that a fact is about."""
        base = fact.partition("@")[0]
        return self.fields.get(base) or self.line_fields.get(base)

    def impossible(self, literal: Literal) -> bool:
        """Whether the trigger has no such fact: a value before or after a change where nothing changed."""
        part, wanted = literal
        derived = part.field.partition("@")[2]
        updates = self.kind is None or self.kind.needs_field or bool(self.kind.watches)
        return derived in _SIDES and not updates and part.holds(None) is not wanted

    def implied(self, literal: Literal) -> Iterator[Literal]:
        """Yield what else must hold if this does."""
        part, wanted = literal
        base, _, derived = part.field.partition("@")
        if not derived or base in self.line_fields or part.holds(None) is wanted:
            return
        if derived in MEASURES:
            yield self._about(part, base, "is_not_empty", None), True
        elif derived in _SIDES and wanted and self.key(part.field) == part.field:
            # The value after the change is the record's own, and the one before it was another.
            yield self._about(part, base, "equals" if derived == "to" else "not_equals", part.needed), True

    def _about(self, part: TypedPart, field: str, operator: str, needed: Needed | None) -> TypedPart:
        type = self.fields[field].type
        return replace(part, field=field, type=type, operator=OPERATORS[operator], needed=needed)

    def spelled_out(self, facts: Mapping[str, Value | None]) -> dict[str, Value | None]:
        """Return the facts with those that always have the same value as another."""
        if not self.status:
            return dict(facts)
        after, before = facts.get(self.status), facts.get(CHANGE_FROM)
        sides = {fact_key(self.status, "from"): before, fact_key(self.status, "to"): after}
        return {**facts, CHANGE_TO: after, **sides}

    def apart(self) -> tuple[str, str] | None:
        """Return the keys of the two facts that are never the same, if the trigger has them."""
        return (CHANGE_FROM, self.status) if self.status else None


def assumptions_of(rule: Rule, custom: Fields | None = None, today: date | None = None) -> Assumptions:
    """Return the assumptions for a rule; `custom` holds the store's own fields by key.

    With `today`, no earlier day comes.
    """
    subject = SUBJECTS[rule.subject].with_custom(custom)
    first = today.toordinal() if today else None
    return Assumptions(subject.fields, subject.line_fields, subject.triggers.get(rule.trigger.key), first)


def from_schedule(rule: Rule, custom: Fields | None = None) -> list[TypedNode]:
    """Return what holds when a rule's schedule is due: the status it stays in, the date it counts from."""
    schedule, fields = rule.trigger.schedule, SUBJECTS[rule.subject].with_custom(custom).fields
    if isinstance(schedule, StaysInStatus) and schedule.status_field in fields:
        return [plain_part(fields[schedule.status_field], "equals", schedule.status)]
    if isinstance(schedule, DateReached) and schedule.field in fields:
        return [plain_part(fields[schedule.field], "is_not_empty", None)]
    return []


def plain_part(field: Field, operator: str, value: str | None) -> TypedPart:
    """Return the comparison of a field with a value, as no rule has written it."""
    condition = Condition(field.key, operator, value)
    needed = None if value is None else parse(field.type, value)
    return TypedPart(condition, field.key, field.type, OPERATORS[operator], needed)
