"""The page on which an expectation is written, as plain values for its templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import g, request

from automations.engine.rules.rule import Problem
from automations.engine.wording.wording import Part
from automations.features.authoring import drafts
from automations.features.expectations import expectation_edits
from automations.features.expectations.follow import USUAL
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.expectation import Expectation
from automations.models.tables.occurrence import MANUAL
from automations.web.builder import form_data, problem_places
from automations.web.builder.condition_rows import Bracket, ConditionRow, Drawing, adds_to, nodes_of
from automations.web.builder.controls import Control, Option
from automations.web.builder.field_options import subject_of
from automations.web.builder.problem_places import ToDo
from automations.web.builder.redraw_urls import NEW_EXPECTATION
from automations.web.builder.trigger_block import WhenBlock, when
from automations.web.expectations import follow_controls
from automations.web.expectations.past_view import PastView, past_view

RULE = ("subject", "trigger", "conditions")
_AT_A_TIME = "At a time"


@dataclass(frozen=True)
class Written:
    """An expectation as it is typed or saved."""

    name: str
    rule: dict[str, Any]
    follow: dict[str, Any]
    revision: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """What is saved of it."""
        return {"name": self.name, "rule": self.rule, "follow": self.follow}


@dataclass(frozen=True)
class ExpectationForm:
    """Everything the page shows. `focus` is the id of the element that gets the focus."""

    edited: Expectation | str
    revision: int
    name: Control
    when: WhenBlock
    conditions: tuple[ConditionRow | Bracket, ...]
    adds: tuple[Option, ...]
    follow: tuple[Control, ...]
    sentence: Sequence[Part]
    to_do: Sequence[ToDo]
    #: What the last 30 days say; None while it is still to be asked for.
    look: PastView | None
    problem: str
    focus: str

    @property
    def ready(self) -> bool:
        """Whether nothing keeps it from being saved."""
        return not self.to_do


def blank() -> Written:
    """Return what a new expectation starts from."""
    return Written("", {key: drafts.blank()[key] for key in RULE}, dict(USUAL))


def saved(expectation: Expectation) -> Written:
    """Return an expectation as it is saved."""
    return Written(expectation.name, expectation.rule, expectation.follow, expectation.revision)


def sent(words: StoreWords) -> tuple[Written, form_data.Submitted]:
    """Return the form as sent with this request; the second part is for edits of its rows."""
    submitted = form_data.read(request.form, words)
    refusal = submitted.refusal.replace("This automation", "This expectation")
    follow = follow_controls.read(request.form)
    written = Written(submitted.name, _rule(submitted.data), follow, submitted.revision)
    return written, replace(submitted, refusal=refusal)


def edited(written: Written, data: Mapping[str, Any]) -> Written:
    """Return it with the rule of edited form data."""
    return replace(written, rule=_rule(data))


def form_of(
    expectation: Expectation | None,
    written: Written,
    words: StoreWords,
    *,
    saving: bool = False,
    problem: str = "",
    focus: str = "",
    look: bool = False,
    wrong: Sequence[Problem] = (),
) -> ExpectationForm:
    """Return the page for an expectation as typed.

    `saving` also marks each missing part in its place; with `look`, the past is looked at now.
    """
    rule, data = written.rule, {**written.rule, "follow": written.follow, "actions": []}
    subject = subject_of(rule["subject"], words)
    found = [*expectation_edits.problems(db.session(), words, rule, written.follow), *wrong]
    errors = problem_places.shown_errors(found, data, saving)
    block = _without_times(when(subject, rule, words, g.store.timezone, errors))
    nodes = nodes_of(rule["conditions"], Drawing(subject, words, errors))
    follow = follow_controls.follow_controls(written.follow, errors)
    now = dt.datetime.now(dt.UTC)
    return ExpectationForm(
        edited=expectation or NEW_EXPECTATION,
        revision=written.revision,
        name=Control("name", "Name", written.name, error=errors.get("name", "")),
        when=block,
        conditions=nodes,
        adds=adds_to(subject),
        follow=follow,
        sentence=expectation_edits.in_words(db.session(), words, rule, written.follow),
        to_do=problem_places.to_do(found, data, _ids([*block.controls, *follow], nodes)),
        look=past_view(words, rule, written.follow, now) if look and not found else None,
        problem=problem,
        focus=focus,
    )


def _rule(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in RULE}


def _without_times(block: WhenBlock) -> WhenBlock:
    """Return the block without the triggers that no entry of the log begins with."""
    trigger = block.trigger
    offered = tuple(
        option
        for option in trigger.options
        if option.value == trigger.value or not (option.group == _AT_A_TIME or option.value == MANUAL)
    )
    return replace(block, trigger=replace(trigger, options=offered))


def _ids(controls: Sequence[Control], nodes: Sequence[ConditionRow | Bracket]) -> frozenset[str]:
    inner = [control.id for node in nodes for control in node.controls]
    brackets = [id for node in nodes if isinstance(node, Bracket) for id in node.ids]
    return frozenset([*(control.id for control in controls), *inner, *brackets, "name", "add-condition"])
