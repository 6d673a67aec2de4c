"""Writes the records of a chunk with what each would do; rows of a record that stand apart come together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.operators.value_types import counted
from automations.features.csv_import.file_items import FileItem, items_of
from automations.features.csv_import.file_record import CellError, FileRow, RecordMaker
from automations.features.csv_import.making import maker_of
from automations.features.csv_import.verdicts import Verdict, verdicts
from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import REFUSED, CsvImport, CsvRecord
from automations.models.tables.store import Store

TABLE = CsvRecord.metadata.tables["csv_record"]
LONGEST_SENTENCE = 500
Row = dict[str, Any]


def _kept(item: FileItem, *, with_rows: bool) -> dict[str, Any]:
    """Return what is kept of a record: its rows, if more may follow, and the record as it was made."""
    rows = {"rows": item.rows} if with_rows else {}
    return {**rows, "made": item.made.data, "roundings": item.made.roundings} if item.made else rows


class CheckedRecords:
    """The records of one import."""

    def __init__(self, session: Session, store: Store, one: CsvImport, words: StoreWords) -> None:
        self._session, self._store, self._import, self._words = session, store, one, words
        self._maker: RecordMaker = maker_of(one, words)
        self._headings = {key: heading for heading, key in zip(one.headings, one.columns, strict=True) if key}
        self._has_lines = any(key.startswith("lines.") for key in one.columns)

    def add(self, chunk: Sequence[tuple[str | None, FileRow]]) -> Mapping[str, int]:
        """Add the rows of a chunk, inside write(); return by how much the number of each verdict changed."""
        known = self._known({key for key, _ in chunk if key})
        groups: dict[object, list[FileRow]] = {}
        before: dict[object, Row] = {}
        doubles: list[tuple[FileRow, int]] = []
        for place, (key, row) in enumerate(chunk):
            name: object = key if key is not None else place
            first = groups[name][0][0] if name in groups else known[key]["row"] if key in known else None
            if first is not None and not self._has_lines:
                doubles.append((row, first))
                continue
            if key in known and name not in groups:
                groups[name] = [(number, cells) for number, cells in known[key]["data"]["rows"]]
                before[name] = known[key]
            groups.setdefault(name, []).append(row)
        rows = self._checked(groups, before) + [self._double(row, first) for row, first in doubles]
        changed = Counter(row["verdict"] for row in rows)
        changed.subtract(row["verdict"] for row in before.values())
        self._write(rows)
        return changed

    def _known(self, keys: set[str]) -> dict[str | None, Row]:
        query = sa.select(TABLE).where(TABLE.c.import_id == self._import.id, TABLE.c.key.in_(keys))
        return {row["key"]: dict(row) for row in self._session.execute(query).mappings()} if keys else {}

    def _checked(self, groups: Mapping[object, list[FileRow]], before: Mapping[object, Row]) -> list[Row]:
        items = items_of(self._session, self._store, self._maker, list(groups.values()))
        good = [one.item for one in items if one.item]
        told = iter(verdicts(self._session, self._store, self._import.subject, good, self._words))
        return [
            self._row(name, item, next(told) if item.item else (REFUSED, []), before.get(name))
            for name, item in zip(groups, items, strict=True)
        ]

    def _row(self, name: object, item: FileItem, verdict: Verdict, before: Row | None) -> Row:
        number, cells = item.rows[0]
        key = name if isinstance(name, str) else None
        return {
            "id": before["id"] if before else None,
            "import_id": self._import.id,
            "row": number,
            "key": key,
            "label": self._maker.label_of(cells),
            "verdict": verdict[0],
            "data": _kept(item, with_rows=self._has_lines),
            "changed": verdict[1],
            "problems": self.told(item.errors),
        }

    def _double(self, row: FileRow, first: int) -> Row:
        sentence = f"Row {counted(first)} is about the same {self._import.subject}: only that one counts."
        item = FileItem([row], None, [(row[0], "number", sentence)])
        return self._row(None, item, (REFUSED, []), None)

    def told(self, errors: Sequence[CellError]) -> list[list[Any]]:
        """Return errors as they are kept: the row, the heading of the column, and the sentence."""
        return [
            [row, self._headings.get(key, key.replace("_", " ")), sentence[:LONGEST_SENTENCE]]
            for row, key, sentence in errors[:20]
        ]

    def _write(self, rows: Sequence[Row]) -> None:
        new = [row for row in rows if row["id"] is None]
        known = [row for row in rows if row["id"] is not None]
        for id, row in zip(reserve(self._session, TABLE.name, len(new)), new, strict=True):
            row["id"] = id
        bulk_write.insert(self._session, TABLE, new)
        bulk_write.update(self._session, TABLE, known)
