"""All rows of a backtest as a CSV file, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from automations.features.backtest import backtests
from automations.features.backtest.lines import Line, Teller
from automations.features.csv_files import csv_lines
from automations.models.tables.backtest import FATES

HEADINGS = ("When (UTC)", "What changes", "Record", "Sentence", "Would have been done")
#: Rows told at once: their snapshots are let go of before the next ones are read.
AT_ONCE = 100


def lines(teller: Teller) -> Iterator[str]:
    """Yield the file line by line, headings first; gained, lost, same, the newest of each first."""
    yield csv_lines.BEGINNING + csv_lines.line(HEADINGS)
    for fate in FATES:
        for firings in backtests.all_firings(teller.session, teller.backtest, fate):
            for begin in range(0, len(firings), AT_ONCE):
                for told in teller.lines(fate, firings[begin : begin + AT_ONCE]):
                    yield csv_lines.line(_cells(told, bool(teller.backtest.version_id)))


def _cells(told: Line, compared: bool) -> tuple[str, ...]:
    fate = told.fate if compared else "would have fired"
    return f"{told.firing.at:%Y-%m-%d %H:%M:%S}", fate, told.number, told.text, told.also
