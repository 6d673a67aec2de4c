"""The activity log as a CSV file for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from automations.features.csv_files import csv_lines
from automations.features.history.log_entries import NOT_APPLICABLE, LogEntry, VerdictLine

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
    about = (when, entry.record, entry.trigger, _change(entry), entry.cause)
    if verdict is None:
        return (*about, "", "", "", "", "")
    actions = "; ".join(f"{run.label}: {run.badge.word}" for run in verdict.runs)
    actions = "; ".join([actions] * bool(actions) + [f"would have: {would}" for would in verdict.would])
    missing = [chip.text for chip in verdict.chips if not chip.holds and not chip.spared]
    failed = missing if verdict.outcome == NOT_APPLICABLE else []
    reasons = [verdict.error, *(run.reason for run in verdict.runs), *failed]
    why = "; ".join(filter(None, reasons))
    return (*about, verdict.name, str(verdict.version), verdict.badge.word, actions, why)


def _change(entry: LogEntry) -> str:
    """Return what changed, in the words of the page: "Unpaid → Paid with Note", "Note, Total"."""
    also = ", ".join(entry.also)
    return f"{entry.change} with {also}" if entry.change and also else entry.change or also
