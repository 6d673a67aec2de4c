"""Takes an uploaded file: reads it once to its end, so that nothing is kept of one that cannot be read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from sqlalchemy.orm import Session

from automations.engine.operators.value_types import counted
from automations.features.csv_import import (
    cell_values,
    column_memory,
    csv_text,
    file_pieces,
    mark_tallies,
    unknown_words,
    ways_of_writing,
)
from automations.features.csv_import.column_guesses import format_of, guessed, targets
from automations.features.csv_import.csv_text import UnreadableCsv
from automations.features.csv_import.mark_tallies import Tallies
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import MAPPING, CsvImport
from automations.models.tables.store import Store

LARGEST = 80 * 1024 * 1024
MOST_ROWS = 250_000
#: Rows by which the columns are shown, and by which the way of writing is guessed.
SHOWN, LOOKED_AT = 5, 1_000
LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that can be read: how, its headings, its first rows, and how many there are."""

    encoding: str
    separator: str
    headings: list[str]
    first: list[list[str]]
    total: int
    size: int
    #: How the numbers in each of its columns are written, by all its rows.
    tallies: Tallies


def read(file: IO[bytes]) -> ReadFile:
    """Read an uploaded file to its end. Raises UnreadableCsv."""
    size = file.seek(0, 2)
    if size > LARGEST:
        raise UnreadableCsv(f"It is {size / 1024**2:.0f} MB. The limit is {LARGEST // 1024**2} MB: split it.")
    encoding = csv_text.encoding_of(file_pieces.pieces_of(file))
    file.seek(0)
    separator = csv_text.separator_of(_beginning(file.read(file_pieces.PIECE), encoding))
    rows = csv_text.rows(file_pieces.pieces_of(file), encoding, separator)
    headings = csv_text.headings_of(next(rows, (0, []))[1])
    if not headings:
        raise UnreadableCsv("The file is empty.")
    first = [cells for _, cells in islice(rows, LOOKED_AT)]
    csv_text.refuse_one_column(headings, first)
    tallies, total = mark_tallies.tallied(first), len(first)
    for _, cells in rows:
        mark_tallies.see(tallies, cells)
        total += 1
    if not total:
        raise UnreadableCsv("There is nothing below the headings.")
    if total > MOST_ROWS:
        raise UnreadableCsv(f"It has {counted(total)} rows. The limit is {counted(MOST_ROWS)}: split it.")
    return ReadFile(encoding, separator, headings, first, total, size, tallies)


def begin(
    session: Session,
    store: Store,
    words: StoreWords,
    subject: str,
    name: str,
    uploaded: tuple[ReadFile, IO[bytes]],
    asked_by: str,
    now: dt.datetime,
) -> CsvImport:
    """Keep the file with what is guessed of it, inside write()."""
    found, file = uploaded
    source = format_of(found.headings, subject)
    remembered = unknown_words.remembered(store, subject, source.key if source else "")
    recalled = column_memory.recalled(found.headings, subject, remembered, words)
    columns = guessed(found.headings, subject, source, words, recalled)
    options = {
        "encoding": found.encoding,
        "separator": found.separator,
        "format": source.key if source else "",
        "known": "change",
        "fires": False,
        "words": remembered,
        "recalled": {str(place): key for place, key in recalled.items()},
        "amounts": mark_tallies.to_data(found.tallies),
        **dates_in(found.first, columns, subject, words),
    }
    if options["month_first"] is None:
        options["month_first"] = ways_of_writing.remembered_month_first(options)
    options = ways_of_writing.settled(options, columns, subject, words)
    one = CsvImport(
        store_id=store.id,
        subject=subject,
        name=name[:200],
        size=found.size,
        headings=found.headings,
        columns=columns,
        sample=[[cell[:LONGEST_SHOWN] for cell in cells] for cells in found.first[:SHOWN]],
        options=options,
        state=MAPPING,
        total=found.total,
        figures={},
        asked_by=asked_by,
        created_at=now,
    )
    session.add(one)
    session.flush()
    file_pieces.keep(session, one.id, file)
    return one


def dates_in(first: list[list[str]], columns: list[str], subject: str, words: StoreWords) -> dict[str, Any]:
    """Return how the dates in these rows are written, as options of an import."""
    types = {column.key: column.type for column in targets(subject, words)}
    wanted = [
        place
        for place, key in enumerate(columns)
        if key == "placed_day" or types.get(key) in ("date", "datetime")
    ]
    dates = [row[place] for row in first for place in wanted if place < len(row)]
    return {
        "month_first": cell_values.month_first_of(dates),
        "unsettled": cell_values.is_unsettled(dates),
    }


def _beginning(piece: bytes, encoding: str) -> str:
    return piece.decode(encoding, "ignore")
