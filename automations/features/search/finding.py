"""Finds records by their words, newest first, however many have them. Needs an app context."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search.record_words import asked
from automations.models.db.text_search import starts_as
from automations.models.tables.search_word import SearchEnding, SearchEntry, SearchWord
from automations.models.tables.store import Store

#: So many matches are read at most, the newest ones.
MOST = 2_000
#: So many words that contain what was asked are looked at: those that go on shortest come first.
WORDS = 1_000
#: Of words that many records have, so many of the newest are compared with the other words: mostly the
#: first few fill a page.
COMPARED = (500, 5_000)
#: So many words are named one by one.
FEW_WORDS = 20
#: So many of the newest fill a page.
ENOUGH = 50
#: So many of the newest entries of all are looked through for them; of more words than a few, so many of the
#: newest are found otherwise.
NEAR, NEWEST = 5_000, 300
_IN = 5_000


#: The ids of some words, or the query for them.
Words: TypeAlias = Sequence[int] | sa.Select[int]


@dataclass(frozen=True)
class FoundIds:
    """Ids of records, the newest first; `complete` says whether there are no others below `before`.

    If there may be, `down_to` is the id down to which these are all; None if nothing is known.
    """

    ids: Sequence[int]
    complete: bool
    down_to: int | None = None


def find(
    session: Session, store: Store, subject: str, text: str, before: int | None = None, most: int = MOST
) -> FoundIds:
    """Return the newest records of a subject that have all words of the text, below the id `before`."""
    ways = asked(text, store.region)
    return together([_all_words(session, store.id, subject, way, before, most) for way in ways], most)


def together(parts: Sequence[FoundIds], most: int) -> FoundIds:
    """Return the newest of what was found in several ways, down to where all of them are complete."""
    down_to = max((part.down_to for part in parts if part.down_to is not None), default=None)
    found = {id for part in parts for id in part.ids if down_to is None or id >= down_to}
    ids = sorted(found, reverse=True)
    if len(ids) > most:
        return FoundIds(ids[:most], False, ids[most - 1])
    return FoundIds(ids, all(part.complete for part in parts), down_to)


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
    session: Session, store_id: int, subject: str, words: Sequence[str], before: int | None, most: int
) -> FoundIds:
    word_ids = [_words(session, store_id, word) for word in words]
    if len(words) == 1:
        return _one_word(session, subject, word_ids[0], before, most)
    every = [_every(session, subject, ids, before) for ids in word_ids]
    if complete := [part for part in every if part is not None]:
        rarest = min(complete, key=len)
        others = [ids for part, ids in zip(every, word_ids, strict=True) if part is not rarest]
        return FoundIds(sorted(_having_all(session, subject, others, rarest), reverse=True), True)
    # Of a few words more of the newest are found in as many steps.
    first, *others = sorted(word_ids, key=lambda ids: isinstance(ids, sa.Select))
    for size in COMPARED:
        newest = _newest(session, subject, first, before, size)
        having = _having_all(session, subject, others, newest)
        if len(having) >= ENOUGH or isinstance(first, sa.Select):
            break
    return FoundIds(sorted(having, reverse=True), False, newest[-1])


def _one_word(session: Session, subject: str, words: Words, before: int | None, most: int) -> FoundIds:
    if isinstance(words, sa.Select):
        most = min(most, NEWEST)
        near = _near(session, subject, words, before)
        if len(near) >= ENOUGH:
            return FoundIds(near, False, near[-1])
    ids = _newest(session, subject, words, before, most + 1)
    complete = len(ids) <= most
    return FoundIds(ids[:most], complete, None if complete else ids[most - 1])


def _words(session: Session, store_id: int, text: str) -> Words:
    """Return the ids of the words that contain a text; of more than FEW_WORDS, the query for them."""
    begun = sa.and_(SearchEnding.store_id == store_id, starts_as(SearchEnding.ending, text))
    query = sa.select(SearchEnding.word_id).where(begun).order_by(SearchEnding.ending)
    ids = session.scalars(query.limit(FEW_WORDS + 1)).all()
    return list(dict.fromkeys(ids)) if len(ids) <= FEW_WORDS else query.limit(WORDS)


def _every(session: Session, subject: str, words: Words, before: int | None) -> set[int] | None:
    """Return all records that have one of the words, or None if there are more than MOST.

    Of more words than a few, None if there are NEWEST.
    """
    if isinstance(words, sa.Select):
        newest = _newest(session, subject, words, before, NEWEST)
        return set(newest) if len(newest) < NEWEST else None
    query = sa.select(SearchEntry.record_id).where(SearchEntry.word_id.in_(words), *_of(subject, before))
    ids = session.scalars(query.limit(MOST + 1)).all()
    return set(ids) if len(ids) <= MOST else None


def _near(session: Session, subject: str, words: Words, before: int | None) -> list[int]:
    """Return the records that have one of the words, among the newest entries of all records."""
    newest = sa.select(SearchEntry.record_id, SearchEntry.word_id).where(*_of(subject, before))
    walked = newest.order_by(SearchEntry.record_id.desc()).limit(NEAR).subquery()
    matches = sa.select(walked.c.record_id).where(walked.c.word_id.in_(words))
    ids = session.scalars(matches.order_by(walked.c.record_id.desc()).limit(MOST))
    return list(dict.fromkeys(ids))


def _newest(session: Session, subject: str, words: Words, before: int | None, most: int) -> list[int]:
    """Return the newest records that have one of the words, `most` at most, the newest first.

    Of more words than a few NEWEST and one at most. However many records have the words, for each word so
    many entries are read.
    """
    if isinstance(words, sa.Select):
        most = min(most, NEWEST + 1)
        words = _leading(session, subject, words, before, most)
    of_one = sa.select(SearchEntry.record_id).where(
        SearchEntry.word_id == SearchWord.id, *_of(subject, before)
    )
    last = of_one.order_by(SearchEntry.record_id.desc()).limit(1).offset(most - 1).scalar_subquery()
    lasts = sa.select(last).where(SearchWord.id.in_(words))
    # One word alone has as many from there on up, so none of those wanted is below.
    start = max((id for id in session.scalars(lasts) if id is not None), default=0)
    entries = [SearchEntry.word_id.in_(words), SearchEntry.record_id >= start, *_of(subject, before)]
    # Sorted here, or SQLite may walk through the entries of every record from there on.
    ids = set(session.scalars(sa.select(SearchEntry.record_id).where(*entries)))
    return sorted(ids, reverse=True)[:most]


def _leading(
    session: Session, subject: str, words: sa.Select[int], before: int | None, most: int
) -> list[int]:
    """Return the words that one of the newest `most` records has: those whose own newest is among them."""
    word_id = words.subquery().c.word_id
    own = sa.select(SearchEntry.record_id).where(SearchEntry.word_id == word_id, *_of(subject, before))
    newest = own.order_by(SearchEntry.record_id.desc()).limit(1).scalar_subquery()
    rows = session.execute(sa.select(word_id, newest).distinct()).all()
    by_newest = sorted(((id, word) for word, id in rows if id is not None), reverse=True)
    records = sorted({id for id, _ in by_newest}, reverse=True)[:most]
    return [word for id, word in by_newest if id >= records[-1]] if records else []


def _having_all(session: Session, subject: str, words: Sequence[Words], ids: Iterable[int]) -> set[int]:
    """Return those of the records that have one of each of these words."""
    found = set(ids)
    for one in words:
        found = _having(session, subject, one, found)
    return found


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
