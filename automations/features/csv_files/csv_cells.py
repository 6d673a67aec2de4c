"""Writes a record as rows of cells, so that an import reads the same record back from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from automations.engine.fields.subject import CUSTOM
from automations.features.csv_files.csv_columns import CsvColumn
from automations.models.settings.choices import StoreWords

TAG_SEPARATOR = ", "


def rows_of(record: Any, columns: Sequence[CsvColumn], words: StoreWords) -> Iterator[list[str]]:
    """Yield the rows of a record: one, or one for each line; only the first says what is not of a line."""
    lines: Sequence[Mapping[str, Any] | None] = getattr(record, "lines", None) or [None]
    for place, line in enumerate(lines):
        yield [_cell(record, line, column, words, is_first=not place) for column in columns]


def _cell(
    record: Any, line: Mapping[str, Any] | None, column: CsvColumn, words: StoreWords, *, is_first: bool
) -> str:
    if column.of_line:
        return _text((line or {}).get(column.key.partition(".")[2]), column, words)
    if not is_first and column.key != "number":
        return ""
    return _text(_value(record, column.key), column, words)


def _value(record: Any, key: str) -> Any:
    if key.startswith(CUSTOM):
        return (record.custom or {}).get(key.removeprefix(CUSTOM))
    name, _, part = key.partition(".")
    value = getattr(record, name)
    if not part or value is None:
        return value.name if name == "account" and value is not None else value
    return value.get(part) if isinstance(value, Mapping) else getattr(value, part)


def _text(value: Any, column: CsvColumn, words: StoreWords) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.type == "choice" and column.list_key:
        return words.choice(column.list_key, value)
    if isinstance(value, dt.datetime):
        return words.local(value).isoformat(" ", "seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return TAG_SEPARATOR.join(value)
    return str(value)
