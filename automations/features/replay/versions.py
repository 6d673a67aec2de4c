"""The rules a log entry can be judged by: the version of its time, every other one, and the draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.rule import Node, node_from
from automations.features.authoring.publish import has_unpublished_changes
from automations.features.history.listeners import Listeners
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.schedule_progress import Due
from automations.models.tables.shadow import SHADOW_OUTCOMES

DRAFT, NONE = "draft", "none"


@dataclass(frozen=True, slots=True)
class KnownRule:
    """One rule to judge by. `key` stands in the address: "v3", "draft", or "none" for no version at all."""

    key: str
    #: "version 3", "the draft"; then as the head of a column, and in a list.
    name: str
    title: str
    label: str
    data: Mapping[str, Any] | None = None
    version_id: int | None = None
    number: int | None = None
    published_at: dt.datetime | None = None
    #: The day of that in the store's own words.
    published: str = ""
    #: Why there is nothing to judge by.
    problem: str = ""


@dataclass(frozen=True)
class Rules:
    """All rules of one automation, oldest first and the draft last, with those chosen when nothing is."""

    known: Sequence[KnownRule]
    evaluation: Evaluation | None
    left: KnownRule
    right: KnownRule

    def chosen(self, key: str, usual: KnownRule) -> KnownRule:
        """Return the rule that an address names; one that says why it is unknown, or the usual one for ""."""
        if not key:
            return usual
        found = next((one for one in self.known if one.key == key), None)
        if found is None and key == self.left.key:
            return self.left
        return found or _unknown(key)

    def asked_since(self, node: Node | None, column: KnownRule, other: KnownRule) -> str:
        """Return "asked since version 2, 2 Oct 2026" for a condition that the other column does not ask."""
        if node is None or self._place(column) <= self._place(other):
            return ""
        since = column
        for one in reversed(self.known[: self._place(column)]):
            if node not in _nodes(one):
                break
            since = one
        return f"asked since {since.name}, {since.published}" if since.number else "asked in the draft"

    def _place(self, one: KnownRule) -> int:
        return next((place for place, known in enumerate(self.known) if known is one), -1)


def rules_of(session: Session, words: StoreWords, automation: Automation, occurrence: Occurrence) -> Rules:
    """Return the rules of an automation, seen from one occurrence."""
    query = sa.select(Version).where(Version.automation_id == automation.id).order_by(Version.number)
    versions = session.scalars(query).all()
    of_it = sa.and_(Evaluation.occurrence_id == occurrence.id, Evaluation.automation_id == automation.id)
    really = Evaluation.outcome.not_in(SHADOW_OUTCOMES)
    evaluation = session.scalars(sa.select(Evaluation).where(of_it, really)).first()
    then = evaluation.version_id if evaluation else _listened(session, words, occurrence, versions)
    known = [_of_version(version, automation, then, words) for version in versions]
    draft = KnownRule(DRAFT, "the draft", "By the draft", "The draft", automation.draft)
    by_id = {one.version_id: one for one in known}
    left = by_id.get(then) or _not_live(session, automation, occurrence)
    right = by_id.get(automation.active_version_id) or by_id.get(automation.latest_version_id) or draft
    if right is left and has_unpublished_changes(automation):
        right = draft
    return Rules([*known, draft], evaluation, left, right)


def _listened(
    session: Session, words: StoreWords, occurrence: Occurrence, versions: Sequence[Version]
) -> int | None:
    own = {version.id for version in versions if not version.shadow}
    listening = Listeners(session, words.store_id, [occurrence]).of(occurrence)
    return next((id for id in reversed(listening) if id in own), None)


def _of_version(version: Version, automation: Automation, then: int | None, words: StoreWords) -> KnownRule:
    name, published = f"version {version.number}", words.formats.date(words.local(version.published_at))
    title, label = f"By {name}", f"Version {version.number}, published {published}"
    if version.shadow:
        label = f"Version {version.number}, for shadow mode since {published}"
    if version.id == automation.active_version_id:
        title, label = f"By today’s {name}", f"Version {version.number}, live since {published}"
    if version.id == then:
        title, label = f"By {name} of that time", f"Version {version.number}, of that time"
    rest = (version.definition, version.id, version.number, version.published_at, published)
    return KnownRule(f"v{version.number}", name, title, label, *rest)


def _not_live(session: Session, automation: Automation, occurrence: Occurrence) -> KnownRule:
    due = session.scalar(sa.select(Due.automation_id).where(Due.occurrence_id == occurrence.id).limit(1))
    problem = "It was not live then, or started by another trigger."
    if due is not None and due != automation.id:
        problem = "This moment was due for another automation."
    return KnownRule(
        NONE, "no version", "No version of that time", "No version of that time", problem=problem
    )


def _unknown(key: str) -> KnownRule:
    name = f"version {key.removeprefix('v')}" if key.startswith("v") else "that version"
    return KnownRule(
        key, name, name.capitalize(), name.capitalize(), problem=f"There is no {name} of this automation."
    )


def _nodes(known: KnownRule) -> list[Node]:
    try:
        return [node_from(entry) for entry in (known.data or {}).get("conditions") or ()]
    except (KeyError, TypeError):
        return []
