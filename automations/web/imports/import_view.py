"""What the page of one import shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from automations.connectors.sources.written_numbers import OTHER, number_of
from automations.features.csv_files import csv_lines
from automations.features.csv_files.csv_columns import NOUNS, CsvColumn, columns_of
from automations.features.csv_import import column_memory, import_lookups, imports, unknown_words
from automations.features.csv_import.amount_marks import NUMBERS
from automations.features.csv_import.column_guesses import FORMATS, targets
from automations.features.csv_import.csv_format import folded
from automations.features.csv_import.csv_text import ENCODINGS
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import (
    CHANGE,
    CHECKED,
    CHECKING,
    CREATE,
    IMPORTING,
    MAPPING,
    REFUSED,
    SAME,
    WORKING,
    CsvImport,
    CsvRecord,
)
from automations.web.imports.import_forms import MARK_KEYS, MARKS, MONTH_FIRST, words_in
from automations.web.kit.template_filters import counted, day, money

#: Records of each verdict on the page.
LISTED = 10
#: Amounts of a record on the page: enough to see how they were read.
AMOUNTS_SHOWN = 2
DATES = ("date", "datetime")
#: Verdict -> icon, tone, and what the list of its records is called.
VERDICTS = {
    REFUSED: ("alert", "red", "Refused"),
    CREATE: ("plus", "teal", "New"),
    CHANGE: ("pencil", "azure", "Changed"),
    SAME: ("check", "secondary", "Left as they are"),
}


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A word that no list has: the field, the heading of its column, its rows, and what it is to mean."""

    field: str
    label: str
    said: str
    rows: int
    meant: str
    options: list[tuple[str, str]]

    @property
    def waits(self) -> bool:
        return not self.meant


