"""The builder as plain values for its templates, made from a draft as it is stored or as it was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.engine.rule import Problem
from automations.engine.wording import Part
from automations.models.automation import Automation
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.models.hosts import ClosedEndpoint
from automations.models.store import Store
from automations.pipeline import drafts, endpoints
from automations.pipeline.problems import problems
from automations.web import builder_problems
from automations.web.builder_actions import Card, Setting, card, kinds
from automations.web.builder_caps import cap_controls
from automations.web.builder_conditions import Bracket, Drawing, Row, adds_to, nodes_of
from automations.web.builder_controls import Control, Option
from automations.web.builder_fields import subject_of
from automations.web.builder_insert import Menu
from automations.web.builder_problems import ToDo
from automations.web.builder_try import Try, try_card
from automations.web.builder_warnings import Warnings, warnings
from automations.web.builder_when import Coming, When, coming, when

#: Of a name, which is refused when it is longer than may be: what the box takes.
LONGEST_SHOWN = 200


@dataclass(frozen=True)
class Builder:
    """Everything the page shows. `focus` is the id that gets the keyboard."""

    automation: Automation
    name: Control
    revision: int
    when: When
    coming: Coming | None
    conditions: tuple[Row | Bracket, ...]
    adds: tuple[Option, ...]
    actions: tuple[Card, ...]
    kinds: Sequence[Option]
    caps: tuple[Control, ...]
    sentence: Sequence[Part]
    to_do: Sequence[ToDo]
    warnings: Warnings
    trial: Try | None
    #: The addresses of its requests that are switched off.
    closed: Sequence[ClosedEndpoint]
    summary: Sequence[ToDo]
    publishing: bool
    focus: str

    @property
    def edited(self) -> Automation:
        """What its parts are drawn for."""
        return self.automation

    @property
    def capped(self) -> bool:
        """Whether any limit is set or wrong, so that they are shown at once."""
        return any(one.error or one.value not in ("", "no") for one in self.caps)


def builder(
    store: Store,
    automation: Automation,
    data: Mapping[str, Any],
    *,
    words: StoreWords,
    name: str | None = None,
    revision: int | None = None,
    record: str = "",
    wrong: Sequence[Problem] = (),
    publishing: bool = False,
    focus: str = "",
) -> Builder:
    """The page for `data`. `wrong` is what refused it beyond the rule itself, such as the name;
    `publishing` shows also what is missing in its place."""
    subject, zone = subject_of(data["subject"], words), store.timezone
    found = problems(words, data)
    errors = builder_problems.shown_errors(found, data, publishing)
    named = next((one.sentence for one in wrong if one.path == "name"), "")
    first = when(subject, data, words, zone, errors)
    nodes = nodes_of(data["conditions"], Drawing(subject, words, errors))
    menu = Menu(automation, subject, data["actions"], words)
    setting, count = Setting(subject, words, zone, errors, menu), len(data["actions"])
    cards = tuple(card(place, one, count, setting) for place, one in enumerate(data["actions"]))
    caps = cap_controls(data, subject, errors)
    ids = _ids([*first.controls, *caps], nodes, cards)
    called = (automation.name if name is None else name)[:LONGEST_SHOWN]
    return Builder(
        automation=automation,
        name=Control("name", "Name of the automation", called, error=named),
        revision=automation.revision if revision is None else revision,
        when=first,
        coming=coming(store, data, {one.path for one in found}),
        conditions=nodes,
        adds=adds_to(subject),
        actions=cards,
        kinds=kinds(),
        caps=caps,
        sentence=drafts.in_words(words, data),
        to_do=builder_problems.to_do(found, data, ids),
        warnings=warnings(store, automation, called, data, words),
        closed=_closed(store, data),
        trial=try_card(store, words, data, record),
        summary=builder_problems.to_do([*wrong, *(found if publishing else ())], data, ids),
        publishing=publishing,
        focus=focus,
    )


def _closed(store: Store, data: Mapping[str, Any]) -> Sequence[ClosedEndpoint]:
    urls = [endpoints.url_of(action.get("settings") or {}) for action in data["actions"]]
    return endpoints.closed(db.session(), store.id, filter(None, urls)) if any(urls) else ()


def _ids(
    controls: Sequence[Control], nodes: Sequence[Row | Bracket], cards: Sequence[Card]
) -> frozenset[str]:
    """Every id a problem can link to."""
    inner = [control for node in nodes for control in node.controls]
    brackets = [id for node in nodes if isinstance(node, Bracket) for id in node.ids]
    timing = [control for one in cards for control in one.timing]
    fields = [entry.field.id for one in cards for entry in one.fields if not entry.hidden]
    cards_own = [f"actions-{one.place}" for one in cards]
    fixed = ["name", "add-condition", "add-action"]
    named = [one.id for one in (*controls, *inner, *timing)]
    return frozenset([*named, *brackets, *fields, *cards_own, *fixed])
