"""One column of a replay: a rule with its verdict on the moment. Pure but for the words of errors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.explain.explanation import Explanation
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule, rule_from
from automations.features.examples.unknown_values import certain
from automations.features.history.listeners import OccurrenceToExplain
from automations.models.tables.occurrence import MANUAL, Occurrence
from automations.pipeline.records.evaluation_context import listening_triggers

OTHER_TRIGGER = "It starts by another trigger, so this did not concern it."


@dataclass(frozen=True, slots=True)
class NewVerdict:
    """What a rule answers. `fires` is None where it cannot be told, and `problem` says why."""

    fires: bool | None
    explanation: Explanation | None = None
    problem: str = ""
    #: Whether the rule starts by this kind of occurrence at all.
    listens: bool = True


def judge(
    occurrence: Occurrence,
    data: Mapping[str, Any],
    custom: Mapping[str, Field] | None = None,
    lost: Collection[str] = (),
) -> NewVerdict:
    """Return what rule data, complete or not, answers to an occurrence; `lost` are keys of erased fields."""
    try:
        rule = rule_from(0, data)
        found = OccurrenceToExplain(occurrence, custom).explain(rule)
    except ValueError as problem:
        return NewVerdict(None, problem=str(problem))
    except (KeyError, TypeError):
        return NewVerdict(None, problem="The rule is not finished.")
    if not _listens(occurrence, rule):
        return NewVerdict(False, found, OTHER_TRIGGER, listens=False)
    fires = certain(found.tree, lost)
    erased = "What it asks about was erased with the customer." if fires is None else ""
    return NewVerdict(fires, found, erased)


def _listens(occurrence: Occurrence, rule: Rule) -> bool:
    if rule.subject != occurrence.subject or rule.trigger.key not in SUBJECTS[rule.subject].triggers:
        return False
    heard = listening_triggers(occurrence.trigger, occurrence.changed)
    return occurrence.trigger == MANUAL or rule.trigger.key in heard
