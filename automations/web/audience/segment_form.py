"""The segment builder's page as plain values: its conditions, and how many customers meet them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import g, request

from automations.engine.fields.subject import NOW, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Problem
from automations.engine.wording.condition_phrases import node_parts
from automations.engine.wording.sentence_parts import listed
from automations.engine.wording.wording import Part
from automations.features.audience import segment_edits
from automations.features.audience.match_count import MatchCount, count_matches
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.segment import Segment
from automations.pipeline.evaluation.segment_membership import as_data
from automations.web.builder import form_data, problem_places
from automations.web.builder.condition_rows import Bracket, ConditionRow, Drawing, adds_to, nodes_of
from automations.web.builder.controls import Control, Option
from automations.web.builder.form_data import Submitted
from automations.web.builder.problem_places import ToDo
from automations.web.kit.open_twice import SEEN, Opened, combined

#: Stands for a segment that is not saved yet.
NEW = "segment-new"


@dataclass(frozen=True)
class SegmentForm:
    """Everything the page shows. `focus` is the id of the element that gets the focus."""

    edited: Segment | str
    name: Control
    conditions: tuple[ConditionRow | Bracket, ...]
    adds: tuple[Option, ...]
    sentence: Sequence[Part]
    match_count: MatchCount | None
    to_do: Sequence[ToDo]
    problem: str
    focus: str
    #: What the form showed when it was opened.
    seen: Mapping[str, str]


def sent(words: StoreWords) -> Submitted:
    """Return the form as sent with this request."""
    form = request.form.copy()
    form["subject"] = "customer"
    return form_data.read(form, words)


def form_of(
    segment: Segment | None,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
    words: StoreWords,
    *,
    saving: bool = False,
    problem: str = "",
    focus: str = "",
    seen: Mapping[str, str] | None = None,
) -> SegmentForm:
    """Return the page for a segment as typed; `saving` also marks each missing part in its place."""
    subject, data = segment_subject(words), as_data(conditions)
    problems = segment_edits.problems(db.session(), g.store, segment, name, conditions)
    errors = problem_places.shown_errors(problems, data, saving)
    nodes = nodes_of(data["conditions"], Drawing(subject, words, errors))
    phrases = [node_parts(subject, node, words) for node in data["conditions"]]
    name_control = Control("name", "Name", name, error=errors.get("name", "") if saving else "")
    return SegmentForm(
        edited=segment or NEW,
        name=name_control,
        conditions=nodes,
        adds=adds_to(subject),
        sentence=listed(phrases) if phrases else (),
        match_count=_match_count(conditions, problems),
        to_do=problem_places.to_do(problems, data | {"actions": []}, _ids(nodes)),
        problem=problem,
        focus=focus,
        seen=stored_values(segment) if seen is None else seen,
    )


def stored_values(segment: Segment | None) -> dict[str, str]:
    """Return what the form of a stored segment shows when it is opened."""
    return _values(segment.name, segment.conditions) if segment else {}


def opened(segment: Segment | None, sent: Submitted) -> Opened:
    """Return the name and the conditions to save, each as sent unless it was only changed elsewhere."""
    typed = _values(sent.name, sent.data["conditions"]) | {SEEN: request.form.get(SEEN, "")}
    return combined(typed, stored_values(segment))


def conditions_of(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the conditions of `opened`."""
    return list(json.loads(values["conditions"]))


def _values(name: str, conditions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {"name": name, "conditions": json.dumps(conditions, sort_keys=True)}


def segment_subject(words: StoreWords) -> Subject:
    """Return the subject "customer" with custom fields, without the fields that depend on the moment."""
    whole = SUBJECTS["customer"].with_custom(words.custom("customer"))
    return replace(
        whole, fields={key: field for key, field in whole.fields.items() if not key.startswith(NOW)}
    )


def _match_count(conditions: Sequence[Mapping[str, Any]], problems: Sequence[Problem]) -> MatchCount | None:
    if any(problem.path.startswith("conditions") for problem in problems):
        return None
    return count_matches(db.session(), g.store, conditions, dt.datetime.now(dt.UTC))


def _ids(nodes: Sequence[ConditionRow | Bracket]) -> frozenset[str]:
    inner = [control.id for node in nodes for control in node.controls]
    brackets = [id for node in nodes if isinstance(node, Bracket) for id in node.ids]
    return frozenset([*inner, *brackets, "name", "add-condition"])
