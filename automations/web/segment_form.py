"""The segment builder as plain values: the conditions of the automation builder, and who fits them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import g, request

from automations.engine.parts import listed
from automations.engine.phrases import node_parts
from automations.engine.rule import Problem
from automations.engine.subject import NOW, Subject
from automations.engine.subjects import SUBJECTS
from automations.engine.wording import Part
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.models.segment import Segment
from automations.pipeline import segment_edits
from automations.pipeline.segments import Fitting, as_data, fitting
from automations.web import builder_form, builder_problems
from automations.web.builder_conditions import Bracket, Drawing, Row, adds_to, nodes_of
from automations.web.builder_controls import Control, Option
from automations.web.builder_form import Submitted
from automations.web.builder_problems import ToDo

#: What stands for a segment that is not kept yet.
NEW = "segment-new"


@dataclass(frozen=True)
class SegmentForm:
    """Everything the page shows. `focus` is the id that gets the keyboard."""

    edited: Segment | str
    name: Control
    conditions: tuple[Row | Bracket, ...]
    adds: tuple[Option, ...]
    sentence: Sequence[Part]
    fitting: Fitting | None
    to_do: Sequence[ToDo]
    problem: str
    focus: str


def sent(words: StoreWords) -> Submitted:
    """The form of this request."""
    form = request.form.copy()
    form["subject"] = "customer"
    return builder_form.read(form, words)


def form_of(
    segment: Segment | None,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
    words: StoreWords,
    *,
    saving: bool = False,
    problem: str = "",
    focus: str = "",
) -> SegmentForm:
    """The page for a segment as it is typed; `saving` shows also what is missing in its place."""
    subject, data = watched(words), as_data(conditions)
    found = segment_edits.problems(db.session(), g.store, segment, name, conditions)
    errors = builder_problems.shown_errors(found, data, saving)
    nodes = nodes_of(data["conditions"], Drawing(subject, words, errors))
    phrases = [node_parts(subject, one, words) for one in data["conditions"]]
    called = Control("name", "Name", name, error=errors.get("name", "") if saving else "")
    return SegmentForm(
        edited=segment or NEW,
        name=called,
        conditions=nodes,
        adds=adds_to(subject),
        sentence=listed(phrases) if phrases else (),
        fitting=_fitting(conditions, found),
        to_do=builder_problems.to_do(found, data | {"actions": []}, _ids(nodes)),
        problem=problem,
        focus=focus,
    )


def watched(words: StoreWords) -> Subject:
    """Customers with the store's own fields, without what depends on the moment."""
    whole = SUBJECTS["customer"].with_custom(words.custom("customer"))
    return replace(whole, fields={key: one for key, one in whole.fields.items() if not key.startswith(NOW)})


def _fitting(conditions: Sequence[Mapping[str, Any]], found: Sequence[Problem]) -> Fitting | None:
    if any(one.path.startswith("conditions") for one in found):
        return None
    return fitting(db.session(), g.store, conditions, dt.datetime.now(dt.UTC))


def _ids(nodes: Sequence[Row | Bracket]) -> frozenset[str]:
    inner = [control.id for node in nodes for control in node.controls]
    brackets = [id for node in nodes if isinstance(node, Bracket) for id in node.ids]
    return frozenset([*inner, *brackets, "name", "add-condition"])
