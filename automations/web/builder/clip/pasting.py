"""Paste conditions or an action into a draft, leaving out what its model does not have and saying so."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.fields.problem import text
from automations.engine.fields.subject import Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.condition_check import MAX_CONDITIONS, MAX_DEPTH, is_group
from automations.features.authoring.draft_problems import elsewhere, problems
from automations.features.authoring.drafts import MAX_ACTIONS
from automations.models.settings.choices import StoreWords
from automations.web.builder.clip.clipboard import Clip
from automations.web.kit.form_rows import MAX_NESTING, node_at

Data = dict[str, Any]
_PASTE = re.compile(rf"paste((?:-[0-9]{{1,3}}){{0,{MAX_NESTING}}})")
NO_GROUP = "That group is no longer there. Nothing was pasted."
NO_MODEL = "Choose what the automation watches before you paste."
FULL = "This automation has as many {} as it may have: {}. Nothing was {}."
LATER = "The action follows straight away: {} has no “{}” to count from."
_LINES = "the condition about items was left out: {} has no items."
_IN_LINES = "the item condition was left out: it cannot be inside another. Copy a condition in it instead."
_GROUP = "the group was left out: an item condition holds single conditions only."
_DEEP = "the group was left out: a group may hold a group, but no deeper."
_OF_ITEM = "the condition about “{}” was left out: it is about one item, so paste it into an item condition."
_NOT_OF_ITEM = "the condition about “{}” was left out: it is not about one item."
_FIELD = "the condition about “{}” was left out: {} has no such field."


def place_of(edit: str) -> list[int] | None:
    """Return the group that "paste-1-0" pastes into by its numbers; None for an edit that does not paste."""
    match = _PASTE.fullmatch(edit)
    return [int(number) for number in match[1].split("-")[1:]] if match else None


def paste(data: Data, clip: Clip, words: StoreWords, place: list[int]) -> tuple[list[str], str]:
    """Add what was copied to `data`, conditions to the group at `place` or, if it is empty, to the rule.

    Return sentences about what does not fit, and the id to focus.
    """
    if data["subject"] not in SUBJECTS:
        return [NO_MODEL], "subject"
    subject = SUBJECTS[data["subject"]].with_custom(words.custom(data["subject"]))
    if clip.is_action:
        return _paste_action(data, clip, subject, words)
    return _paste_conditions(data, clip, subject, words, place)


def _paste_conditions(
    data: Data, clip: Clip, subject: Subject, words: StoreWords, place: list[int]
) -> tuple[list[str], str]:
    end = "".join(f"-{number}" for number in place)
    nodes = node_at(data, [*place, 0])
    if not isinstance(nodes, list):
        return [NO_GROUP], "paste"
    group = node_at(data, place)[place[-1]] if place else {}
    fits = _Fitting(subject, words, [])
    fitting = list(fits.of(copy.deepcopy(clip.pieces), group.get("match") == "line", len(place)))
    if count_of(data["conditions"]) + count_of(fitting) > MAX_CONDITIONS:
        return [FULL.format("conditions", MAX_CONDITIONS, "pasted")], f"paste{end}"
    notes = [f"{note[:1].upper()}{note[1:]}" for note in dict.fromkeys(fits.left_out)]
    if not fitting:
        return notes, f"paste{end}"
    nodes += fitting
    part = next((name for name in ("lines", "match") if name in fitting[0]), "field")
    path = "-".join(f"conditions-{number}" for number in [*place, len(nodes) - len(fitting)])
    return notes, f"{path}-{part}"


@dataclass(frozen=True, slots=True)
class _Fitting:
    """Takes what fits a list of conditions; `left_out` becomes the sentences about the rest."""

    subject: Subject
    words: StoreWords
    left_out: list[str]

    def of(self, nodes: list[Data], on_lines: bool, depth: int) -> Iterator[Data]:
        """Yield the conditions whose fields the list can hold, and groups with at least one of them."""
        for node in nodes:
            why = self._why_not(node, on_lines, depth)
            if why:
                self.left_out.append(why)
            elif is_group(node):
                inner = self.of(node["conditions"], node.get("match") == "line", depth + 1)
                node["conditions"] = list(inner)
                yield from [node] if node["conditions"] else []
            else:
                yield node

    def _why_not(self, node: Data, on_lines: bool, depth: int) -> str:
        if node.get("match") == "line":
            if not self.subject.line_fields:
                return _LINES.format(_named(self.subject))
            return _IN_LINES if on_lines else ""
        if is_group(node):
            return _GROUP if on_lines else _DEEP if depth >= MAX_DEPTH else ""
        return self._wrong_field(node.get("field") or "", on_lines)

    def _wrong_field(self, key: str, on_lines: bool) -> str:
        here, there = self.subject.fields, self.subject.line_fields
        if on_lines:
            here, there = there, here
        if not key or key in here:
            return ""
        if key in there:
            return (_NOT_OF_ITEM if on_lines else _OF_ITEM).format(there[key].label)
        field = elsewhere(key, self.words)
        return _FIELD.format(field.label if field else key, _named(self.subject))


def _paste_action(data: Data, clip: Clip, subject: Subject, words: StoreWords) -> tuple[list[str], str]:
    place = len(data["actions"])
    if place >= MAX_ACTIONS:
        return [FULL.format("actions", MAX_ACTIONS, "pasted")], "paste"
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


def count_of(nodes: list[Data]) -> int:
    """Return the number of conditions, including those in groups; an empty group counts as one."""
    return sum(max(1, count_of(node["conditions"])) if is_group(node) else 1 for node in nodes)
