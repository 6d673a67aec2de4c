"""Reads the bytes of a CSV file as rows, however long it is; what is wrong with it is said in a sentence."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from automations.engine.operators.value_types import counted

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
#: The first line by which Excel is told the separator.
_SAID = "sep="
#: Tried in this order; what no program reads as UTF-8 is what Excel on Windows saves.
UTF8, UTF16, WINDOWS = "utf-8-sig", "utf-16", "cp1252"
ENCODINGS = {UTF8: "UTF-8", UTF16: "UTF-16", WINDOWS: "Windows-1252"}
LONGEST_CELL = 131_072
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|\?xml)", re.IGNORECASE)
#: What programs also put between columns, and no heading has; “Order #” is one.
_STRANGE = re.compile(r"[\^~¦§‖\x1f]|::|(?<=\w)#(?=\w)")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Row = tuple[int, list[str]]


class UnreadableCsv(ValueError):
    """The file cannot be read; `str(error)` is a sentence that says why and what to do."""


class _Stream(io.RawIOBase):
    """The pieces of a file as one stream."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def encoding_of(pieces: Iterable[bytes]) -> str:
    """Return the encoding of a file. Raises UnreadableCsv."""
    encoding, decoder, is_first = UTF8, codecs.getincrementaldecoder("utf-8")(), True
    windows = codecs.getincrementaldecoder(WINDOWS)()
    can_be_windows = True
    for piece in pieces:
        if is_first:
            _refuse_others(piece)
            if piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return UTF16
            is_first = False
        if encoding == UTF8 and not _decodes(decoder, piece):
            encoding = WINDOWS
        can_be_windows = can_be_windows and _decodes(windows, piece)
        if encoding == WINDOWS and not can_be_windows:
            raise UnreadableCsv("Its text encoding is not recognised. Save it as “CSV UTF-8”.")
    if is_first:
        raise UnreadableCsv("The file is empty.")
    return encoding


def separator_of(text: str) -> str:
    """Return what separates the columns, from the beginning of a file."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if lines and lines[0].casefold().strip(" ")[:-1] == _SAID and lines[0].strip(" ")[-1] in SEPARATORS:
        return lines[0].strip(" ")[-1]

    def columns(separator: str) -> int:
        return len(next(csv.reader(lines[:1], delimiter=separator), []))

    return max(SEPARATORS, key=columns) if lines else ","


def _says_separator(cells: Sequence[str]) -> bool:
    """Whether a row is the line that Excel is told the separator by, cut by that separator."""
    return cells[0].strip().casefold() == _SAID and not any(cells[1:])


def rows(pieces: Iterable[bytes], encoding: str, separator: str) -> Iterator[Row]:
    """Yield the number and the cells of each row that has any, the headings first. Raises UnreadableCsv."""
    text = io.TextIOWrapper(io.BufferedReader(_Stream(pieces)), encoding=encoding, newline="")
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=separator, strict=True), 1):
            if any("\0" in cell for cell in cells):
                raise UnreadableCsv(
                    f"Row {counted(number)} has a character that cannot be kept (NUL). Remove it."
                )
            if any(cell.strip() for cell in cells) and not (number == 1 and _says_separator(cells)):
                yield number, cells
    except UnicodeError:
        raise UnreadableCsv(f"After row {counted(number)} it is no longer {ENCODINGS[encoding]}.") from None
    except csv.Error as error:
        raise UnreadableCsv(_sentence(str(error), number + 1)) from None


def headings_of(row: Sequence[str]) -> list[str]:
    """Return the headings in a row. Raises UnreadableCsv."""
    headings = [" ".join(cell.split()) for cell in row]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > 300:
        raise UnreadableCsv(f"It has {counted(len(headings))} columns. The limit is 300.")
    return headings


def refuse_one_column(headings: Sequence[str], first: Sequence[Sequence[str]]) -> None:
    """Raise UnreadableCsv if all columns are in one, as something else than known stands between them."""
    marks = _STRANGE.findall(headings[0]) if len(headings) == 1 else []
    if marks and all(marks[0] in "".join(cells) for cells in first):
        known = ", ".join(f"{word}s" for word in SEPARATORS.values())
        raise UnreadableCsv(f"Its columns are separated by “{marks[0]}”. Save it with one of these: {known}.")


def _sentence(error: str, number: int) -> str:
    if "unexpected end" in error or "field larger" in error:
        return (
            f"A quotation mark that opens in row {counted(number)} or later is never closed: "
            "the file may have been saved or uploaded only in part."
        )
    return f"Row {counted(number)} cannot be read: there is a quotation mark in the middle of a cell."


def _refuse_others(piece: bytes) -> None:
    if piece.startswith(_WORKBOOKS):
        raise UnreadableCsv("It is a workbook, not a CSV file. Save it as “CSV UTF-8” and upload that.")
    if _WEB_PAGE.match(piece):
        raise UnreadableCsv("It is a web page, not a CSV file. Download the export itself and upload that.")


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes) -> bool:
    try:
        decoder.decode(piece)
    except UnicodeDecodeError:
        return False
    return True
