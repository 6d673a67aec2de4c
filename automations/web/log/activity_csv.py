"""The activity log as a CSV file for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from automations.features.csv_files import csv_lines
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


def lines(entries: Iterable[LogEntry]) -> Iterator[str]:
    """Yield the file line by line, headings first: one line per verdict, at least one per entry."""
    yield csv_lines.BEGINNING + csv_lines.line(HEADINGS)
    for entry in entries:
        for verdict in entry.verdicts or (None,):
            yield csv_lines.line(_cells(entry, verdict))


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
