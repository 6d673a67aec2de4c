"""Automations and what can be done with them: open, switch on and off, run by hand, archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from flask import g, url_for

from automations.engine.wording.wording import text_of
from automations.features.authoring import automation_listing, drafts
from automations.models.db.base import db
from automations.models.db.text_search import folded, has_words
from automations.models.tables.automation import Automation
from automations.web.automations.automation_list import state_word
from automations.web.kit.permissions import may
from automations.web.palette.hits import Hit
from automations.web.records.kind_pages import store_words

#: What a person may type before the name of an automation -> the doings that it asks for.
VERBS = {
    "switch on": ("on",),
    "switch off": ("off",),
    "turn on": ("on",),
    "turn off": ("off",),
    "switch": ("on", "off"),
    "turn": ("on", "off"),
    "stop": ("off",),
    "start": ("on",),
    "run": ("run",),
    "archive": ("archive",),
    "edit": ("edit",),
}
#: Offered when only a name is typed, for as many automations.
USUAL, OF_USUAL = ("on", "off"), 2


class NamedAutomations:
    """The automations that `text` names, found once."""

    def __init__(self, text: str) -> None:
        self._text = text

    def automations(self, most: int) -> list[Hit]:
        """Return automations whose name and sentence have all words, those found by name first."""
        return [_hit(automation) for automation in self._matching[:most]]

    def doings(self, most: int) -> list[Hit]:
        """Return what can be done with the automations that it names, as “switch off deposit” does."""
        text = self._text
        wanted, name = _verb(text)
        if wanted:
            named = [one for one in _matching(name) if has_words(one.name, name)]
            return [hit for automation in named for hit in _doings(automation, wanted)][:most]
        named = [one for one in self._matching if has_words(one.name, text)][:OF_USUAL]
        return [hit for automation in named for hit in _doings(automation, USUAL)][:most]

    @cached_property
    def _matching(self) -> list[Automation]:
        return _matching(self._text) if self._text else []


def is_order(text: str) -> bool:
    """Return whether `text` begins by asking to do something, as “switch off” does."""
    return bool(_verb(text)[0])


def _verb(text: str) -> tuple[Sequence[str], str]:
    for verb, wanted in VERBS.items():
        if folded(text) == verb or folded(text).startswith(f"{verb} "):
            return wanted, text[len(verb) :].strip()
    return (), text


def _matching(text: str) -> list[Automation]:
    ids = automation_listing.matching_ids(db.session(), g.store, text)
    found = automation_listing.automations(db.session(), ids)
    return sorted(found, key=lambda automation: not has_words(automation.name, text))


def _hit(automation: Automation) -> Hit:
    live = automation.latest_version_id is not None
    endpoint = "automation_overviews.show" if live else "automations.show"
    state, tone = _state(automation)
    words = text_of(drafts.in_words(store_words(), automation.draft))
    return Hit(
        automation.name, url_for(endpoint, automation_id=automation.id), "bolt", words, state, f"bg-{tone}-lt"
    )


def _state(automation: Automation) -> tuple[str, str]:
    word = state_word(automation)
    if automation.active_version:
        return f"{word} · version {automation.active_version.number}", "teal"
    return word, "orange" if automation.paused_at else "secondary"


def _doings(automation: Automation, wanted: Sequence[str]) -> Iterator[Hit]:
    """Yield the doings that make sense in the automation's state and that this person may do."""
    name, is_on = automation.name, automation.active_version_id is not None
    published = automation.latest_version_id is not None
    ways = (
        ("off", is_on, f"Switch off “{name}”", "automation_activations.destroy", "pause"),
        ("on", published and not is_on, f"Switch on “{name}”", "automation_activations.create", "play"),
        ("run", is_on, f"Run “{name}” by hand…", "manual_runs.new", "play"),
        ("archive", True, f"Archive “{name}”…", "archive.new", "archive"),
        ("edit", True, f"Edit “{name}”", "automations.show", "pencil"),
    )
    for key, possible, label, endpoint, icon in ways:
        if key in wanted and possible and may(endpoint) and may("automations.update"):
            posts = endpoint.startswith("automation_activations.")
            yield Hit(label, url_for(endpoint, automation_id=automation.id), icon, posts=posts)
