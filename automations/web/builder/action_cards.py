"""An action's card in the builder, drawn from the form that its kind declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import wtforms

from automations.actions import ACTIONS
from automations.actions.shared import empty_fields
from automations.actions.shared.action_kind import ActionForm
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem
from automations.features.authoring import drafts
from automations.messages.languages import name_of
from automations.messages.message_fields import SnippetGroup
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.web.builder import action_lists as lists
from automations.web.builder.action_field import ActionField, looks_of
from automations.web.builder.controls import Control, Option, select
from automations.web.builder.language_cards import LanguageCard, language_cards, languages_to_add
from automations.web.builder.placeholder_menu import Menu
from automations.web.builder.timing_controls import timing_controls

GONE = "An action that no longer exists"


@dataclass(frozen=True)
class Card:
    """One action. `kept` holds the (name, value) settings of a kind that no longer exists."""

    place: int
    key: str
    label: str
    icon: str
    audience: str
    timing: tuple[Control, ...]
    when_empty: tuple[Control, ...]
    fields: tuple[ActionField, ...]
    #: Its texts in further languages, and the languages that can be added.
    languages: tuple[LanguageCard, ...]
    more_languages: Sequence[Option]
    own_language: str
    kept: tuple[tuple[str, str], ...]
    error: str
    first: bool
    last: bool
    #: What it does in a few words, and whether its settings are in view.
    words: str
    is_open: bool

    @property
    def usual(self) -> list[ActionField]:
        """The fields that are always in view."""
        return [entry for entry in self.fields if not entry.optional]

    @property
    def optional(self) -> list[ActionField]:
        """The fields that are folded away."""
        return [entry for entry in self.fields if entry.optional]

    @property
    def drawn(self) -> list[wtforms.Field]:
        """Every control of the card that is in view or folded away."""
        entries = [*self.fields, *(entry for further in self.languages for entry in further.fields)]
        return [entry.field for entry in entries if not entry.hidden]

    @property
    def wrong(self) -> bool:
        """Whether something in it is shown as wrong."""
        controls = [*self.timing, *self.when_empty]
        return bool(self.error or any(one.error for one in controls) or any(one.errors for one in self.drawn))

    @property
    def unfolded(self) -> bool:
        """Whether one of the optional fields says something or is wrong."""
        fields = [entry.field for entry in self.optional]
        return any(field.errors or field.data not in (None, "", field.default) for field in fields)


@dataclass(frozen=True)
class CardContext:
    """What all action cards of one page share."""

    subject: Subject | None
    words: StoreWords
    zone: str
    errors: Mapping[str, str]
    #: What may be inserted into the texts of its actions.
    menu: Menu
    #: The language of the store.
    language: str
    #: The automation as it is stored, and what still keeps the draft from going live.
    automation: Automation
    problems: Sequence[Problem]
    #: The id of the element that gets the focus.
    focus: str


def action_cards(actions: Sequence[Mapping[str, Any]], setting: CardContext) -> tuple[Card, ...]:
    """Return the cards of a draft's actions."""
    return tuple(card(place, action, len(actions), setting) for place, action in enumerate(actions))


def card(place: int, data: Mapping[str, Any], count: int, setting: CardContext) -> Card:
    """Return the card of the action at `place` (from 0) of `count`. Error keys: "actions.0.settings.to"."""
    kind = ACTIONS.get(data["kind"])
    settings, errors, menu = data["settings"], setting.errors, setting.menu.of(place, False)
    timing = data.get("timing")
    return Card(
        place=place,
        key=data["kind"],
        label=kind.label if kind else GONE,
        icon=kind.icon if kind else "alert",
        audience=_audience(kind.contacts_customer(settings)) if kind else "",
        timing=timing_controls(place, timing, setting.subject, setting.zone, errors),
        when_empty=_when_empty(place, data, errors) if kind and empty_fields.may_skip(kind) else (),
        fields=tuple(_fields(place, data, setting)) if kind else (),
        languages=tuple(language_cards(place, kind, settings, menu, errors)) if kind else (),
        more_languages=languages_to_add(kind, settings, setting.language) if kind else (),
        own_language=name_of(setting.language),
        kept=() if kind else tuple((name, str(value)) for name, value in settings.items()),
        error=errors.get(f"actions.{place}.kind", "") or errors.get(f"actions.{place}.settings", ""),
        first=place == 0,
        last=place == count - 1,
        words=drafts.action_phrase(data, setting.subject or drafts.NO_SUBJECT, setting.words),
        is_open=count == 1 or _is_under_work(place, data, setting),
    )


