"""A draft's problems as its editor reads them: fields by their labels, actions by what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.engine.rule import Problem
from automations.engine.subjects import SUBJECTS
from automations.models.choices import StoreWords
from automations.pipeline import drafts


def problems(words: StoreWords, data: Mapping[str, Any]) -> list[Problem]:
    """As `drafts.problems`; a field left over from another subject is called by its label."""
    return [_by_label(one, data) for one in drafts.problems(words, data)]


def _by_label(problem: Problem, data: Mapping[str, Any]) -> Problem:
    steps = problem.path.split(".")
    subject = SUBJECTS.get(str(data.get("subject")))
    if subject is None or steps[0] != "conditions" or steps[-1] != "field":
        return problem
    key = data["conditions"][int(steps[1])]["field"]
    label = next((one.fields[key].label for one in SUBJECTS.values() if key in one.fields), None)
    if not key or label is None:
        return problem
    change = "choose another or remove this condition"
    return Problem(problem.path, f"“{label}” is not a field of {subject.label}: {change}.")
