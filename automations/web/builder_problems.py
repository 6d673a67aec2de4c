"""What still keeps a draft from being published, and where on the page each thing is to be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.engine.rule import Problem
from automations.engine.subjects import SUBJECTS
from automations.models.choices import StoreWords
from automations.pipeline import drafts

#: Paths that have no control of their own, and the one that helps.
_PLACES = {"": "subject", "conditions": "add-condition", "actions": "add-action"}


@dataclass(frozen=True)
class ToDo:
    """One entry of the Checks card: a sentence and the id it links to."""

    target: str
    sentence: str


def problems(words: StoreWords, data: Mapping[str, Any]) -> list[Problem]:
    """The draft's problems; a field left over from another subject is called by its label."""
    return [_by_label(one, data) for one in drafts.problems(words, data)]


def to_do(found: Sequence[Problem], ids: frozenset[str]) -> list[ToDo]:
    """What to do, linking to the nearest of the page's `ids`."""
    return [ToDo(_target(one.path, ids), one.sentence) for one in found]


def shown_errors(found: Sequence[Problem], data: Mapping[str, Any], all_of_them: bool) -> dict[str, str]:
    """By path: all, or only what is wrong with something given. What is merely missing is no error yet."""
    shown: dict[str, str] = {}
    for one in found:
        if all_of_them or _given(data, one.path):
            shown.setdefault(one.path, one.sentence)
    return shown


def _target(path: str, ids: frozenset[str]) -> str:
    steps = path.split(".")
    for length in range(len(steps), 0, -1):
        name = "-".join(steps[:length])
        options = (name, f"{name}-field", name.replace("-value", "-search"), _PLACES.get(path, ""))
        for option in options:
            if option in ids:
                return option
    return _PLACES.get(path, "subject")


def _given(data: Mapping[str, Any], path: str) -> bool:
    found: Any = data
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, Sequence) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return False
    return bool(found) and not isinstance(found, list)


def _by_label(problem: Problem, data: Mapping[str, Any]) -> Problem:
    steps = problem.path.split(".")
    subject = SUBJECTS.get(str(data.get("subject")))
    if subject is None or steps[0] != "conditions" or steps[-1] != "field":
        return problem
    key = data["conditions"][int(steps[1])]["field"]
    label = next((one.fields[key].label for one in SUBJECTS.values() if key in one.fields), None)
    if not key or label is None:
        return problem
    return Problem(
        problem.path,
        f"“{label}” is not a field of {subject.label}: choose another or remove this condition.",
    )
