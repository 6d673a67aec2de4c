"""What still keeps a draft from being published, and where on the page each thing is to be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.actions import ACTIONS
from automations.engine.rule import Problem

#: Paths that have no control of their own, and the one that helps.
_PLACES = {"": "subject", "conditions": "add-condition", "actions": "add-action"}


@dataclass(frozen=True)
class ToDo:
    """One entry of the Checks card: a sentence and the id it links to."""

    target: str
    sentence: str


def to_do(found: Sequence[Problem], data: Mapping[str, Any], ids: frozenset[str]) -> list[ToDo]:
    """What to do, linking to the nearest of the page's `ids`."""
    return [ToDo(_target(one.path, ids), _placed(one, data)) for one in found]


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


def _placed(problem: Problem, data: Mapping[str, Any]) -> str:
    """The sentence with what it lacks away from its place: which field, and which of several actions."""
    steps = problem.path.split(".")
    if steps[0] != "actions" or len(steps) < 2:
        return problem.sentence
    action, sentence = data["actions"][int(steps[1])], problem.sentence
    if sentence.startswith("Line ") and action["kind"] in ACTIONS:
        labels = {field.short_name: field.label.text for field in ACTIONS[action["kind"]].Form()}
        sentence = f"{labels.get(steps[-1], steps[-1])}, l{sentence[1:]}"
    return f"Action {int(steps[1]) + 1}: {sentence}" if len(data["actions"]) > 1 else sentence


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
