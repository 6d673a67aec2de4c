"""Finds records by their words, newest first, however many have them. Needs an app context."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search import finding_queries
from automations.features.search.record_words import asked
from automations.models.db.text_search import starts_as, starts_between
from automations.models.tables.search_word import SearchEnding, SearchEntry
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
#: No id is as high.
LAST = 2**62


@dataclass(frozen=True, slots=True)
class MatchingWords:
    """The ids of the words that contain a text; `many` if there are more than FEW_WORDS."""

    ids: Sequence[int]
    many: bool


#: For each way to understand a text, its words.
Ways = Sequence[Sequence[MatchingWords]]


@dataclass(frozen=True)
class FoundIds:
    """Ids of records, the newest first; `complete` says whether there are no others below `before`.

    If there may be, `down_to` is the id down to which these are all; None if nothing is known.
    """

    ids: Sequence[int]
    complete: bool
    down_to: int | None = None


def ways(session: Session, store: Store, text: str) -> Ways:
    """Return the ways to understand a text: for each of its words the words of the store that contain it."""
    found: dict[str, MatchingWords] = {}
    understood = asked(text, store.region)
    for word in dict.fromkeys(word for way in understood for word in way):
        found[word] = _words(session, store.id, word)
    return [[found[word] for word in way] for way in understood]


def find(
    session: Session, subject: str, understood: Ways, before: int | None = None, most: int = MOST
) -> FoundIds:
    """Return the newest records of a subject below the id `before` that have all words of one of the ways."""
    return together([_all_words(session, subject, way, before, most) for way in understood], most)


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
        SearchEntry.word_id.in_(sa.select(SearchEnding.word_id).where(begun)), SearchEntry.subject == subject
    )


def _all_words(
    session: Session, subject: str, words: Sequence[MatchingWords], before: int | None, most: int
) -> FoundIds:
    if len(words) == 1:
        return _one_word(session, subject, words[0], before, most)
    # Of a few words more of the newest are found in as many steps.
    each = sorted(words, key=lambda word: word.many)
    newest: dict[int, list[int]] = {}
    for place, word in enumerate(each):
        newest[place], complete = _newest_or_every(session, subject, word, before)
        if complete:
            others = [*each[:place], *each[place + 1 :]]
            having = _having_all(session, subject, others, newest[place])
            return FoundIds(sorted(having, reverse=True), True)
    first, *others = each
    for size in (NEWEST,) if first.many else COMPARED:
        ids = newest[0] if first.many else _newest(session, subject, first.ids, before, size)
        having = _having_all(session, subject, others, ids)
        if len(having) >= ENOUGH:
            break
    return FoundIds(sorted(having, reverse=True), False, ids[-1])


def _one_word(session: Session, subject: str, word: MatchingWords, before: int | None, most: int) -> FoundIds:
    if word.many:
        most = min(most, NEWEST)
        near = _near(session, subject, word, before)
        if len(near) >= ENOUGH:
            return FoundIds(near, False, near[-1])
    ids = _newest_of(session, subject, word, before, most + 1)
    complete = len(ids) <= most
    return FoundIds(ids[:most], complete, None if complete else ids[most - 1])


def _words(session: Session, store_id: int, text: str) -> MatchingWords:
    ids = finding_queries.WORDS.ids(session, store_id=store_id, limit=WORDS, **starts_between(text))
    return MatchingWords(list(dict.fromkeys(ids)), len(ids) > FEW_WORDS)


def _newest_or_every(
    session: Session, subject: str, word: MatchingWords, before: int | None
) -> tuple[list[int], bool]:
    """Return all records that have one of the words, and True; or, if there are very many, of more words
    than a few the newest ones, and False.
    """
    if word.many:
        newest = _newest_of(session, subject, word, before, NEWEST + 1)
        return newest[:NEWEST], len(newest) <= NEWEST
    some = {"words": word.ids, "subject": subject, "before": before or LAST}
    ids = finding_queries.EVERY.ids(session, limit=MOST + 1, **some)
    return list(dict.fromkeys(ids)), len(ids) <= MOST


def _near(session: Session, subject: str, word: MatchingWords, before: int | None) -> list[int]:
    """Return the records that have one of the words, among the newest entries of all records."""
    some = {"words": word.ids, "subject": subject, "before": before or LAST}
    ids = finding_queries.NEAR.ids(session, walked=NEAR, limit=MOST, **some)
    return list(dict.fromkeys(ids))


def _newest_of(
    session: Session, subject: str, word: MatchingWords, before: int | None, most: int
) -> list[int]:
    """Return the newest records that have one of the words, `most` at most, the newest first."""
    leading = _leading(session, subject, word.ids, before, most) if word.many else word.ids
    return _newest(session, subject, leading, before, most)


def _newest(session: Session, subject: str, words: Sequence[int], before: int | None, most: int) -> list[int]:
    """Return the newest records that have one of a few words, or of those that lead; for each word so many
    entries are read, however many records have it.
    """
    if not words:
        return []
    some = {"words": words, "subject": subject, "before": before or LAST}
    lasts = finding_queries.LASTS.ids(session, skipped=most - 1, **some)
    # One word alone has as many from there on up, so none of those wanted is below.
    start = max((id for id in lasts if id is not None), default=0)
    # Sorted here, or SQLite may walk through the entries of every record from there on.
    ids = set(finding_queries.FROM.ids(session, start=start, **some))
    return sorted(ids, reverse=True)[:most]


def _leading(
    session: Session, subject: str, words: Sequence[int], before: int | None, most: int
) -> list[int]:
    """Return the words that one of the newest `most` records has: those whose own newest is among them."""
    some = {"words": words, "subject": subject, "before": before or LAST}
    pairs = finding_queries.LEADING.pairs(session, **some)
    by_newest = sorted([(newest, word) for word, newest in pairs if newest is not None], reverse=True)
    records = sorted({id for id, _ in by_newest}, reverse=True)[:most]
    return [word for id, word in by_newest if id >= records[-1]] if records else []


def _having_all(
    session: Session, subject: str, words: Sequence[MatchingWords], ids: Iterable[int]
) -> set[int]:
    """Return those of the records that have one of each of these words."""
    found = set(ids)
    for word in words:
        some = {"words": word.ids, "subject": subject, "records": sorted(found)}
        found = set(finding_queries.HAVING.ids(session, **some)) if found else found
    return found
