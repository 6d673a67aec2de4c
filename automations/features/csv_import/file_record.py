"""Makes one record, as our API would be sent it, from the rows of a file that are about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from automations.engine.fields.subject import CUSTOM
from automations.engine.fields.written_amounts import WrittenAmount, written_amount
from automations.features.csv_files import csv_lines
from automations.features.csv_files.csv_columns import LINE, CsvColumn
from automations.features.csv_import.cell_values import CellProblem, CellReading, whole_text, yes_or_no
from automations.features.csv_import.csv_format import EXTRA, CsvFormat, folded
from automations.models.settings.choices import StoreWords
from automations.pipeline.intake import field_types

#: The keys of the columns that say something of one row.
OF_ROWS = frozenset(
    (
        *(f"lines.{key}" for key, _, _ in LINE),
        *(column.key for column in EXTRA["order"] if column.key.startswith(("lines.", "rows."))),
    )
)
#: What is chosen for a word that says nothing that is to be kept.
LEFT_OUT = "-"
#: The number of a row, and its cells that say something by the key of our column.
FileRow = tuple[int, Mapping[str, str]]
#: A row, the key of a column, and a sentence.
CellError = tuple[int, str, str]


@dataclass(slots=True)
class FileRecord:
    """What the rows say: the record as JSON data, what was rounded, and what cannot be taken."""

    data: dict[str, Any] = field(default_factory=dict)
    roundings: dict[str, Mapping[str, str]] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)


class WholeCells:
    """The cells that say something of the whole record: the first of each column, with the row it is in."""

    def __init__(self, rows: Sequence[FileRow]) -> None:
        self.cells: dict[str, str] = {}
        self.row_of: dict[str, int] = {}
        for row, cells in rows:
            for name, cell in cells.items():
                if name not in self.cells and name not in OF_ROWS:
                    self.cells[name], self.row_of[name] = cell, row


@dataclass(frozen=True)
class RecordMaker:
    """How the rows of one file become records."""

    subject: str
    columns: Mapping[str, CsvColumn]
    reading: CellReading
    words: StoreWords
    format: CsvFormat | None = None
    #: (field, folded word) -> the key of an entry or LEFT_OUT, as people chose for words that nobody knew.
    meanings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: How the numbers of some columns are written, by key.
    readings: Mapping[str, CellReading] = field(default_factory=dict)

    def key_of(self, cells: Mapping[str, str]) -> str | None:
        """Return by what the rows of one record are known; None if the row has nothing of the kind."""
        names = {"account": ("name",), "customer": ("number", "email", "id", "phone")}
        for name in names.get(self.subject, ("number",)):
            if cells.get(name):
                return f"{name} {cells[name].strip().casefold()}"
        return None

    def label_of(self, cells: Mapping[str, str]) -> str:
        """Return what people call a record: its number, or a name."""
        named = f"{cells.get('first_name', '')} {cells.get('last_name', '')}".strip()
        names = (cells.get("number"), cells.get("name"), named, cells.get("email"), cells.get("phone"))
        return next((csv_lines.unguarded(name) for name in names if name), "")[:200]

    def make(self, whole: WholeCells) -> FileRecord:
        """Return the record with what the columns say of it."""
        made = FileRecord(dict(self.format.always) if self.format else {})
        currency = whole.cells.get("currency", "").strip().upper() or self.words.currency
        for name, cell in whole.cells.items():
            if name in self.columns:
                self._put(made, name, cell, whole.row_of[name], currency)
        return made

    @cached_property
    def _extra(self) -> frozenset[str]:
        return frozenset(column.key for column in EXTRA[self.subject])

    def _put(self, made: FileRecord, name: str, cell: str, row: int, currency: str) -> None:
        column = self.columns[name]
        if name in self._extra:
            return
        value = self.value(made, column, cell, row, currency)
        if value is not None:
            put(made.data, name, value)

    def value(
        self, made: FileRecord, column: CsvColumn, cell: str, row: int, currency: str, path: str = ""
    ) -> Any:
        """Return the value of a cell as our API takes it; None, with the error noted, if there is none."""
        try:
            if column.type == "money":
                return self._amount(made, column, cell, currency, path or column.key)
            return self._read(column, csv_lines.unguarded(cell))
        except CellProblem as error:
            made.errors.append((row, column.key, str(error)))
            return None

    def _amount(self, made: FileRecord, column: CsvColumn, cell: str, currency: str, path: str) -> str:
        amount = _written(self._reading(column), csv_lines.unguarded(cell), currency)
        if amount.rounding and not column.key.startswith(("rows.", CUSTOM)):
            made.roundings[path] = amount.rounding
        return f"{amount.amount:f}"

    def _read(self, column: CsvColumn, cell: str) -> Any:
        read = _READ.get(column.type)
        if read is not None:
            return read(self._reading(column), cell)
        if column.type == "choice" and column.list_key:
            return self._choice(column, cell)
        return whole_text(cell) if column.key in _IDS else cell.strip()

    def _reading(self, column: CsvColumn) -> CellReading:
        return self.readings.get(column.key, self.reading)

    def _choice(self, column: CsvColumn, cell: str) -> str | None:
        meant = self.entry_of(column, cell) or self.meanings.get((column.key, folded(cell)), cell)
        return None if meant == LEFT_OUT else meant

    def entry_of(self, column: CsvColumn, cell: str) -> str | None:
        """Return what a word is known to mean, the word if the intake reads it, None if nobody knows it."""
        words, name = self.words, column.list_key
        if words.key_for(name, cell) is not None:
            return cell
        said = " ".join(cell.casefold().removeprefix("wc-").replace("-", " ").replace("_", " ").split())
        of_format = self.format.words.get(column.key, {}).get(said) if self.format else None
        known = words.key_for(name, of_format) if of_format else None
        return known or (cell if field_types.meant(words, name, cell) else None)


@lru_cache(maxsize=4096)
def _written(reading: CellReading, cell: str, currency: str) -> WrittenAmount:
    """Return an amount rounded by the one rule. A shop’s prices repeat. Raises CellProblem."""
    exact = reading.amount(cell)
    try:
        return written_amount(f"{exact:f}", currency)
    except (ValueError, KeyError):
        raise CellProblem(f"Needs an amount in a known currency, not {cell[:40]}.") from None


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Put a value into JSON data where a path says: "total", "customer.email", "custom.colour"."""
    name, _, part = path.partition(".")
    if part:
        data.setdefault(name, {})[part] = value
    else:
        data[name] = value


def quantity(reading: CellReading, cell: str) -> int | float:
    """Return how many a cell says. Raises CellProblem."""
    number = reading.amount(cell)
    return int(number) if number == number.to_integral_value() else float(number)


#: What must not have lost digits.
_IDS = frozenset({"number", "customer.number", "lines.sku", "phone", "customer.phone", "tracking_number"})
_READ: Mapping[str, Callable[[CellReading, str], Any]] = {
    "date": lambda reading, cell: reading.day(cell),
    "datetime": lambda reading, cell: reading.moment(cell),
    "bool": lambda _, cell: yes_or_no(cell),
    "tags": lambda _, cell: [tag.strip() for tag in cell.split(",") if tag.strip()],
    "quantity": quantity,
    "number": quantity,
}
