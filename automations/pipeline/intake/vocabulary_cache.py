"""The words of each store and what reads by them, kept in memory until its choices change."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.driver import connection_of
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.intake.reading import ReadItem, reader


@dataclass(slots=True)
class _Shelf:
    ruleset: int
    words: StoreWords
    readers: dict[str, ReadItem] = field(default_factory=dict)


_shelves: dict[tuple[sa.Engine, int], _Shelf] = {}


def words_of(session: Session, store: Store) -> StoreWords:
    """The store's words as of its ruleset number, which rises with every edit of its choices."""
    return _shelf(session, store).words.for_session(session)


def reader_of(session: Session, store: Store, subject: str) -> ReadItem:
    """What reads one record of a subject by the words of this store."""
    shelf = _shelf(session, store)
    if subject not in shelf.readers:
        shelf.readers[subject] = reader(subject, shelf.words)
    return shelf.readers[subject]


def forget() -> None:
    """Drop what is kept; the next request reads it again."""
    _shelves.clear()


def _shelf(session: Session, store: Store) -> _Shelf:
    key = (connection_of(session).engine, store.id)
    shelf = _shelves.get(key)
    if shelf is None or shelf.ruleset != store.ruleset:
        shelf = _shelves[key] = _Shelf(store.ruleset, StoreWords(session, store).kept())
    return shelf
