"""Finds records by their words, newest first, however many have them. Needs an app context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search.record_words import asked
from automations.models.db.text_search import starts_as
from automations.models.tables.search_word import SearchEnding, SearchEntry
from automations.models.tables.store import Store

#: So many matches are read at most, the newest ones.
MOST = 2_000
#: So many words that contain what was asked are looked at: those that go on shortest come first.
WORDS = 1_000
#: Of words that many records have, so many of the newest are compared with the other words.
WALKED = 20_000
#: So many words are named one by one, and each is asked for its own newest records.
FEW_WORDS = 20
#: So many of the newest fill a page.
ENOUGH = 50
#: So many of the newest entries of all are looked through for them.
NEAR = 5_000
_IN = 5_000


#: The ids of some words, or the query for them.
Words: TypeAlias = Sequence[int] | sa.Select[int]


@dataclass(frozen=True)
class FoundIds:
    """Ids of records, the newest first; `complete` says whether there are no others below `before`."""

    ids: Sequence[int]
    complete: bool


def find(
    session: Session, store: Store, subject: str, text: str, before: int | None = None, most: int = MOST
) -> FoundIds:
    """Return the newest records of a subject that have all words of the text, below the id `before`."""
    found: dict[int, None] = {}
    complete = True
    for way in asked(text, store.region):
        part = _all_words(session, store.id, subject, way, before)
        found |= dict.fromkeys(part.ids)
        complete = complete and part.complete
    ids = sorted(found, reverse=True)
    return FoundIds(ids[:most], complete and len(ids) <= most)


def condition(
    store: Store, subject: str, key: sa.SQLColumnExpression[int], text: str
) -> sa.ColumnElement[bool]:
    """Return the condition that the record with the id `key` has all words, for reading every match."""
    ways = [
        sa.and_(*(key.in_(_with_word(store, subject, word)) for word in way))
        for way in asked(text, store.region)
    ]
    return sa.or_(sa.false(), *ways)


def _with_word(store: Store, subject: str, word: str) -> sa.Select[int]:
    begun = sa.and_(SearchEnding.store_id == store.id, starts_as(SearchEnding.ending, word))
    return sa.select(SearchEntry.record_id).where(
        SearchEntry.word_id.in_(sa.select(SearchEnding.word_id).where(begun)), *_of(subject, None)
    )


def _all_words(
    session: Session, store_id: int, subject: str, words: Sequence[str], before: int | None
) -> FoundIds:
    word_ids = [_words(session, store_id, word) for word in words]
    if len(words) == 1 and isinstance(word_ids[0], sa.Select):
        near = _near(session, subject, word_ids[0], before)
        if len(near) >= ENOUGH:
            return FoundIds(sorted(near, reverse=True), False)
    few = [_few(session, subject, ids, before) for ids in word_ids]
    complete = [part for part in few if part is not None]
    if complete:
        rarest = min(complete, key=len)
        start, others = rarest, [ids for part, ids in zip(few, word_ids, strict=True) if part is not rarest]
    else:
        most = MOST + 1 if len(words) == 1 else WALKED
        start, others = _newest(session, subject, word_ids[0], before, most), word_ids[1:]
    for ids in others:
        start = _having(session, subject, ids, start)
    return FoundIds(sorted(start, reverse=True), bool(complete))


def _words(session: Session, store_id: int, text: str) -> Words:
    """Return the ids of the words that contain a text; of more than FEW_WORDS, the query for them."""
    begun = sa.and_(SearchEnding.store_id == store_id, starts_as(SearchEnding.ending, text))
    query = sa.select(SearchEnding.word_id).where(begun).order_by(SearchEnding.ending)
    ids = session.scalars(query.limit(FEW_WORDS + 1)).all()
    return list(dict.fromkeys(ids)) if len(ids) <= FEW_WORDS else query.limit(WORDS)


def _few(session: Session, subject: str, words: Words, before: int | None) -> set[int] | None:
    """Return all records that have one of the words, or None if there are more than MOST."""
    query = sa.select(SearchEntry.record_id).where(SearchEntry.word_id.in_(words), *_of(subject, before))
    ids = session.scalars(query.limit(MOST + 1)).all()
    return set(ids) if len(ids) <= MOST else None


def _newest(session: Session, subject: str, words: Words, before: int | None, most: int) -> set[int]:
    """Return the newest records that have one of the words: each word's own newest, by its index.

    Of many words most are among the newest records of all; where they are not, few records have them.
    """
    if isinstance(words, sa.Select):
        near = _near(session, subject, words, before)
        return near if len(near) >= ENOUGH else _sorted(session, subject, words, before, most)
    parts = [
        sa.select(
            sa.select(SearchEntry.record_id)
            .where(SearchEntry.word_id == word, *_of(subject, before))
            .order_by(SearchEntry.record_id.desc())
            .limit(most)
            .subquery()
            .c.record_id
        )
        for word in words
    ]
    found = session.scalars(sa.union_all(*parts))
    return set(sorted(found, reverse=True)[:most])


def _near(session: Session, subject: str, words: Words, before: int | None) -> set[int]:
    """Return the records that have one of the words, among the newest entries of all records."""
    newest = sa.select(SearchEntry.record_id, SearchEntry.word_id).where(*_of(subject, before))
    walked = newest.order_by(SearchEntry.record_id.desc()).limit(NEAR).subquery()
    matches = sa.select(walked.c.record_id).where(walked.c.word_id.in_(words))
    return set(session.scalars(matches.order_by(walked.c.record_id.desc()).limit(MOST)))


def _sorted(session: Session, subject: str, words: Words, before: int | None, most: int) -> set[int]:
    query = sa.select(SearchEntry.record_id).where(SearchEntry.word_id.in_(words), *_of(subject, before))
    # A sum, or the databases may walk through the entries of every record.
    return set(session.scalars(query.order_by((SearchEntry.record_id + 0).desc()).limit(most)))


def _having(session: Session, subject: str, words: Words, ids: set[int]) -> set[int]:
    found: set[int] = set()
    wanted = sorted(ids)
    for start in range(0, len(wanted), _IN):
        some = SearchEntry.record_id.in_(wanted[start : start + _IN])
        # A sum, or SQLite may look for each of the records under each of the words.
        query = sa.select(SearchEntry.record_id).where(
            (SearchEntry.word_id + 0).in_(words), *_of(subject, None), some
        )
        found.update(session.scalars(query))
    return found


def _of(subject: str, before: int | None) -> list[sa.ColumnElement[bool]]:
    of_subject = [SearchEntry.subject == subject]
    return of_subject if before is None else [*of_subject, SearchEntry.record_id < before]
