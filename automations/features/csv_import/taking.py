"""Imports the checked records in chunks; a record goes from the list in the transaction that takes it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.csv_files.csv_columns import ACCOUNT
from automations.features.csv_import.checked_records import CheckedRecords
from automations.features.csv_import.file_items import FileItem, made_items
from automations.features.csv_import.file_pieces import forget_records
from automations.features.csv_import.file_record import FileRecord, FileRow
from automations.features.csv_import.verdicts import verdicts
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import (
    CHANGE,
    CREATE,
    DONE,
    REFUSED,
    SAME,
    CsvImport,
    CsvRecord,
)
from automations.models.tables.store import Store
from automations.pipeline.intake import matching, take_records, vocabulary_cache
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause

CHUNK = 500


class RecordTaking:
    """One pass that imports."""

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id

    def chunk(self, session: Session) -> list[int] | None:
        """Return the ids of the next records; None after the last one."""
        one = session.get_one(CsvImport, self._import_id, populate_existing=True)
        taken = (CREATE,) if one.options["known"] == "leave" else (CREATE, CHANGE)
        of_import = sa.and_(CsvRecord.import_id == one.id, CsvRecord.verdict.in_(taken))
        query = sa.select(CsvRecord.id).where(of_import).order_by(CsvRecord.id).limit(CHUNK)
        return list(session.scalars(query)) or None

    def write(self, session: Session, one: CsvImport, chunk: list[int] | None, now: dt.datetime) -> None:
        """Take the records of a chunk, or end the import."""
        if chunk is None:
            one.state, one.claim, one.finished_at = DONE, None, now
            forget_records(session, one.id, CsvRecord.verdict != REFUSED)
            return
        store = session.get_one(Store, one.store_id)
        words = vocabulary_cache.words_of(session, store)
        query = sa.select(CsvRecord).where(CsvRecord.id.in_(chunk)).order_by(CsvRecord.id)
        records = list(session.scalars(query))
        kept: list[tuple[list[FileRow], FileRecord]] = [
            ([(record.row, {})], _made(record)) for record in records
        ]
        items = made_items(session, store, one.subject, kept)
        good = [(record, item.item) for record, item in zip(records, items, strict=True) if item.item]
        counted = self._take(session, store, one, words, [item for _, item in good], now)
        bad = [(record, item) for record, item in zip(records, items, strict=True) if not item.item]
        _refuse(CheckedRecords(session, store, one, words), bad)
        counted[REFUSED] += len(bad)
        forget_records(session, one.id, CsvRecord.id.in_([record.id for record, _ in good]))
        taken = Counter(one.figures.get("taken", {}))
        one.figures = {**one.figures, "taken": dict(taken + counted)}

    def _take(
        self,
        session: Session,
        store: Store,
        one: CsvImport,
        words: StoreWords,
        items: Sequence[Item],
        now: dt.datetime,
    ) -> Counter[str]:
        if one.options["known"] == "leave":
            told = verdicts(session, store, one.subject, items, words)
            items = [item for item, (verdict, _) in zip(items, told, strict=True) if verdict == CREATE]
        if not items:
            return Counter()
        if one.subject == ACCOUNT:
            names = {item.number for item in items if item.number}
            matching.account_ids(session, store, names, now)
            return Counter({CREATE: len(items)})
        cause = Cause("import", f"import of “{one.name}”", quiet=not one.options["fires"])
        received = take_records.take(session, store, one.subject, items, cause, now, words)
        return Counter(
            CREATE if result.created else CHANGE if result.triggers else SAME for result in received
        )


def _made(record: CsvRecord) -> FileRecord:
    return FileRecord(record.data["made"], record.data["roundings"])


def _refuse(told: CheckedRecords, bad: Sequence[tuple[CsvRecord, FileItem]]) -> None:
    """Keep what was fine when it was checked, and is no longer, as refused."""
    for record, item in bad:
        record.verdict, record.problems, record.data = REFUSED, told.told(item.errors), {}
