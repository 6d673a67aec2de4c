"""What a rule is evaluated against: an occurrence, the snapshot of its record, and the context."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from automations.engine.fields.facts import Reading
from automations.engine.fields.subject import CHANGE_FIELDS, CHANGE_FROM, CHANGE_TO, Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import Value, read


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """What is known beside the snapshot."""

    #: The moment of the evaluation, aware, in the store's zone.
    now: datetime | None = None
    #: Whether the store is open at that moment.
    working: bool | None = None
    #: The plain values before the change, by the key of each field that changed.
    previous: Mapping[str, object] | None = None
    #: Those keys, where they are known without the values; None takes them from `previous`.
    changed: Collection[str] | None = None


NO_CONTEXT = EvaluationContext()


@dataclass(frozen=True, slots=True)
class OccurrenceFacts:
    """One occurrence, plain, before any of its values is read."""

    subject: str
    trigger: str
    #: Plain JSON data of the record.
    snapshot: Mapping[str, object]
    from_value: str | None = None
    to_value: str | None = None
    context: EvaluationContext = NO_CONTEXT

    def read(
        self, only: Collection[str] | None = None, custom: Mapping[str, Field] | None = None
    ) -> dict[str, Value | None]:
        """Return the typed facts by field key, those of the change itself included; a missing value is None.

        `only` names the facts worth reading, as RuleIndex.fields and Rule.fields do; `custom` has the store's
        own fields by key. Raises UnreadableFact (its `field` names the fact) where a stored value does not
        fit its type, or where one of `only` needs the moment and the context has none.
        """
        subject, context = SUBJECTS[self.subject], self.context
        fields = {**subject.fields, **custom} if custom else subject.fields
        moment = (context.now, context.working, context.previous)
        facts = Reading(fields, subject.line_fields, self.snapshot, *moment).facts(only)
        facts[CHANGE_FROM] = read("choice", self.from_value)
        facts[CHANGE_TO] = read("choice", self.to_value)
        changed = frozenset(context.previous or () if context.changed is None else context.changed)
        if changed:
            facts[CHANGE_FIELDS] = changed
        return facts
