"""Makes the records of a file: its columns, its items, and what is put together from several columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from automations.features.csv_import import unknown_words
from automations.features.csv_import.below_zero import amounts_below_zero
from automations.features.csv_import.cell_values import CellReading
from automations.features.csv_import.column_guesses import FORMATS, targets
from automations.features.csv_import.file_record import FileRecord, FileRow, RecordMaker, WholeCells
from automations.features.csv_import.finishing import finish
from automations.features.csv_import.order_lines import add_lines
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CsvImport

#: The key under which a row says that it is too short.
SHORT = "short"
NEEDS = {
    "order": ("number", "Needs a number, so that a second import finds the same order."),
    "event": ("number", "Needs a number, so that a second import finds the same event."),
    "account": ("name", "Needs a name."),
}


def maker_of(one: CsvImport, words: StoreWords) -> RecordMaker:
    """Return how the rows of an import become records."""
    options = one.options
    reading = CellReading(words.zone, month_first=options.get("month_first"))
    readings = {key: replace(reading, mark=mark) for key, mark in options.get("marks", {}).items()}
    columns = {column.key: column for column in targets(one.subject, words)}
    meanings = unknown_words.by_word(options.get("words", []))
    source = FORMATS.get(options.get("format", ""))
    return RecordMaker(one.subject, columns, reading, words, source, meanings, readings)


def record_of(maker: RecordMaker, rows: Sequence[FileRow]) -> FileRecord:
    """Return the record that these rows describe."""
    whole = WholeCells(rows)
    made = maker.make(whole)
    made.errors += [(row, "", cells[SHORT]) for row, cells in rows if SHORT in cells]
    currency = str(made.data.get("currency") or maker.words.currency)
    if maker.subject == "order":
        add_lines(maker, made, rows, currency)
    finish(maker, made, whole, currency)
    made.errors += amounts_below_zero(maker, made, rows, whole)
    name, sentence = NEEDS.get(maker.subject, ("", ""))
    if name and not made.data.get(name) and not made.errors:
        made.errors.append((rows[0][0], name, sentence))
    if maker.subject == "customer" and not (made.data.get("number") or made.data.get("email")):
        sentence = "Needs a number or an email, so that a second import finds the same customer."
        made.errors.append((rows[0][0], "email", sentence))
    return made
