"""Lines of CSV for spreadsheets: whatever a cell says, none runs it as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

#: Without the byte order mark at the beginning, Excel does not read the file as UTF-8.
BEGINNING = "\ufeff"
#: Spreadsheets run a cell that begins with one of these signs as a formula, even after invisible characters.
#: Some also split cells at semicolons, tabs or bars, so text after those is guarded too.
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_FORMULA = re.compile(rf"(^|[;|\t\r\n])(?=[{_UNSEEN}]*[=+\-@＝＋－＠])")
#: An apostrophe that was put there: before a sign, or before digits that a spreadsheet would shorten.
_GUARDED = re.compile(rf"(^|[;|\t\r\n])'(?=[{_UNSEEN}]*[=+\-@＝＋－＠]|[\t\r\n0-9])")


def guarded(text: str) -> str:
    """Return the cell's text with an apostrophe before anything a spreadsheet would run as a formula."""
    safe = _FORMULA.sub(r"\1'", text)
    return f"'{safe}" if safe.startswith(("\t", "\r", "\n")) else safe


def unguarded(text: str) -> str:
    """Return what stood in a cell before it was guarded, by us or by a shop that guards in the same way."""
    return _GUARDED.sub(r"\1", text) if "'" in text else text


def line(cells: Sequence[str]) -> str:
    """Return one line of the file, every cell guarded and quoted."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([guarded(cell) for cell in cells])
    return text.getvalue()
