"""The history of an automation: its versions as sentences, their differences, and restoring one."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.actions import ACTIONS
from automations.engine.wording.wording import Part, text_of
from automations.features.authoring import drafts, sittings
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep

#: A word with its leading space; commas and full stops are words of their own, but not inside £1,200.50.
_WORD = re.compile(r"\s*(?:(?:[^\s,.]|[,.](?=\d))+|[,.])")
SAME, ADDED, REMOVED = "same", "added", "removed"
Piece = tuple[str, str]


@dataclass(frozen=True)
class VersionEntry:
    """One version compared with the one before: `difference` holds (same/added/removed, text) pieces."""

    version: Version
    sentence: Sequence[Part]
    difference: Sequence[Piece]
    notes: Sequence[str]


def history(
    session: Session, store: Store, automation: Automation, newest: int | None = None
) -> list[VersionEntry]:
    """Return the versions, newest first; `newest` is how many of them at most."""
    query = sa.select(Version).where(Version.automation_id == automation.id).order_by(Version.number.desc())
    query = query.limit(newest + 1) if newest is not None else query
    versions = session.scalars(query.options(joinedload(Version.publisher))).all()
    words = StoreWords(session, store)
    pairs = zip_longest(versions, versions[1:])
    return [_entry(words, version, before) for version, before in pairs][:newest]


def restore(
    session: Session, automation: Automation, version: Version, user: User, now: dt.datetime
) -> UndoStep:
    """Copy a version into the draft, inside write(); the live one stays. Return what takes it back."""
    return sittings.replace(session, automation, version.definition, user, now)


def difference(before: str, after: str) -> list[Piece]:
    """Return the differences between two sentences, word by word."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces: list[Piece] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append((SAME, "".join(new[k:m])))
            continue
        pieces += [(REMOVED, "".join(old[i:j]))] if j > i else []
        pieces += [(ADDED, "".join(new[k:m]))] if m > k else []
    return pieces


def _entry(words: StoreWords, version: Version, before: Version | None) -> VersionEntry:
    sentence = drafts.in_words(words, version.definition)
    if before is None:
        return VersionEntry(version, sentence, (), ())
    old = text_of(drafts.in_words(words, before.definition))
    changed = difference(old, text_of(sentence)) if old != text_of(sentence) else []
    return VersionEntry(version, sentence, changed, _notes(before, version))


def _notes(before: Version, after: Version) -> list[str]:
    """Return notes on what the sentence does not show: the name, and the texts of the actions."""
    notes = [f"Renamed from “{before.name}”."] if before.name != after.name else []
    old, new = before.definition["actions"], after.definition["actions"]
    for before_action, after_action in zip(old, new, strict=False):
        if (
            before_action["kind"] == after_action["kind"]
            and before_action["settings"] != after_action["settings"]
        ):
            notes += _settings_notes(
                before_action["kind"], before_action["settings"], after_action["settings"]
            )
    return notes


def _settings_notes(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    kind = ACTIONS.get(key)
    if kind is None:
        return []
    labels = {field.short_name: field.label.text.lower() for field in kind.Form()}
    changed = [label for name, label in labels.items() if before.get(name) != after.get(name)]
    return [f"{kind.label}: {label} changed." for label in changed]
