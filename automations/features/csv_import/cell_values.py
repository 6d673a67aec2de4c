"""Reads one cell: an amount, a date, a moment, a yes. What is not clear is refused, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from automations.connectors.sources.delivery_dates import day_of
from automations.connectors.sources.written_numbers import EXAMPLES, OTHER, UNCLEAR, mark_of, number_of
from automations.engine.operators.value_types import shown

_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.ASCII | re.IGNORECASE)
_SLASHED = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-][0-9]{2,4}", re.ASCII)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:\.[0-9]+)?\s*([AaPp][Mm])?", re.ASCII)
_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})$|\b(?:UTC|GMT)$|(?<=[0-9])Z$", re.ASCII)
_YES = frozenset({"yes", "y", "true", "1", "subscribed", "ja", "oui", "si", "sí", "sì"})
_NO = frozenset({"no", "n", "false", "0", "unsubscribed", "not subscribed", "nein", "non", "nee"})
#: What Square calls a zone -> its name; elsewhere the store's own zone counts.
_ZONES = {
    "eastern time (us & canada)": "America/New_York",
    "central time (us & canada)": "America/Chicago",
    "mountain time (us & canada)": "America/Denver",
    "pacific time (us & canada)": "America/Los_Angeles",
    "arizona": "America/Phoenix",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "atlantic time (canada)": "America/Halifax",
    "london": "Europe/London",
    "dublin": "Europe/Dublin",
    "paris": "Europe/Paris",
    "madrid": "Europe/Madrid",
    "tokyo": "Asia/Tokyo",
    "sydney": "Australia/Sydney",
    "melbourne": "Australia/Melbourne",
    "brisbane": "Australia/Brisbane",
    "perth": "Australia/Perth",
}


class CellProblem(ValueError):
    """A cell says nothing that can be taken; `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class CellReading:
    """How the cells of a column are written.

    `month_first` is None, and `mark`, the one before decimals, is "", where nothing in the file settles it.
    """

    zone: ZoneInfo
    mark: str = ""
    month_first: bool | None = None

    def amount(self, cell: str) -> Decimal:
        """Return an amount, or any number. Raises CellProblem."""
        mark = self.mark or mark_of(cell)
        if mark == UNCLEAR:
            either = " or ".join(f"{number_of(cell, mark):f}" for mark in OTHER)
            raise CellProblem(f"{shown(cell)} may be {either}. Choose how amounts are written.")
        number = number_of(cell, mark or ".")
        if number is None:
            raise CellProblem(f"Needs an amount such as {EXAMPLES[mark or '.']}, not {shown(cell)}.")
        return number

    def day(self, cell: str) -> str:
        """Return a day as 2026-11-24. Raises CellProblem."""
        self._settle(cell)
        day = day_of(_four_digits(cell), self.zone, bool(self.month_first))
        if day is None:
            raise CellProblem(f"Needs a date such as 2026-11-24, not {shown(cell)}.")
        return day.isoformat()

    def moment(self, cell: str, zone_words: str = "") -> str:
        """Return a moment with its offset; without one it is by the store's clock. Raises CellProblem."""
        text = cell.strip()
        offset = _OFFSET.search(text)
        rest = text[: offset.start()].strip() if offset else text
        clock = _CLOCK.search(rest)
        day = dt.date.fromisoformat(self.day(rest[: clock.start()].rstrip(" T,") if clock else rest))
        zone = ZoneInfo(_ZONES[folded]) if (folded := zone_words.strip().casefold()) in _ZONES else self.zone
        try:
            local = dt.datetime.combine(day, _time(clock) if clock else dt.time(), zone)
        except ValueError:
            raise CellProblem(f"Needs a time such as 14:30, not {shown(cell)}.") from None
        if offset:
            sign, hours, minutes = offset[1] or "+", offset[2] or "00", offset[3] or "00"
            return f"{local:%Y-%m-%dT%H:%M:%S}{sign}{hours}:{minutes}"
        return local.isoformat()

    def _settle(self, cell: str) -> None:
        match = _SLASHED.match(cell.strip())
        if match and self.month_first is None and max(int(match[1]), int(match[2])) <= 12:
            raise CellProblem(
                f"{shown(cell)} may be either of two days. Choose whether days or months come first."
            )


def yes_or_no(cell: str) -> bool:
    """Return what a cell answers. Raises CellProblem."""
    folded = cell.strip().casefold()
    if folded not in _YES | _NO:
        raise CellProblem(f"Needs yes or no, not {shown(cell)}.")
    return folded in _YES


def whole_text(cell: str) -> str:
    """Return a number or a name as it is. Raises CellProblem for one that a spreadsheet has shortened."""
    if _SHORTENED.fullmatch(cell.strip()):
        raise CellProblem(
            f"{shown(cell)} was shortened by a spreadsheet, which lost digits. Use the file as exported."
        )
    return cell.strip()


def month_first_of(cells: Iterable[str]) -> bool | None:
    """Return whether months come first in these dates; None if none of them settles it."""
    for cell in cells:
        match = _SLASHED.match(cell.strip())
        if match and (int(match[1]) > 12) != (int(match[2]) > 12):
            return int(match[2]) > 12
    return None


def is_unsettled(cells: Iterable[str]) -> bool:
    """Return whether dates are written so that a day may be taken for a month, and none settles it."""
    texts = list(cells)
    return month_first_of(texts) is None and any(_SLASHED.match(cell.strip()) for cell in texts)


def _four_digits(cell: str) -> str:
    """Return a date with a year of four digits: 24/11/26 is of this century."""
    return re.sub(r"^(\d{1,2}[/.-]\d{1,2}[/.-])(\d{2})$", r"\g<1>20\2", cell.strip())


def _time(clock: re.Match[str]) -> dt.time:
    hour, half = int(clock[1]), (clock[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return dt.time(hour, int(clock[2]), int(clock[3] or 0))
