"""Keeps the words of records in step with the records, inside write()."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search.record_words import COLUMNS, endings, words_of
from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.search_word import SearchEnding, SearchEntry, SearchProgress, SearchWord
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import CHUNK, KINDS

_TABLES = SearchWord.metadata.tables
_ONLY = 1
_WITHOUT = {"synchronize_session": False}


def locked_progress(session: Session) -> SearchProgress:
    """Return how far the words are kept, locked: whoever changes words takes it before any record."""
    only = sa.select(SearchProgress).where(SearchProgress.id == _ONLY).with_for_update()
    progress = session.scalars(only.execution_options(populate_existing=True)).one_or_none()
    if progress is None:
        newest = {f"{subject}_id": _after_newest(session, kind.table) for subject, kind in KINDS.items()}
        progress = SearchProgress(id=_ONLY, occurrence_id=_newest_occurrence(session), **newest)
        session.add(progress)
        session.flush()
    return progress


def keep(session: Session, store: Store, subject: str, ids: Collection[int]) -> None:
    """Make the words of these records what the records say now; the caller holds the progress."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), CHUNK):
        _keep(session, store, subject, wanted[start : start + CHUNK])


def _keep(session: Session, store: Store, subject: str, ids: Sequence[int]) -> None:
    table = KINDS[subject].table
    columns = [table.c[name] for name in ("id", *COLUMNS[subject])]
    # Locked for reading: who erases a record or changes it now comes after, and tells of it again.
    query = sa.select(*columns).where(table.c.id.in_(ids), table.c.store_id == store.id).order_by(table.c.id)
    rows = [dict(row) for row in session.execute(query.with_for_update(read=True)).mappings()]
    words = {row["id"]: words_of(subject, row, store.region) for row in rows}
    ids_by_word = _word_ids(session, store.id, {word for of_one in words.values() for word in of_one})
    is_now = {(ids_by_word[word], id) for id, of_one in words.items() for word in of_one}
    of_records = sa.and_(SearchEntry.subject == subject, SearchEntry.record_id.in_(ids))
    entries = session.execute(sa.select(SearchEntry.word_id, SearchEntry.record_id).where(of_records))
    was = {(word_id, record_id) for word_id, record_id in entries}
    _insert(
        session,
        "search_entry",
        [
            {"word_id": word_id, "subject": subject, "record_id": record_id}
            for word_id, record_id in sorted(is_now - was)
        ],
    )
    _remove(session, subject, was - is_now)


def _word_ids(session: Session, store_id: int, words: Collection[str]) -> dict[str, int]:
    """Return the ids of these words; new ones are added with their endings."""
    wanted, found = sorted(words), dict[str, int]()
    for start in range(0, len(wanted), CHUNK):
        some = sa.and_(SearchWord.store_id == store_id, SearchWord.word.in_(wanted[start : start + CHUNK]))
        found |= dict(session.execute(sa.select(SearchWord.word, SearchWord.id).where(some)).all())
    missing = [word for word in wanted if word not in found]
    rows = _insert(session, "search_word", [{"store_id": store_id, "word": word} for word in missing])
    found |= {row["word"]: row["id"] for row in rows}
    ends = [
        {"store_id": store_id, "word_id": found[word], "ending": ending}
        for word in missing
        for ending in endings(word)
    ]
    _insert(session, "search_ending", ends)
    return found


def _remove(session: Session, subject: str, gone: Collection[tuple[int, int]]) -> None:
    """Delete entries, and the words that no record has any more: a word may be a person's name."""
    if not gone:
        return
    word_ids = sorted({word_id for word_id, _ in gone})
    by_record: dict[int, list[int]] = {}
    for word_id, record_id in sorted(gone):
        by_record.setdefault(record_id, []).append(word_id)
    for record_id, ids in by_record.items():
        theirs = sa.and_(SearchEntry.subject == subject, SearchEntry.record_id == record_id)
        session.execute(
            sa.delete(SearchEntry).where(theirs, SearchEntry.word_id.in_(ids)), execution_options=_WITHOUT
        )
    for start in range(0, len(word_ids), CHUNK):
        some = word_ids[start : start + CHUNK]
        has_entry = sa.select(SearchEntry.id).where(SearchEntry.word_id == SearchWord.id).exists()
        unused = session.scalars(sa.select(SearchWord.id).where(SearchWord.id.in_(some), ~has_entry)).all()
        _delete_words(session, unused)


def _delete_words(session: Session, ids: Sequence[int]) -> None:
    if ids:
        session.execute(
            sa.delete(SearchEnding).where(SearchEnding.word_id.in_(ids)), execution_options=_WITHOUT
        )
        session.execute(sa.delete(SearchWord).where(SearchWord.id.in_(ids)), execution_options=_WITHOUT)


def _insert(session: Session, table: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    listed = list(rows)
    with_ids = [
        {"id": id, **row} for id, row in zip(reserve(session, table, len(listed)), listed, strict=True)
    ]
    bulk_write.insert(session, _TABLES[table], with_ids)
    return with_ids


def _after_newest(session: Session, table: sa.Table) -> int:
    return (session.scalar(sa.select(sa.func.max(table.c.id))) or 0) + 1


def _newest_occurrence(session: Session) -> int:
    return session.scalar(sa.select(sa.func.max(Occurrence.id))) or 0
