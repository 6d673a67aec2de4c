"""Keeps an uploaded file in pieces, reads its rows from them, and deletes what is kept."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.csv_import import csv_text
from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.tables.csv_import import CsvImport, CsvPiece, CsvRecord

PIECE = 256 * 1024
_TABLE = CsvPiece.metadata.tables["csv_piece"]


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a file from its beginning, piece by piece."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def keep(session: Session, import_id: int, file: IO[bytes]) -> None:
    """Write the pieces of a file, inside write()."""
    for place, piece in enumerate(pieces_of(file)):
        (id,) = reserve(session, _TABLE.name, 1)
        values = {"id": id, "import_id": import_id, "place": place, "content": zlib.compress(piece, 1)}
        bulk_write.insert(session, _TABLE, [values])


def kept(session: Session, import_id: int) -> Iterator[bytes]:
    """Yield the pieces of a kept file, one query for each: only one is in memory."""
    place = 0
    while True:
        query = sa.select(CsvPiece.content).where(CsvPiece.import_id == import_id, CsvPiece.place == place)
        content = session.scalar(query)
        if content is None:
            return
        yield zlib.decompress(content)
        place += 1


def rows_of(session: Session, one: CsvImport) -> Iterator[csv_text.Row]:
    """Yield the rows of a kept file below its headings."""
    options = one.options
    rows = csv_text.rows(kept(session, one.id), options["encoding"], options["separator"])
    next(rows, None)
    yield from rows


def forget(session: Session, import_id: int) -> None:
    """Delete the pieces of a file, inside write()."""
    gone = sa.delete(CsvPiece).where(CsvPiece.import_id == import_id)
    session.execute(gone, execution_options={"synchronize_session": False})


def forget_records(session: Session, import_id: int, *where: sa.ColumnElement[bool]) -> None:
    """Delete the records of an import, inside write()."""
    gone = sa.delete(CsvRecord).where(CsvRecord.import_id == import_id, *where)
    session.execute(gone, execution_options={"synchronize_session": False})
