"""What still keeps a draft from being published, and where on the page to fix each problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.actions import ACTIONS
from automations.engine.rules.rule import Problem

#: The control to link to for paths that have none of their own.
_PLACES = {"": "subject", "conditions": "add-condition", "actions": "add-action", "examples": "examples"}


@dataclass(frozen=True)
class ToDo:
    """One entry of the Checks card: a sentence and the id it links to."""

    target: str
    sentence: str


def to_do(problems: Sequence[Problem], data: Mapping[str, Any], ids: frozenset[str]) -> list[ToDo]:
    """Return one entry per problem, linking to the nearest of the page's `ids`."""
    return [ToDo(target(problem.path, ids), _placed(problem, data)) for problem in problems]


def shown_errors(problems: Sequence[Problem], data: Mapping[str, Any], with_missing: bool) -> dict[str, str]:
    """Return the first sentence for each path; errors about a missing value only if `with_missing`."""
    shown: dict[str, str] = {}
    for problem in problems:
        if with_missing or _is_filled(data, problem.path):
            shown.setdefault(problem.path, problem.sentence)
    return shown


def target(path: str, ids: frozenset[str]) -> str:
    """Return the one of the page's `ids` that is nearest to a path."""
    steps = path.split(".")
    for length in range(len(steps), 0, -1):
        name = "-".join(steps[:length])
        options = (name, f"{name}-field", name.replace("-value", "-search"), _PLACES.get(path, ""))
        for option in options:
            if option in ids:
                return option
    return _PLACES.get(path, "subject")


def _placed(problem: Problem, data: Mapping[str, Any]) -> str:
    """Return the sentence with its context for the Checks card: the field, and which of several actions."""
    steps = problem.path.split(".")
    if steps[0] != "actions" or len(steps) < 2:
        return problem.sentence
    action, sentence = data["actions"][int(steps[1])], problem.sentence
    if sentence.startswith("Line ") and action["kind"] in ACTIONS:
        labels = {field.short_name: field.label.text for field in ACTIONS[action["kind"]].Form()}
        sentence = f"{labels.get(steps[-1], steps[-1])}, l{sentence[1:]}"
    return f"Action {int(steps[1]) + 1}: {sentence}" if len(data["actions"]) > 1 else sentence


def _is_filled(data: Mapping[str, Any], path: str) -> bool:
    value: Any = data
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, Sequence) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return False
    return bool(value) and not isinstance(value, list)
