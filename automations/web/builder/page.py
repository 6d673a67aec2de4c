"""The builder's page as plain values for its templates, made from a stored or a submitted draft."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.engine.rules.rule import Problem
from automations.engine.wording.wording import Part
from automations.features.authoring import drafts
from automations.features.authoring.draft_problems import problems
from automations.features.examples.checking import Asked, ask
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.called_host import ClosedEndpoint
from automations.models.tables.store import Store
from automations.pipeline.delivery import closed_endpoints
from automations.web.builder import problem_places
from automations.web.builder.action_cards import Card, CardContext, action_cards, kinds
from automations.web.builder.cap_controls import cap_controls
from automations.web.builder.checks_card import ChecksCard, checks_card
from automations.web.builder.condition_rows import Bracket, ConditionRow, Drawing, adds_to, nodes_of
from automations.web.builder.controls import Control, Option
from automations.web.builder.field_options import subject_of
from automations.web.builder.past_card import PastCard, past_of_page
from automations.web.builder.placeholder_menu import Menu
from automations.web.builder.problem_places import ToDo
from automations.web.builder.trigger_block import NextFirings, WhenBlock, coming, when
from automations.web.builder.try_it import TryCard, settled, try_card
from automations.web.kit.scope import NEW

#: The characters of a name the input shows; a longer name than allowed is refused.
LONGEST_SHOWN = 200


@dataclass(frozen=True)
class Builder:
    """Everything the page shows. `focus` is the id of the element that gets the focus."""

    automation: Automation
    name: Control
    revision: int
    when: WhenBlock
    coming: NextFirings | None
    conditions: tuple[ConditionRow | Bracket, ...]
    adds: tuple[Option, ...]
    actions: tuple[Card, ...]
    kinds: Sequence[Option]
    caps: tuple[Control, ...]
    sentence: Sequence[Part]
    checks: ChecksCard
    #: What the draft answers to its pinned examples.
    examples: Asked
    trial: TryCard | None
    past: PastCard
    #: The addresses its requests call that are switched off.
    closed: Sequence[ClosedEndpoint]
    summary: Sequence[ToDo]
    publishing: bool
    focus: str
    #: What the saves of this page call themselves: see features/authoring/sittings.
    sitting: str

    @property
    def is_new(self) -> bool:
        """Whether it is no row yet."""
        return self.automation.id == NEW

    @property
    def edited(self) -> Automation:
        """The automation, under the name that the segment builder's page shares."""
        return self.automation

    @property
    def action_words(self) -> dict[str, str]:
        """What each action does in a few words, by the id of its place on the page."""
        return {f"actions-{card.place}-words": card.words for card in self.actions}

    @property
    def capped(self) -> bool:
        """Whether any cap is set or invalid, so that the caps are shown unfolded."""
        return any(control.error or control.value not in ("", "no") for control in self.caps)


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
    past: bool = False,
    sitting: str = "",
) -> Builder:
    """Return the page for the draft `data`.

    `wrong` holds the problems beyond the rule itself, such as its name; `publishing` also marks
    each missing part in its place. With `past`, the checks that read the past are made at once.
    """
    subject, zone = subject_of(data["subject"], words), store.timezone
    rule_problems = problems(words, data)
    errors = problem_places.shown_errors(rule_problems, data, publishing)
    name_error = next((problem.sentence for problem in wrong if problem.path == "name"), "")
    when_block = when(subject, data, words, zone, errors)
    nodes = nodes_of(data["conditions"], Drawing(subject, words, errors))
    menu = Menu(automation, subject, data["actions"], words)
    setting = CardContext(
        subject, words, zone, errors, menu, store.language, automation, rule_problems, focus
    )
    cards, caps = action_cards(data["actions"], setting), cap_controls(data, subject, errors)
    ids = _ids([*when_block.controls, *caps], nodes, cards)
    record = settled(store, words, data, record)
    shown_name = (automation.name if name is None else name)[:LONGEST_SHOWN]
    to_do = problem_places.to_do(rule_problems, data, ids)
    return Builder(
        automation=automation,
        name=Control("name", "Name of the automation", shown_name, error=name_error),
        revision=automation.revision if revision is None else revision,
        when=when_block,
        coming=coming(store, data, {problem.path for problem in rule_problems}),
        conditions=nodes,
        adds=adds_to(subject),
        actions=cards,
        kinds=kinds(),
        caps=caps,
        sentence=drafts.in_words(words, data),
        checks=checks_card(store, automation, shown_name, data, words, to_do, ids, past),
        closed=closed_endpoints.of_actions(db.session(), store.id, data["actions"]),
        examples=ask(db.session(), words, automation, data),
        trial=try_card(store, words, data, record),
        past=past_of_page(store, automation, data, words, record),
        summary=problem_places.to_do([*wrong, *(rule_problems if publishing else ())], data, ids),
        publishing=publishing,
        focus=focus,
        sitting=sitting or secrets.token_hex(12),
    )


def _ids(
    controls: Sequence[Control], nodes: Sequence[ConditionRow | Bracket], cards: Sequence[Card]
) -> frozenset[str]:
    """Return every id a problem can link to."""
    inner = [control for node in nodes for control in node.controls]
    brackets = [id for node in nodes if isinstance(node, Bracket) for id in node.ids]
    timing = [control for card in cards for control in (*card.timing, *card.when_empty)]
    fields = [field.id for card in cards for field in card.drawn]
    fields += [f"add-language-{card.place}" for card in cards if card.more_languages]
    card_ids = [f"actions-{card.place}" for card in cards]
    fixed = ["name", "add-condition", "add-action"]
    control_ids = [control.id for control in (*controls, *inner, *timing)]
    return frozenset([*control_ids, *brackets, *fields, *card_ids, *fixed])
