"""The activity log as a CSV file for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from automations.features.history.log_entries import LogEntry, VerdictLine

HEADINGS = (
    "When (UTC)",
    "Record",
    "What happened",
    "Change",
    "By",
    "Automation",
    "Version",
    "Outcome",
    "Actions",
    "Why",
)
#: Spreadsheets run a cell that begins with one of these signs as a formula, even after invisible characters.
#: Some also split cells at semicolons, tabs or bars, so text after those is guarded too.
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_FORMULA = re.compile(rf"(^|[;|\t\r\n])(?=[{_UNSEEN}]*[=+\-@＝＋－＠])")


def lines(entries: Iterable[LogEntry]) -> Iterator[str]:
    """Yield the file line by line, headings first: one line per verdict, at least one per entry."""
    # Without the byte order mark, Excel does not read the file as UTF-8.
    yield "\ufeff" + _line(HEADINGS)
    for entry in entries:
        for verdict in entry.verdicts or (None,):
            yield _line(_cells(entry, verdict))


def guarded(text: str) -> str:
    """Return the cell's text with an apostrophe before anything a spreadsheet would run as a formula."""
    safe = _FORMULA.sub(r"\1'", text)
    return f"'{safe}" if safe.startswith(("\t", "\r", "\n")) else safe


def _cells(entry: LogEntry, verdict: VerdictLine | None) -> Sequence[str]:
    when = f"{entry.at:%Y-%m-%d %H:%M:%S}"
    about = (when, entry.record, entry.trigger, entry.change, entry.cause)
    if verdict is None:
        return (*about, "", "", "", "", "")
    actions = "; ".join(f"{run.label}: {run.badge.word}" for run in verdict.runs)
    failed = [chip.text for chip in verdict.chips if not chip.holds]
    reasons = [verdict.error, *(run.reason for run in verdict.runs), *failed]
    why = "; ".join(filter(None, reasons))
    return (*about, verdict.name, str(verdict.version), verdict.badge.word, actions, why)


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([guarded(cell) for cell in cells])
    return text.getvalue()
