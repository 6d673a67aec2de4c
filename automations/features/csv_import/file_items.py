"""Reads the records of a file as our API reads what it is sent, with the column of each problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.features.csv_files.csv_columns import ACCOUNT
from automations.features.csv_import.file_record import CellError, FileRecord, FileRow, RecordMaker
from automations.features.csv_import.making import record_of
from automations.features.csv_import.order_lines import OF_LINES
from automations.models.tables.store import Store
from automations.pipeline.intake.field_types import InvalidInput
from automations.pipeline.intake.reading import Item, ReadItem
from automations.pipeline.intake.vocabulary_cache import reader_of

#: The longest name of an account, as forms take it.
LONGEST_NAME = 120


@dataclass(slots=True)
class FileItem:
    """One record: as it can be received, or why not."""

    rows: Sequence[FileRow]
    item: Item | None
    errors: Sequence[CellError] = ()
    #: The record as JSON data, and what was rounded in it.
    made: FileRecord | None = None


def items_of(
    session: Session, store: Store, maker: RecordMaker, records: Sequence[Sequence[FileRow]]
) -> list[FileItem]:
    """Return what each record, given by its rows, is as our API would read it."""
    read = reader_of(session, store, maker.subject) if maker.subject != ACCOUNT else _read_account
    return [_item(record_of(maker, rows), rows, read) for rows in records]


def made_items(
    session: Session, store: Store, subject: str, kept: Sequence[tuple[Sequence[FileRow], FileRecord]]
) -> list[FileItem]:
    """Return the same for records that were made before."""
    read = reader_of(session, store, subject) if subject != ACCOUNT else _read_account
    return [_item(made, rows, read) for rows, made in kept]


def _item(made: FileRecord, rows: Sequence[FileRow], read: ReadItem) -> FileItem:
    if made.errors:
        return FileItem(rows, None, made.errors)
    try:
        item = read(made.data)
    except InvalidInput as error:
        errors = [_placed(rows, path, sentence) for path, sentence in error.problems]
        return FileItem(rows, None, errors)
    if made.roundings:
        item.values["roundings"] = made.roundings
    return FileItem(rows, item, made=made)


def _read_account(data: Any) -> Item:
    name = " ".join(str(data["name"]).split())
    if len(name) > LONGEST_NAME:
        raise InvalidInput(("name", f"Needs at most {LONGEST_NAME} characters, this has {len(name)}."))
    return Item(name, {})


def _placed(rows: Sequence[FileRow], path: str, sentence: str) -> CellError:
    """Return a problem with its row, and the key of its column."""
    name, _, rest = path.partition(".")
    if name != "lines":
        return rows[0][0], path or "number", sentence
    place, _, part = rest.partition(".")
    of_lines = [row for row, cells in rows if not OF_LINES.isdisjoint(cells)]
    row = of_lines[int(place)] if place.isdigit() and int(place) < len(of_lines) else rows[0][0]
    return row, f"lines.{part}" if part else "lines.name", sentence
