"""Checks a file chunk by chunk: which rows are one record, and what each record would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from automations.features.csv_import import file_pieces, unknown_words
from automations.features.csv_import.checked_records import CheckedRecords
from automations.features.csv_import.file_record import FileRow
from automations.features.csv_import.making import SHORT, maker_of
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CHECKED, CsvImport
from automations.models.tables.store import Store
from automations.pipeline.intake import vocabulary_cache

#: Rows in a chunk, and the most by which it may grow so that the rows of one record stay together.
CHUNK, LONGER = 500, 500
#: The key of a row’s record, and the row.
Keyed = tuple[str | None, FileRow]


class FileChecking:
    """One pass that checks."""

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id
        self._rows: Iterator[FileRow] | None = None
        self._ahead: Keyed | None = None
        self._words: StoreWords | None = None

    def chunk(self, session: Session) -> list[Keyed] | None:
        """Return the next rows with the keys of their records; None after the last one."""
        one = session.get_one(CsvImport, self._import_id, populate_existing=True)
        maker = maker_of(one, vocabulary_cache.words_of(session, session.get_one(Store, one.store_id)))
        if self._rows is None:
            self._rows = _rows_from(session, one)
        keyed = [self._ahead] if self._ahead else []
        self._ahead = None
        for row in self._rows:
            next_one = (maker.key_of(row[1]), row)
            if len(keyed) >= CHUNK and (next_one[0] != keyed[-1][0] or len(keyed) >= CHUNK + LONGER):
                self._ahead = next_one
                break
            keyed.append(next_one)
        return keyed or None

    def write(self, session: Session, one: CsvImport, chunk: list[Keyed] | None, now: dt.datetime) -> None:
        """Write the records of a chunk with what each would do, or that all are checked."""
        if chunk is None:
            one.state, one.claim = CHECKED, None
            return
        store = session.get_one(Store, one.store_id)
        words = vocabulary_cache.words_of(session, store)
        figures = CheckedRecords(session, store, one, words).add(chunk)
        rows = (row for _, row in chunk)
        one.figures = unknown_words.counted(maker_of(one, words), rows, _added(one.figures, figures))
        one.read += len(chunk)


def _rows_from(session: Session, one: CsvImport) -> Iterator[FileRow]:
    """Yield the rows that are not read yet: the cells that say something, by the key of our column."""
    places = [(place, key) for place, key in enumerate(one.columns) if key]
    width, skipped = len(one.headings), one.read
    for number, cells in file_pieces.rows_of(session, one):
        if skipped:
            skipped -= 1
            continue
        said = {key: cell for place, key in places if place < len(cells) and (cell := cells[place].strip())}
        if len(cells) < width and any(key for place, key in places if place >= len(cells)):
            said[SHORT] = f"Has {len(cells)} of {width} columns."
        yield number, said


def _added(figures: Mapping[str, Any], more: Mapping[str, int]) -> dict[str, Any]:
    return {**figures, **{name: figures.get(name, 0) + count for name, count in more.items()}}
