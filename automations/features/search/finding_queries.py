"""The queries that find records by their words, said once; each answers with ids."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from automations.models.db.column_types import Id
from automations.models.db.fast_select import Lookup, in_list, listed
from automations.models.db.text_search import in_byte_order, is_between
from automations.models.tables.search_word import SearchEnding, SearchEntry


def _words(dialect: str) -> sa.Select[Any]:
    of_store = SearchEnding.store_id == sa.bindparam("store_id", type_=Id)
    query = sa.select(SearchEnding.word_id).where(of_store, is_between(SearchEnding.ending, dialect))
    return query.order_by(in_byte_order(SearchEnding.ending, dialect)).limit(_count("limit"))


def _every(dialect: str) -> sa.Select[Any]:
    return _entries().where(in_list(SearchEntry.word_id, "words", dialect)).limit(_count("limit"))


def _near(dialect: str) -> sa.Select[Any]:
    newest = _entries(SearchEntry.word_id).order_by(SearchEntry.record_id.desc())
    walked = newest.limit(_count("walked")).subquery()
    matches = sa.select(walked.c.record_id).where(_is_one_of(walked.c.word_id, dialect))
    return matches.order_by(walked.c.record_id.desc()).limit(_count("limit"))


def _leading(dialect: str) -> sa.Select[Any]:
    word = listed("words", Id, dialect)
    own = _entries().where(SearchEntry.word_id == word).order_by(SearchEntry.record_id.desc())
    return sa.select(word.label("word_id"), own.limit(1).scalar_subquery().label("newest"))


def _lasts(dialect: str) -> sa.Select[Any]:
    word = listed("words", Id, dialect)
    own = _entries().where(SearchEntry.word_id == word).order_by(SearchEntry.record_id.desc())
    return sa.select(own.limit(1).offset(_count("skipped")).scalar_subquery().label("last")).select_from(
        word.table
    )


def _from(dialect: str) -> sa.Select[Any]:
    start = SearchEntry.record_id >= sa.bindparam("start", type_=Id)
    return _entries().where(in_list(SearchEntry.word_id, "words", dialect), start)


def _having(dialect: str) -> sa.Select[Any]:
    of_subject = SearchEntry.subject == sa.bindparam("subject", type_=sa.Text())
    # A sum, or SQLite may look for each of the records under each of the words.
    word = _is_one_of(SearchEntry.word_id + 0, dialect)
    records = in_list(SearchEntry.record_id, "records", dialect)
    return sa.select(SearchEntry.record_id).where(of_subject, records, word)


def _is_one_of(word: sa.ColumnElement[int], dialect: str) -> sa.ColumnElement[bool]:
    # Said to be true, or Postgres may join: then each entry is compared with each of a thousand words.
    return word.in_(sa.select(listed("words", Id, dialect))).is_(sa.true())


def _entries(*also: Any) -> sa.Select[Any]:
    """Select the records of a subject below an id, of each entry."""
    of_subject = SearchEntry.subject == sa.bindparam("subject", type_=sa.Text())
    below = SearchEntry.record_id < sa.bindparam("before", type_=Id)
    return sa.select(SearchEntry.record_id, *also).where(of_subject, below)


def _count(name: str) -> sa.BindParameter[int]:
    return sa.bindparam(name, type_=sa.Integer())


#: The words of a store that contain a text: those that go on shortest first.
WORDS = Lookup(_words)
#: Records that have one of the words, in no order.
EVERY = Lookup(_every)
#: The same among the newest entries of all records, the newest first.
NEAR = Lookup(_near)
#: Each word with the newest record that has it.
LEADING = Lookup(_leading)
#: Of each word the record that comes after so many of its newest; none if it has not as many.
LASTS = Lookup(_lasts)
#: Records that have one of the words, from an id on.
FROM = Lookup(_from)
#: Those of some records that have one of the words.
HAVING = Lookup(_having)