@dataclass
class ImportView:
    one: CsvImport
    words: StoreWords
    #: What is wrong with the columns chosen, and those.
    problem: str = ""
    columns: Sequence[str] | None = None
    #: Whether the columns are to be chosen, though they were before.
    chooses_columns: bool = False
    #: The form that was refused: what was chosen in it stays chosen.
    kept: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: VERDICTS)

    def __post_init__(self) -> None:
        self.subject = self.one.subject
        self.noun, self.nouns = NOUNS[self.subject]
        self.counts = import_lookups.counts(self.one)
        self.taken: Mapping[str, int] = self.one.figures.get("taken", {})
        self.is_working = self.one.state in WORKING
        self.shows_columns = self.one.state == MAPPING or (self.chooses_columns and self.one.state == CHECKED)

    @cached_property
    def ours(self) -> list[CsvColumn]:
        """The columns of ours that a column of the file may be."""
        return columns_of(self.subject, self.words)

    @cached_property
    def others(self) -> list[CsvColumn]:
        """What else a column may say."""
        return targets(self.subject, self.words)[len(self.ours) :]

    @property
    def labels(self) -> dict[str, str]:
        return {column.key: column.label for column in [*self.ours, *self.others]}

    def chosen(self, form: Mapping[str, str]) -> list[str]:
        """Return the key of our column for each column of the file, as a form says."""
        known = self.labels
        sent = (form.get(f"column-{place}", "") for place in range(len(self.one.headings)))
        return [key if key in known else "" for key in sent]

    @property
    def rows(self) -> list[tuple[int, str, str, list[str]]]:
        """The columns of the file: place, heading, key of ours, and what stands in its first rows."""
        columns = self.columns or self.one.columns
        return [
            (place, heading, columns[place], self._samples(place))
            for place, heading in enumerate(self.one.headings)
        ]

    def is_recalled(self, place: int, key: str) -> bool:
        """Whether a column is what was chosen for an earlier file."""
        return self.columns is None and column_memory.is_recalled(self.one.options, place, key)

    @property
    def overruled(self) -> str:
        """That amounts are not written as was chosen for earlier files, as a sentence; or ""."""
        names, mark = {",": "comma", ".": "point"}, str(self.one.options.get("overruled"))
        if mark not in names:
            return ""
        now, before = names[OTHER[mark]], names[mark]
        return (
            f"This file shows a decimal {now}, so it is read that way. Earlier files had a decimal {before}."
        )

    def _samples(self, place: int) -> list[str]:
        cells = [row[place] for row in self.one.sample if place < len(row) and row[place].strip()]
        return list(dict.fromkeys(cells))[:2]

    @cached_property
    def unknown(self) -> list[ShownWord]:
        """The words of the file that no list of the store has."""
        lists, meanings = imports.lists_of(self.subject, self.words), self.one.options.get("words", [])
        headings = {key: heading for heading, key in zip(self.one.headings, self.one.columns, strict=True)}
        chosen = unknown_words.by_word([*meanings, *words_in(self.kept)])
        return [
            ShownWord(
                word.field,
                headings.get(word.field, word.field),
                word.said,
                word.rows,
                chosen.get((word.field, folded(word.said)), ""),
                self.words.options(lists[word.field]),
            )
            for word in unknown_words.listed(self.one.figures)
            if word.field in lists
        ]

    @property
    def other_word_rows(self) -> int:
        return int(self.one.figures.get(unknown_words.OTHER_ROWS, 0))

    @property
    def how(self) -> str:
        """How the file is written: "Shopify, orders · 1,204 rows · comma · UTF-8"."""
        options = self.one.options
        source = FORMATS[options["format"]].label if options["format"] else "A file of your own"
        rows = f"{counted(self.one.total)} row{'' if self.one.total == 1 else 's'}"
        parts = (source, rows, f"separated by {import_lookups.separator_word(self.one)}s")
        return " · ".join((*parts, ENCODINGS[options["encoding"]]))

    @property
    def date_order(self) -> str:
        """Which comes first in its dates: day, month, or "" where it does not matter or nobody knows."""
        if self.kept.get("date_order") in MONTH_FIRST:
            return self.kept["date_order"]
        month_first = self.one.options.get("month_first")
        return "" if month_first is None else "month" if month_first else "day"

    @property
    def asks_for_order(self) -> bool:
        return bool(self.one.options.get("unsettled"))

    @property
    def column_words(self) -> list[str]:
        """The columns that are read: "Order no. as Number", or the heading where both are called the same."""
        labels = self.labels
        pairs = [(heading, labels.get(key, key)) for _, heading, key, _ in self.rows if key]
        return [
            label if folded(heading) == folded(label) else f"“{heading}” as {label}"
            for heading, label in pairs
        ]

    @property
    def left_out(self) -> list[str]:
        return [heading or "(no heading)" for _, heading, key, _ in self.rows if not key]

    @property
    def unclear(self) -> str:
        """An amount of which its column does not show whether it has thousands or decimals, or ""."""
        return str(self.one.options.get("unclear", ""))

    @property
    def amount_readings(self) -> list[tuple[str, str, bool]]:
        """How that amount may be read: key, what it then is, and whether it is read so."""
        kept = MARKS.get(self.kept.get("amounts", ""))
        read_so = kept or self.one.options.get("mark") or self.one.options.get("whole")
        marks = sorted(OTHER, key=lambda mark: mark in self.unclear)
        readings = ((mark, self._reading(mark)) for mark in marks)
        return [(MARK_KEYS[mark], reading, mark == read_so) for mark, reading in readings if reading]

    def _reading(self, mark: str) -> str:
        """Return what the amount is with this mark before its decimals; "" if it is none."""
        number = number_of(csv_lines.unguarded(self.unclear), mark)
        used = "comma" if "," in self.unclear else "point"
        does = "is before decimals" if mark in self.unclear else "separates thousands"
        return "" if number is None else f"{number:f}: the {used} {does}"

    @property
    def to_take(self) -> int:
        """How many records are imported in all."""
        changed = 0 if self.one.options["known"] == "leave" else self.counts[CHANGE]
        return self.counts[CREATE] + changed

    @property
    def progress(self) -> tuple[int, int]:
        """How much of how much is done: rows while it is checked, records while it is imported."""
        if self.one.state == CHECKING:
            return self.one.read, self.one.total
        return sum(self.taken.values()), self.to_take

    @property
    def progress_words(self) -> str:
        done, whole = self.progress
        what = "rows checked" if self.one.state == CHECKING else f"{self.nouns} imported"
        return f"{counted(done)} of {counted(whole)} {what}"

    @property
    def is_importing(self) -> bool:
        return self.one.state == IMPORTING

    @property
    def start_words(self) -> str:
        """What the button that starts it all does."""
        new, changed = self.counts[CREATE], self.counts[CHANGE]
        both = new and changed
        return (
            f"Import {counted(new)} and change {counted(changed)}"
            if both
            else f"Change {counted(changed)} {self._of(changed)}"
            if changed
            else f"Import {counted(new)} {self._of(new)}"
        )

    def _of(self, count: int) -> str:
        return self.noun if count == 1 else self.nouns

    @cached_property
    def listed(self) -> list[tuple[str, list[CsvRecord]]]:
        """The first records of each verdict that has any."""
        return [
            (verdict, import_lookups.records(db.session(), self.one, verdict, LISTED))
            for verdict in VERDICTS
            if self.counts[verdict]
        ]

    def as_read(self, record: CsvRecord) -> str:
        """Return the first amounts of a record as they were read: "Total £1,234.00"; "" if it has none.

        A date goes with them where dates may be read in two ways.
        """
        made = record.data.get("made", {})
        currency = made.get("currency", "")
        return ", ".join(
            f"{column.label} {_written(column.type, value, currency)}"
            for column in self._telling_columns
            if (value := _at(made, column.key)) is not None
        )

    @cached_property
    def _telling_columns(self) -> list[CsvColumn]:
        """The columns by which one sees how the file is read: the total first, then as they stand in it."""
        known = {column.key: column for column in [*self.ours, *self.others]}
        columns = [known[key] for key in self.one.columns if key in known]
        amounts = [column for column in columns if column.type in NUMBERS]
        dates = [column for column in columns if column.type in DATES and self.asks_for_order]
        return sorted(amounts, key=lambda column: column.key != "total")[:AMOUNTS_SHOWN] + dates[:1]

    @cached_property
    def refused(self) -> int:
        return self.counts[REFUSED] + int(self.taken.get(REFUSED, 0))

    @cached_property
    def listening(self) -> list[str]:
        """The automations that would fire for what is imported, by name."""
        return import_lookups.listening(db.session(), self.one.store_id, self.subject)


def _at(made: Any, path: str) -> Any:
    """Return the value at a path of a record: of its lines that of the first; None if there is none."""
    for part in path.split("."):
        made = made[0] if isinstance(made, list) and made else made
        made = made.get(part) if isinstance(made, Mapping) else None
    return made


def _written(type: str, value: Any, currency: str) -> str:
    if type in DATES:
        return day(dt.date.fromisoformat(value[:10]))
    return money(Decimal(value), currency) if type == "money" else f"{value}"
