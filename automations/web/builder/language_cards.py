"""The texts of an action in further languages: drawn, read from the form, added and removed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import LANGUAGES, Action, ActionForm, texts_by_language
from automations.actions.shared.message_languages import MOST
from automations.engine.fields.language_tags import LONGEST, spoken
from automations.messages.languages import known_tag, name_of, offered
from automations.messages.message_fields import SnippetGroup
from automations.web.builder.action_field import ActionField, looks_of
from automations.web.builder.controls import Option

_SENT = re.compile(rf"{LANGUAGES}-([A-Za-z0-9-]{{2,{LONGEST}}})-([a-z_]+)")


@dataclass(frozen=True)
class LanguageCard:
    """The texts in one further language. `place` is its position among them, from 0."""

    place: int
    tag: str
    name: str
    fields: tuple[ActionField, ...]

    @property
    def unfolded(self) -> bool:
        """Whether something is missing or wrong in it."""
        return any(entry.field.errors for entry in self.fields) or not any(
            entry.field.data for entry in self.fields
        )


def language_cards(
    action: int,
    kind: Action,
    settings: Mapping[str, Any],
    menu: Sequence[SnippetGroup],
    errors: Mapping[str, str],
) -> Iterator[LanguageCard]:
    """Yield the further languages of the action at `action` (from 0), in the order of adding."""
    for place, (tag, texts) in enumerate(_known(kind, settings).items()):
        form = kind.Form(data=texts, prefix=f"actions-{action}-settings-{LANGUAGES}-{tag}-")
        fields = []
        for name in kind.Form.translated:
            error = errors.get(f"actions.{action}.settings.{LANGUAGES}.{tag}.{name}")
            form[name].errors = [error] if error else []
            shape, look = looks_of(form[name])
            fields.append(ActionField(form[name], shape, look, hidden=False, redraws=False, menu=menu))
        yield LanguageCard(place, tag, name_of(tag), tuple(fields))


def languages_to_add(kind: Action, settings: Mapping[str, Any], of_store: str) -> list[Option]:
    """Return the languages that can be added; none for a message that does not go to the customer."""
    there = _known(kind, settings)
    if not kind.Form.translated or not kind.contacts_customer(settings) or len(there) >= MOST:
        return []
    left_out = {*there, of_store, spoken(of_store)}
    return [Option(tag, name) for tag, name in offered() if tag not in left_out]


def languages_sent(typed: Mapping[str, str], form: type[ActionForm]) -> dict[str, Any]:
    """Return the setting that the form says, without empty texts: {"languages": …}, or {} without any."""
    languages: dict[str, dict[str, str]] = {}
    for name, text in typed.items():
        match = _SENT.fullmatch(name)
        if match and match[2] in form.translated and known_tag(match[1]) == match[1]:
            texts = languages.setdefault(match[1], {})
            texts.update({match[2]: text.replace("\r\n", "\n")} if text else {})
    return {LANGUAGES: languages} if languages else {}


def add_language(data: Mapping[str, Any], action: int, tag: str) -> str:
    """Add a language without texts to the action at `action`; return the id to focus."""
    kind = ACTIONS.get(data["actions"][action]["kind"])
    settings = data["actions"][action]["settings"]
    if kind is None or tag not in dict(offered()) or len(texts_by_language(settings)) >= MOST:
        return f"actions-{action}-language"
    languages = texts_by_language(settings)
    settings[LANGUAGES] = languages if tag in languages else {**languages, tag: {}}
    return f"actions-{action}-settings-{LANGUAGES}-{tag}-{kind.Form.translated[0]}"


def remove_language(data: Mapping[str, Any], action: int, place: int) -> str:
    """Remove a language from the action at `action`; return the id to focus."""
    settings = data["actions"][action]["settings"]
    languages = texts_by_language(settings)
    for tag in list(languages)[place : place + 1]:
        del languages[tag]
    settings.pop(LANGUAGES, None)
    if not languages:
        return f"add-language-{action}"
    settings[LANGUAGES] = languages
    return f"remove-language-{action}-{min(place, len(languages) - 1)}"


def _known(kind: Action, settings: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    texts = texts_by_language(settings) if kind.Form.translated else {}
    return {tag: of_tag for tag, of_tag in texts.items() if known_tag(tag) == tag}
