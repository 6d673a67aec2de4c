"""Validate rule data; each problem is a sentence that says what to change."""

from __future__ import annotations

from collections.abc import Mapping

from automations.engine.fields.problem import Choices, Known, Problem, References, either, text
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.condition_check import MAX_CONDITIONS, check_conditions
from automations.engine.rules.trigger_check import check_trigger

__all__ = ["MAX_CONDITIONS", "Choices", "Problem", "References", "check"]


def check(
    data: object, choices: Choices, references: References, custom: Mapping[str, Field] | None = None
) -> list[Problem]:
    """Return every problem with the subject, trigger and conditions of rule data; never raises.

    `choices` returns the keys of one of the store's lists, `references` whether an account, store or segment
    exists; `custom` holds the store's custom fields of that subject by key.
    """
    if not isinstance(data, Mapping):
        return [Problem("", "An automation is an object with a subject, a trigger, conditions and actions.")]
    subject = SUBJECTS.get(text(data.get("subject")))
    if subject is None or not subject.triggers:
        return [Problem("subject", f"Choose what the automation watches: {_offered()}.")]
    known = Known(subject.with_custom(custom), choices, references)
    return [
        *check_trigger(known, data.get("trigger")),
        *check_conditions(known, data.get("conditions")),
    ]


def _offered() -> str:
    return either([subject.plural.lower() for subject in SUBJECTS.values() if subject.triggers])
