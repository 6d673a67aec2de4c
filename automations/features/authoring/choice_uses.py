"""Which automations and records use an entry of a choice list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import Action, Settings
from automations.actions.shared.text_templates import choices_compared
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.condition_tree import choices_named
from automations.models.db.newest_first import of_store
from automations.models.tables.automation import Automation
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.models.tables.store import Choice

TABLES: Mapping[str, type[Order] | type[Event]] = {"order": Order, "event": Event}
#: Records of each subject that a page looks at: all of them would take a second in a large shop.
NEWEST = 10_000


@dataclass
class Uses:
    """What uses one entry: automations (in draft or live version) and record counts by subject."""

    automations: list[Automation] = field(default_factory=list)
    records: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.automations or self.records)


@dataclass(frozen=True)
class ListUses:
    """The uses of the keys of a list that have any, and the subjects with records too old to be looked at."""

    by_key: Mapping[str, Uses]
    cut: frozenset[str]

    def of(self, key: str) -> Uses:
        return self.by_key.get(key, Uses())


def uses_of_list(session: Session, store_id: int, list_key: str, newest: int | None = None) -> ListUses:
    """Return the uses of each key of a list, among the `newest` records of each subject or among all."""
    uses = _automation_uses(session, store_id, list_key)
    cut: set[str] = set()
    for subject, column in _columns(list_key):
        counts = _counts(session, store_id, subject, column, newest)
        if newest and sum(counts.values()) == newest:
            cut.add(subject)
        for key, count in counts.items():
            if key is not None:
                records = uses.setdefault(key, Uses()).records
                records[subject] = records.get(subject, 0) + count
    return ListUses(uses, frozenset(cut))


def uses_of(session: Session, choice: Choice) -> Uses:
    """Return the uses of one entry, among all records."""
    uses = Uses(automations_using(session, choice))
    for subject, column in _columns(choice.list_key):
        table = TABLES[subject]
        query = sa.select(sa.func.count()).where(table.store_id == choice.store_id)
        if count := session.scalar(query.where(getattr(table, column) == choice.key)):
            uses.records[subject] = uses.records.get(subject, 0) + count
    return uses


def automations_using(session: Session, choice: Choice) -> list[Automation]:
    """Return the automations that name the entry in their draft or live version."""
    uses = _automation_uses(session, choice.store_id, choice.list_key).get(choice.key)
    return uses.automations if uses else []


def _automation_uses(session: Session, store_id: int, list_key: str) -> dict[str, Uses]:
    uses: dict[str, Uses] = {}
    words = _words(session, store_id, list_key)
    for automation in automations_of(session, store_id):
        for key in sorted(_keys_of(automation, list_key, words)):
            uses.setdefault(key, Uses()).automations.append(automation)
    return uses


def automations_of(session: Session, store_id: int) -> Iterator[Automation]:
    """Yield the automations of a store, sorted by name, with their live versions loaded."""
    query = sa.select(Automation).where(Automation.store_id == store_id).order_by(Automation.name)
    yield from session.scalars(query.options(joinedload(Automation.active_version)))


def _words(session: Session, store_id: int, list_key: str) -> dict[str, str]:
    """Return the key for each name, current or former, of the entries of a list."""
    query = sa.select(Choice).where(Choice.store_id == store_id, Choice.list_key == list_key)
    return {
        word.casefold(): row.key
        for row in session.scalars(query)
        for word in (*row.former_labels, row.key, row.label)
    }


def _keys_of(automation: Automation, list_key: str, words: Mapping[str, str]) -> set[str]:
    live = automation.active_version
    keys = set(_keys_in(automation.draft, list_key, words))
    return keys | set(_keys_in(live.definition, list_key, words)) if live else keys


def _keys_in(data: Any, list_key: str, words: Mapping[str, str]) -> Iterator[str]:
    """Yield the keys of a list that rule data, complete or not, and its actions refer to."""
    yield from (key for named, key in choices_named(data) if named == list_key)
    for action in data.get("actions") or ():
        kind, settings = ACTIONS.get(str(action.get("kind"))), action.get("settings") or {}
        references = _named(kind, settings, str(data.get("subject"))) if kind else ()
        keys = (words.get(word.strip().casefold()) for named, word in references if named == list_key)
        yield from filter(None, keys)


def _named(kind: Action, settings: Settings, subject_key: str) -> Iterator[tuple[str, str]]:
    yield from kind.choices_named(settings, subject_key)
    yield from choices_compared(kind, settings, subject_key)


def _columns(list_key: str) -> Iterator[tuple[str, str]]:
    for subject in SUBJECTS.values():
        for entry in subject.fields.values():
            if entry.choices == list_key and subject.key in TABLES:
                yield subject.key, entry.key


def _counts(
    session: Session, store_id: int, subject: str, column: str, newest: int | None
) -> Mapping[str | None, int]:
    table = TABLES[subject]
    every = sa.select(getattr(table, column).label("value"))
    of_it = (
        of_store(every, table, store_id).limit(newest) if newest else every.where(table.store_id == store_id)
    )
    value = of_it.subquery().c.value
    counted = sa.select(value, sa.func.count()).group_by(value)
    return dict(session.execute(counted).all())
