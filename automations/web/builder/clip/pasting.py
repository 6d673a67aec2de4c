"""Paste conditions or an action into a draft, leaving out what its model does not have and saying so."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from automations.engine.fields.problem import text
from automations.engine.fields.subject import Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.condition_check import MAX_CONDITIONS, is_group
from automations.features.authoring.draft_problems import elsewhere, problems
from automations.features.authoring.drafts import MAX_ACTIONS
from automations.models.settings.choices import StoreWords
from automations.web.builder.clip.clipboard import Clip

Data = dict[str, Any]
NO_MODEL = "Choose what the automation watches before you paste."
FULL = "This automation has as many {} as it may have: {}. Nothing was pasted."
LATER = "The action follows straight away: {} has no “{}” to count from."
_LINES = "the condition about items was left out: {} has no items."
_FIELD = "the condition about “{}” was left out: {} has no such field."


def paste(data: Data, clip: Clip, words: StoreWords) -> tuple[list[str], str]:
    """Add what was copied to `data`; return sentences about what does not fit, and the id to focus."""
    if data["subject"] not in SUBJECTS:
        return [NO_MODEL], "subject"
    subject = SUBJECTS[data["subject"]].with_custom(words.custom(data["subject"]))
    into = _paste_action if clip.is_action else _paste_conditions
    return into(data, clip, subject, words)


def _paste_conditions(data: Data, clip: Clip, subject: Subject, words: StoreWords) -> tuple[list[str], str]:
    left_out: list[str] = []
    fitting = list(_fitting(copy.deepcopy(clip.pieces), subject, words, False, left_out))
    if _count(data["conditions"]) + _count(fitting) > MAX_CONDITIONS:
        return [FULL.format("conditions", MAX_CONDITIONS)], "paste"
    notes = [f"{note[:1].upper()}{note[1:]}" for note in dict.fromkeys(left_out)]
    if not fitting:
        return notes, "paste"
    place = len(data["conditions"])
    data["conditions"] += fitting
    part = next((name for name in ("lines", "match") if name in fitting[0]), "field")
    return notes, f"conditions-{place}-{part}"


def _fitting(
    nodes: list[Data], subject: Subject, words: StoreWords, on_lines: bool, left_out: list[str]
) -> Iterator[Data]:
    """Yield the conditions whose fields the subject has, and groups with at least one of them."""
    for node in nodes:
        lines = on_lines or node.get("match") == "line"
        if lines and not subject.line_fields:
            left_out.append(_LINES.format(_named(subject)))
        elif is_group(node):
            node["conditions"] = list(_fitting(node["conditions"], subject, words, lines, left_out))
            yield from [node] if node["conditions"] else []
        elif node.get("field") and node["field"] not in (subject.line_fields if lines else subject.fields):
            field = elsewhere(node["field"], words)
            left_out.append(_FIELD.format(field.label if field else node["field"], _named(subject)))
        else:
            yield node


def _paste_action(data: Data, clip: Clip, subject: Subject, words: StoreWords) -> tuple[list[str], str]:
    place = len(data["actions"])
    if place >= MAX_ACTIONS:
        return [FULL.format("actions", MAX_ACTIONS)], "paste"
    action = copy.deepcopy(clip.pieces[0])
    notes = list(_without_foreign_date(action, subject, words))
    data["actions"].append(action)
    notes += [
        problem.sentence
        for problem in problems(words, data)
        if problem.path.startswith(f"actions.{place}.") and _says_something(data, problem.path)
    ]
    return notes, f"actions-{place}"


def _without_foreign_date(action: Data, subject: Subject, words: StoreWords) -> Iterator[str]:
    """Take away a timing around a date that the subject does not have, and say so."""
    timing = action.get("timing")
    key = text(timing.get("field")) if isinstance(timing, Mapping) and timing.get("when") == "date" else ""
    if key and key not in subject.fields:
        del action["timing"]
        field = elsewhere(key, words)
        yield LATER.format(_named(subject), field.label if field else key)


def _says_something(data: Mapping[str, Any], path: str) -> bool:
    """Whether the setting that a problem names is filled in; an empty one was so before."""
    value: Any = data
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return bool(value)


def _named(subject: Subject) -> str:
    label = subject.label.lower()
    return f"an {label}" if label[:1] in "aeiou" else f"a {label}"


def _count(nodes: list[Data]) -> int:
    return sum(max(1, _count(node["conditions"])) if is_group(node) else 1 for node in nodes)