def _is_under_work(place: int, data: Mapping[str, Any], setting: CardContext) -> bool:
    """Whether the action lacks something, differs from the stored one or is to get the focus."""
    # An automation that was never saved has no actions yet.
    stored = setting.automation.draft.get("actions", [])
    changed = place >= len(stored) or stored[place] != data
    unfinished = any(problem.path.startswith(f"actions.{place}.") for problem in setting.problems)
    return changed or unfinished or setting.focus.startswith(f"actions-{place}-")


def kinds() -> list[Option]:
    """Return the kinds of action that can be added."""
    return [Option(kind.key, kind.label) for kind in ACTIONS.values()]


def _when_empty(place: int, data: Mapping[str, Any], errors: Mapping[str, str]) -> tuple[Control, ...]:
    name, label = f"actions-{place}-{empty_fields.KEY}", f"Action {place + 1}: if a field in it is empty"
    error, value = errors.get(f"actions.{place}.{empty_fields.KEY}", ""), str(data.get(empty_fields.KEY, ""))
    choices = empty_fields.CHOICES.items()
    return (select(name, label, value, choices, error=error, word="If a field in it is empty:"),)


def _audience(contacts_customer: bool) -> str:
    return "contacts the customer" if contacts_customer else "internal only"


def _fields(place: int, data: Mapping[str, Any], setting: CardContext) -> Iterator[ActionField]:
    kind, settings = data["kind"], data["settings"]
    typed = lists.typed_settings(kind, settings, setting.subject, setting.words)
    form = ACTIONS[kind].Form(data=typed, prefix=f"actions-{place}-settings-")
    deciding = {other for other, _ in form.shown_when.values()}
    for field in form:
        name = field.short_name
        other, needed = form.shown_when.get(name, (name, form[name].data))
        _fit_choices(kind, field, setting)
        error = setting.errors.get(f"actions.{place}.settings.{name}")
        field.errors = [error] if error else []
        shape, look = looks_of(field)
        chosen_from, of_list = lists.value_choices(kind, name, settings, setting.subject, setting.words)
        yield ActionField(
            field=field,
            shape="list" if chosen_from else shape,
            look="form-select" if chosen_from else look,
            hidden=form[other].data != needed,
            redraws=name in deciding or (kind, name) in lists.DECIDING or of_list,
            menu=() if chosen_from else _menu(place, form, name, setting),
            optional=name in (*form.optional, *form.folded),
            suggestions=lists.suggestions(kind, name, setting.words),
            choices=chosen_from,
            hint=lists.BACK_TO_LIST if of_list and not chosen_from else "",
        )


def _menu(place: int, form: ActionForm, name: str, setting: CardContext) -> Sequence[SnippetGroup]:
    return setting.menu.of(place, name in form.secret_fields) if name in form.template_fields else ()


def _fit_choices(kind: str, field: wtforms.Field, setting: CardContext) -> None:
    """Offer only the entries that fit the subject, and keep the current choice even if it does not."""
    if not isinstance(field, wtforms.SelectField):
        return
    offered = lists.entries(kind, field.short_name, setting.subject)
    field.choices = field.choices if offered is None else offered
    if all(field.data != key for key, *_ in field.choices):
        field.choices = [*field.choices, (field.data, f"“{field.data}” (not in the list)")]
