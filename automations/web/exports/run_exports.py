"""Runs as CSV files: what needs a person, and of one automation what it did, will do and holds back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, g

from automations.features.history.automation_runs import RunSentence, runs_page
from automations.features.history.log_entries import RunLine
from automations.features.history.log_phrases import record_words
from automations.features.history.upcoming_runs import Upcoming, upcoming
from automations.features.surge import waiting
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import Run
from automations.models.tables.surge_hold import SurgeHold
from automations.web.automations import run_list_pages
from automations.web.automations.surges import holds_of
from automations.web.exports.csv_response import AT_ONCE, csv_response, local, pieces
from automations.web.kit.scope import automation_or_404
from automations.web.log import run_pages
from automations.web.records.kind_pages import store_words

bp = Blueprint("run_exports", __name__)

NEEDS_YOU = ("Due", "Outcome", "Action", "To", "Why", "Record", "Automation", "Version")
RUN = ("At", "Outcome", "Action", "To", "Why", "Record", "Customer", "Version", "Further actions")
UPCOMING = ("At", "Action", "Record", "Records", "Waits already")
HELD = ("At", "Record", "Customer", "What happened")
#: What is to come is computed as a whole, so there is an end to it; the page shows a tenth of it.
MOST_UPCOMING = 1000


@bp.get("/needs-you.csv")
def needs_you() -> Response:
    """Return what waits for a person, then what is still tried again or held; each newest first."""
    return csv_response("needs-you", NEEDS_YOU, _needing(), "what needs someone")


@bp.get("/automations/<int:automation_id>/runs.csv")
def of_automation(automation_id: int) -> Response:
    """Return the runs of the automation with the outcome that the page shows, newest first."""
    automation = automation_or_404(automation_id)
    rows = _runs(automation, run_list_pages.asked_for())
    return csv_response("runs", RUN, rows, f"the runs of “{automation.name}”")


@bp.get("/automations/<int:automation_id>/upcoming.csv")
def upcoming_runs(automation_id: int) -> Response:
    automation, now = automation_or_404(automation_id), dt.datetime.now(dt.UTC)
    lines = upcoming(db.session(), g.store, automation, MOST_UPCOMING, now=now)
    return csv_response("upcoming", UPCOMING, map(_coming, lines), f"what comes of “{automation.name}”")


@bp.get("/automations/<int:automation_id>/hold.csv")
def held(automation_id: int) -> Response:
    """Return the firings that a hold keeps back, in the order in which they would go."""
    automation = automation_or_404(automation_id)
    holds = holds_of(automation)
    rows = _held(holds[0]) if holds else iter(())
    return csv_response("held", HELD, rows, f"what is held of “{automation.name}”")


def _needing() -> Iterator[Sequence[str]]:
    for query in (run_pages.undecided(), run_pages.still_failing()):
        for runs in pieces(query, Run.id):
            lines = run_pages.lines_by_id(runs)
            yield from (_needs(run, lines[run.id]) for run in runs)


def _needs(run: Run, line: RunLine) -> Sequence[str]:
    occurrence, version = run.evaluation.occurrence, run.evaluation.version
    record = record_words(occurrence.subject, occurrence.snapshot)
    return local(run.due_at), *_told(line), record, version.name, str(version.number)


def _runs(automation: Automation, outcome: str) -> Iterator[Sequence[str]]:
    words, before = store_words(), None
    while True:
        page = runs_page(db.session(), words, automation, outcome, before, AT_ONCE)
        yield from map(_run, page.runs)
        if page.next is None:
            return
        before = page.next
        # The session keeps what it read, snapshots too.
        db.session.expunge_all()


def _run(run: RunSentence) -> Sequence[str]:
    outcome = run_list_pages.word_of(run.outcome)
    _, action, to, why = _told(run.worst) if run.worst else ("", "", "", "")
    others = "; ".join(f"{line.label}: {line.badge.word}" for line in run.others)
    customer = str(run.customer.get("name") or "")
    about = (run.record, customer, str(run.version), others)
    return local(run.at), outcome, action, to, why or run.error, *about


def _told(line: RunLine) -> Sequence[str]:
    return line.badge.word, line.label, ", ".join(line.named), line.reason


def _coming(line: Upcoming) -> Sequence[str]:
    action = line.action[:1].upper() + line.action[1:]
    return local(line.at), action, line.record, str(line.count), "yes" if line.run_id else "no"


def _held(hold: SurgeHold) -> Iterator[Sequence[str]]:
    after = 0
    while rows := waiting.page(db.session(), hold, after, AT_ONCE):
        yield from map(_firing, rows)
        after = rows[-1].id


def _firing(row: Evaluation) -> Sequence[str]:
    occurrence = row.occurrence
    customer = occurrence.snapshot.get("customer") or {}
    record = record_words(occurrence.subject, occurrence.snapshot)
    return local(row.at), record, str(customer.get("name") or ""), occurrence.cause
