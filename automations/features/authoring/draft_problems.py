"""A draft's problems for its editor: fields by their labels, actions by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.engine.fields.subject import LINE, Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.condition_tree import conditions_in
from automations.engine.rules.rule import Problem
from automations.features.authoring import drafts
from automations.models.settings.choices import StoreWords


def problems(words: StoreWords, data: Mapping[str, Any]) -> list[Problem]:
    """Return `drafts.problems`, naming a field left over from another subject by its label."""
    return [_by_label(problem, data, words) for problem in drafts.problems(words, data)]


def elsewhere(key: str | None, words: StoreWords) -> Field | None:
    """Return the field with this key in any subject, even if removed: leftover conditions stay readable."""
    if not key:
        return None
    subjects = [words.subject(key_of_subject) for key_of_subject in SUBJECTS]
    fields_by_subject = [
        key_of_subject.line_fields if key.startswith(LINE) else key_of_subject.fields
        for key_of_subject in subjects
    ]
    return next((fields[key] for fields in fields_by_subject if key in fields), None)


def _by_label(problem: Problem, data: Mapping[str, Any], words: StoreWords) -> Problem:
    path, _, part = problem.path.rpartition(".")
    subject = SUBJECTS.get(str(data.get("subject")))
    if subject is None or part != "field" or not path.startswith("conditions"):
        return problem
    field = elsewhere(dict(conditions_in(data)).get(path, {}).get("field"), words)
    if field is None:
        return problem
    change = "choose another or remove this condition"
    return Problem(problem.path, f"“{field.label}” is not a field of {subject.label}: {change}.")
