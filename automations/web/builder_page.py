"""The builder as plain values for its templates, made from a draft as it is stored or as it was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.engine.rule import Problem
from automations.engine.subject import Subject
from automations.engine.subjects import SUBJECTS
from automations.engine.wording import Part
from automations.models.automation import Automation
from automations.models.choices import StoreWords
from automations.models.store import Store
from automations.pipeline import drafts
from automations.pipeline.problems import problems
from automations.web import builder_problems
from automations.web.builder_actions import Card, card, kinds
from automations.web.builder_conditions import Row, row
from automations.web.builder_controls import Control, Option, select
from automations.web.builder_problems import ToDo
from automations.web.builder_try import Try, try_card

ANY = "any status"


@dataclass(frozen=True)
class When:
    """The first block. `sides` narrow a change: from, to."""

    subject: Control
    trigger: Control
    sides: tuple[Control, ...]
    note: str


@dataclass(frozen=True)
class Builder:
    """Everything the page shows. `focus` is the id that gets the keyboard."""

    automation: Automation
    name: Control
    revision: int
    when: When
    conditions: tuple[Row, ...]
    actions: tuple[Card, ...]
    kinds: Sequence[Option]
    sentence: Sequence[Part]
    to_do: Sequence[ToDo]
    trial: Try | None
    summary: Sequence[ToDo]
    publishing: bool
    focus: str


def builder(
    store: Store,
    automation: Automation,
    data: Mapping[str, Any],
    *,
    name: str | None = None,
    revision: int | None = None,
    record: str = "",
    wrong: Sequence[Problem] = (),
    publishing: bool = False,
    focus: str = "",
    words: StoreWords,
) -> Builder:
    """The page for `data`. `wrong` is what refused it beyond the rule itself, such as the name;
    `publishing` shows also what is missing in its place."""
    subject = SUBJECTS.get(data["subject"])
    found = problems(words, data)
    errors = builder_problems.shown_errors(found, data, publishing)
    named = next((one.sentence for one in wrong if one.path == "name"), "")
    when = _when(subject, data, words, errors)
    rows = tuple(row(place, one, subject, words, errors) for place, one in enumerate(data["conditions"]))
    count = len(data["actions"])
    cards = tuple(card(n, one, count, data["subject"], errors) for n, one in enumerate(data["actions"]))
    ids = _ids(when, rows, cards)
    return Builder(
        automation=automation,
        name=Control(
            "name", "Name of the automation", automation.name if name is None else name, error=named
        ),
        revision=automation.revision if revision is None else revision,
        when=when,
        conditions=rows,
        actions=cards,
        kinds=kinds(),
        sentence=drafts.in_words(words, data),
        to_do=builder_problems.to_do(found, data, ids),
        trial=try_card(store, words, data, record),
        summary=builder_problems.to_do([*wrong, *(found if publishing else ())], data, ids),
        publishing=publishing,
        focus=focus,
    )


def _when(
    subject: Subject | None, data: Mapping[str, Any], words: StoreWords, errors: Mapping[str, str]
) -> When:
    offered = [(one.key, one.label) for one in SUBJECTS.values() if one.triggers]
    kinds = subject.triggers if subject else {}
    given = data["trigger"]
    kind = kinds.get(given["key"] or "")
    watched = select(
        "subject", "Model", data["subject"], offered, error=errors.get("subject", ""), redraws=True
    )
    trigger = select(
        "trigger-key",
        "Trigger",
        given["key"],
        [(one.key, one.label) for one in kinds.values()],
        empty="Choose what starts it…",
        error=errors.get("trigger.key", ""),
        redraws=True,
    )
    narrowed = bool(kind and kind.choices) or given["from"] or given["to"]
    pairs = words.options(kind.choices) if kind and kind.choices else []
    sides = tuple(_side(side, given[side], pairs, errors) for side in ("from", "to")) if narrowed else ()
    return When(watched, trigger, sides, kind.note if kind else "")


def _side(
    side: str, value: str | None, pairs: Sequence[tuple[str, str]], errors: Mapping[str, str]
) -> Control:
    error = errors.get(f"trigger.{side}", "")
    return select(f"trigger-{side}", side.capitalize(), value, pairs, empty=ANY, error=error)


def _ids(when: When, rows: Sequence[Row], cards: Sequence[Card]) -> frozenset[str]:
    """Every id a problem can link to."""
    controls = [when.subject, when.trigger, *when.sides]
    for one in rows:
        controls += [control for control in (one.field, one.operator, one.value) if control]
    fields = [entry.field.id for one in cards for entry in one.fields if not entry.hidden]
    cards_own = [f"actions-{one.place}" for one in cards]
    fixed = ["name", "add-condition", "add-action"]
    return frozenset([*(control.name for control in controls), *fields, *cards_own, *fixed])
