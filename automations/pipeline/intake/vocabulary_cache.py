"""Keeps each store's vocabulary and the readers made from it in memory until its choices change."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.intake.reading import ReadItem, reader


@dataclass(slots=True)
class _Vocabulary:
    ruleset: int
    words: StoreWords
    readers: dict[str, ReadItem] = field(default_factory=dict)


_vocabularies: dict[tuple[sa.Engine, int], _Vocabulary] = {}


def words_of(session: Session, store: Store) -> StoreWords:
    """Return the store's vocabulary as of its ruleset number, which rises with every edit of its choices."""
    return _vocabulary(session, store).words.for_session(session)


def remembered_reader(engine: sa.Engine, store: Store, subject: str) -> ReadItem | None:
    """Return what `reader_of` returns, if it was asked before and the store's choices are the same."""
    vocabulary = _vocabularies.get((engine, store.id))
    if vocabulary is None or vocabulary.ruleset != store.ruleset:
        return None
    return vocabulary.readers.get(subject)


def reader_of(session: Session, store: Store, subject: str) -> ReadItem:
    """Return the reader of one record of a subject in this store's vocabulary."""
    vocabulary = _vocabulary(session, store)
    if subject not in vocabulary.readers:
        vocabulary.readers[subject] = reader(subject, vocabulary.words)
    return vocabulary.readers[subject]


def clear() -> None:
    """Empty the cache; the next request fills it again."""
    _vocabularies.clear()


def _vocabulary(session: Session, store: Store) -> _Vocabulary:
    # Asking for the engine begins no transaction.
    key = (session.get_bind().engine, store.id)
    vocabulary = _vocabularies.get(key)
    if vocabulary is None or vocabulary.ruleset != store.ruleset:
        vocabulary = _vocabularies[key] = _Vocabulary(store.ruleset, StoreWords(session, store).kept())
    return vocabulary
